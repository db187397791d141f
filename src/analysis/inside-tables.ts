/**
 * From what a holder chose to what is released: names for what the vector has as numbers, and nothing
 * that it does not have.
 *
 * Cells       of `top`, one for each choice: the label is in the group, the value is its place, 1 for the
 *             first. Of `keys`, one for each value that is shown, with the value 1. Neither has an
 *             interval: how many rows are behind it was not released.
 * Estimates   of `keys`, how many values are shown in all, which may be more than there are cells. Of an
 *             image, one for each field (measure/answers.ts).
 * Hidden      nothing: no number of rows is here for a minimum to act on. Keys of fewer people than the
 *             minimum are never shown to begin with (cohort/inside/compile.ts).
 * @module
 */
import { check } from '../base/errors.ts';
import { blockOffset } from './block-layout.ts';
import type { ChoiceMeasure } from './choice-measure.ts';
import { answersEstimate } from './measure/answers.ts';
import type { Group, ReleaseCell, ReleaseEstimate, ReleaseTables } from './released.ts';
import { groupOf, HOLDER, type TableShape } from './table-shape.ts';

export type InsideShape = Pick<
  TableShape,
  'dimensions' | 'cells' | 'holders' | 'minimumCell' | 'rounding'
> & {
  readonly choices: readonly { readonly components: number }[];
  readonly measures: readonly ChoiceMeasure[];
};

/** A stored value of a column as a person writes it. */
export type KeyText = (column: string, stored: bigint) => string;

const COUNT_UNIT = '1';
const NO_INTERVAL = { interval: null, noise: null } as const;

const placed = (group: Group, measure: string, value: number): ReleaseCell => ({
  group,
  measure,
  value,
  unit: COUNT_UNIT,
  ...NO_INTERVAL,
  suppressed: false,
});

const named = (group: Group, measure: string, name: string, value: number): ReleaseEstimate => ({
  group,
  measure,
  name,
  value,
  unit: COUNT_UNIT,
  ...NO_INTERVAL,
  p: null,
  suppressed: false,
});

type Entries = {
  readonly cells: readonly ReleaseCell[];
  readonly estimates: readonly ReleaseEstimate[];
};

/** What one cell has of a measure. */
function entriesOf(
  measure: ChoiceMeasure,
  values: readonly bigint[],
  group: Group,
  keyText: KeyText,
): Entries {
  const { name } = measure;
  if (measure.kind === 'top') {
    const { column, labels } = measure;
    const cells = values.map((index, i) => {
      const label = labels[Number(index)];
      check(label !== undefined, 'INVALID_PARAMETER', 'a choice that is no label');
      return placed({ ...group, [column]: label }, name, i + 1);
    });
    return { cells, estimates: [] };
  }
  if (measure.kind === 'keys') {
    const { column, most } = measure;
    const [all = 0n, ...shown] = values;
    check(all >= 0n, 'INVALID_PARAMETER', 'a negative number of values');
    const listed = shown.slice(0, Math.min(most, Number(all)));
    return {
      cells: listed.map((key) => placed({ ...group, [column]: keyText(column, key) }, name, 1)),
      estimates: [named(group, name, 'values shown', Number(all))],
    };
  }
  const estimates = measure.fields.map((field, f) => ({
    group,
    measure: name,
    unit: field.unit,
    ...answersEstimate(measure, field, values.slice(3 * f, 3 * f + 3)),
    suppressed: false,
  }));
  return { cells: [], estimates };
}

/** Refuses a vector of another length with INVALID_PARAMETER. */
export function insideTables(
  shape: InsideShape,
  vector: BigInt64Array,
  keyText: KeyText,
): ReleaseTables {
  const { dimensions, cells, holders, measures, choices, minimumCell, rounding = 1 } = shape;
  const layout = { cells, blocks: choices.map((choice) => ({ runs: [choice] })) };
  check(
    vector.length === blockOffset(layout, choices.length) && measures.length === choices.length,
    'INVALID_PARAMETER',
    `${vector.length} values of choices`,
  );
  const entries = measures.flatMap((measure, m) => {
    const start = blockOffset(layout, m);
    return Array.from({ length: cells }, (_, cell) => {
      const values = Array.from(
        { length: choices[m]?.components ?? 0 },
        (_own, component) => vector[start + component * cells + cell] ?? 0n,
      );
      const group = { [HOLDER]: holders[0] ?? '', ...groupOf(dimensions, cell) };
      return entriesOf(measure, values, group, keyText);
    });
  });
  return {
    cells: entries.flatMap((own) => own.cells),
    curves: [],
    incidences: [],
    estimates: entries.flatMap((own) => own.estimates),
    tests: [],
    disclosure: { minimumCell, rounding, hidden: [] },
  };
}
