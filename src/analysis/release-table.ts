/**
 * From the noised vector to what is released (DESIGN section 8): post-processing only.
 *
 * Values    of one source (unsplit: the sum over holders; split: each holder): block after block,
 *           component after component, one integer for every cell. Split vectors follow each
 *           other in the order of `holders`; pooled cells are then sums of the released
 *           by-holder ones, which costs nothing more (rulings 8).
 * Cells     row-major over the dimensions; the last cell of every axis is `null`.
 * Measures  each reads one block; what several read is one vector.
 * Hidden    by the rules of disclosure/suppression.ts; a curve ends where fewer are at risk; a test, a
 *           ratio or a slope is left out where a value that it reads is hidden. What was hidden, and by
 *           which rule, is part of the release.
 * Rounding  of counts of rows to multiples of the study's, where it has one: values, the intervals and
 *           half-widths wider by half a multiple, each value by itself.
 * @module
 */
import { check } from '../base/errors.ts';
import { hiddenInCell } from './disclosure/cell-rules.ts';
import type { Rule } from './disclosure/suppression.ts';
import type { Entry } from './entry.ts';
import { MeasureReader } from './measure-reader.ts';
import { NoiseWidths } from './release-entry.ts';
import { shownCell, shownCurve, shownEstimate, shownIncidence } from './release-item.ts';
import type {
  Group,
  HiddenItem,
  ReleaseCell,
  ReleaseCurve,
  ReleaseEstimate,
  ReleaseIncidence,
  ReleaseTables,
  ReleaseTest,
} from './released.ts';
import { checkShape, type TableShape } from './table-shape.ts';

export type {
  Group,
  HiddenItem,
  ReleaseCell,
  ReleaseCurve,
  ReleaseEstimate,
  ReleaseIncidence,
  ReleaseTables,
  ReleaseTest,
} from './released.ts';
export { groupOf, type TableRun, type TableShape } from './table-shape.ts';

/** Collects what is shown, and the record of what is not. */
class Tables {
  readonly #shape: TableShape;
  readonly #cells: ReleaseCell[] = [];
  readonly #curves: ReleaseCurve[] = [];
  readonly #incidences: ReleaseIncidence[] = [];
  readonly #estimates: ReleaseEstimate[] = [];
  readonly #tests: ReleaseTest[] = [];
  readonly #hidden: HiddenItem[] = [];

  constructor(shape: TableShape) {
    this.#shape = shape;
  }

  #record(table: HiddenItem['table'], group: Group, measure: string, rule: Rule, name?: string) {
    this.#hidden.push({ table, group, measure, ...(name !== undefined && { name }), rule });
  }

  add(entry: Entry, base: { group: Group; measure: string }, rule: Rule | undefined): void {
    const { measure } = base;
    const group = 'extra' in entry ? { ...base.group, ...entry.extra } : base.group;
    const shown = { group, measure, suppressed: rule !== undefined };
    const hide = (table: HiddenItem['table'], name?: string): void => {
      if (rule !== undefined) this.#record(table, group, measure, rule, name);
    };
    switch (entry.kind) {
      case 'cell':
        this.#cells.push(shownCell(shown, entry, this.#shape.rounding ?? 1));
        hide('cells');
        break;
      case 'curve':
        this.#curves.push(shownCurve(shown, entry, this.#shape.minimumCell));
        hide('curves');
        break;
      case 'incidence':
        this.#incidences.push(shownIncidence(shown, entry, this.#shape.minimumCell));
        hide('incidences', entry.cause);
        break;
      case 'estimate':
        this.#estimates.push(shownEstimate(shown, entry));
        hide('estimates', entry.estimate.name);
        break;
      case 'test':
        if (rule === undefined) this.#tests.push({ group, measure, ...entry.test });
        hide('tests', entry.test.name);
        break;
    }
  }

  done(): ReleaseTables {
    const { minimumCell, rounding = 1 } = this.#shape;
    return {
      cells: this.#cells,
      curves: this.#curves,
      incidences: this.#incidences,
      estimates: this.#estimates,
      tests: this.#tests,
      disclosure: { minimumCell, rounding, hidden: this.#hidden },
    };
  }
}

/** Measure by measure: the by-holder cells (where split), then the pooled ones. */
export function releaseTables(shape: TableShape, vector: BigInt64Array): ReleaseTables {
  checkShape(shape, vector.length);
  const widths = new NoiseWidths();
  const { measures, cells, minimumCell } = shape;
  const readers = measures.map((measure) => new MeasureReader(shape, measure, vector, widths));
  const places = Array.from({ length: cells }, (_, index) => {
    const parts = readers.map((reader) => reader.cell(index));
    return { parts, hidden: hiddenInCell(measures, parts, minimumCell) };
  });
  const tables = new Tables(shape);
  measures.forEach(({ name: measure }, m) => {
    const sources = places[0]?.parts[m]?.length ?? 0;
    for (let source = 0; source < sources; source++) {
      for (const { parts, hidden } of places) {
        const part = parts[m]?.[source];
        check(part !== undefined, 'INTERNAL', 'a cell without its part');
        const { group, entries } = part;
        entries.forEach((entry, e) => {
          tables.add(entry, { group, measure }, hidden[m]?.[source]?.[e]);
        });
      }
    }
  });
  return tables.done();
}
