/**
 * From the noised vector to what is released (DESIGN section 8): post-processing only.
 *
 * Values    of one source (unsplit: the sum over holders; split: each holder): block after block,
 *           component after component, one integer for every cell. Split vectors follow each
 *           other in the order of `holders`; pooled cells are then sums of the released
 *           by-holder ones, which costs nothing more (rulings 8).
 * Cells     row-major over the dimensions; the last cell of every axis is `null`.
 * Measures  each reads one block; what several read is one vector.
 * Hidden    by the noised number of rows behind a value, of a proportion by the smaller of its parts
 *           (disclosure/suppression.ts); a curve ends where fewer are at risk; a test is left out
 *           where one of its curves is hidden. Each measure by itself: what one of them hides,
 *           another may show a bound of.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { blockOffset } from './block-layout.ts';
import { suppressedParts } from './disclosure/suppression.ts';
import { type CellNoise, type Entry, entriesOf, NoiseWidths } from './release-entry.ts';
import type { Group, ReleaseCell, ReleaseCurve, ReleaseTables, ReleaseTest } from './released.ts';
import type { TableMeasure } from './table-measure.ts';

export type { Group, ReleaseCell, ReleaseCurve, ReleaseTables, ReleaseTest } from './released.ts';

/** Components of a block with equal noise: a plan has all of these. */
export type TableRun = {
  readonly components: number;
  /** sigma squared of the share that every holder adds. */
  readonly variance: Rational;
};

/** The public description of a table: a plan has all of these. */
export type TableShape = {
  readonly dimensions: readonly { readonly column: string; readonly labels: readonly string[] }[];
  readonly blocks: readonly { readonly runs: readonly TableRun[] }[];
  readonly measures: readonly TableMeasure[];
  readonly holders: readonly string[];
  readonly split: boolean;
  /** Cells of one holder: the product of (labels + 1). */
  readonly cells: number;
  readonly minimumCell: number;
};

const HOLDER = 'holder';

function checkShape(shape: TableShape, values: number): void {
  const { dimensions, holders, cells, split, measures, blocks } = shape;
  const product = dimensions.reduce((size, { labels }) => size * (labels.length + 1), 1);
  const columns = dimensions.map(({ column }) => column);
  check(product === cells, 'INVALID_PARAMETER', `${product} cells, described as ${cells}`);
  check(holders.length > 0 && measures.length > 0, 'INVALID_PARAMETER', 'holders and measures');
  check(
    new Set([...columns, HOLDER]).size === columns.length + 1,
    'INVALID_PARAMETER',
    'a column twice, or one called holder',
  );
  const expected = blockOffset(shape, blocks.length) * (split ? holders.length : 1);
  check(values === expected, 'INVALID_PARAMETER', `${values} values, expected ${expected}`);
}

/** The labels of cell `index`, row-major, the last position of each axis being null. */
export function groupOf(dimensions: TableShape['dimensions'], index: number): Group {
  const labels: [string, string | null][] = [];
  let rest = index;
  for (const { column, labels: axis } of dimensions.toReversed()) {
    const size = axis.length + 1;
    labels.unshift([column, axis[rest % size] ?? null]);
    rest = Math.floor(rest / size);
  }
  return Object.fromEntries(labels);
}

/** A sum that a double holds exactly; planning makes sure of it. */
function exact(value: bigint): number {
  const number = Number(value);
  check(Number.isSafeInteger(number), 'PLAINTEXT_RANGE', 'a released value beyond 2^53');
  return number;
}

const sizeOf = (entry: Entry): number => {
  if (entry.kind === 'test') return Infinity;
  return entry.kind === 'cell' ? entry.size : entry.curve.count;
};

/** What one source (a holder, or all of them) says of one cell, and which entries are hidden. */
type Part = {
  readonly group: Group;
  readonly entries: readonly Entry[];
  readonly hidden: readonly boolean[];
};

/** Reads the cells of one measure out of the vector. */
class MeasureReader {
  readonly #shape: TableShape;
  readonly #measure: TableMeasure;
  readonly #vector: BigInt64Array;
  readonly #widths: NoiseWidths;
  readonly #variances: readonly Rational[];
  /** Components of the first run, whose sums are exact. */
  readonly #exact: number;

  constructor(
    shape: TableShape,
    measure: TableMeasure,
    vector: BigInt64Array,
    widths: NoiseWidths,
  ) {
    this.#shape = shape;
    this.#measure = measure;
    this.#vector = vector;
    this.#widths = widths;
    const runs = shape.blocks[measure.block]?.runs;
    check(runs !== undefined, 'INVALID_PARAMETER', 'a measure without its block');
    this.#exact = runs[0]?.components ?? 0;
    this.#variances = runs.flatMap(({ components, variance }) =>
      Array.from({ length: components }, () => variance),
    );
  }

  /** The sums of one cell of source `source`, component by component. */
  #sums(source: number, cell: number): bigint[] {
    const { cells, blocks } = this.#shape;
    const start = source * blockOffset(this.#shape, blocks.length);
    const from = start + blockOffset(this.#shape, this.#measure.block) + cell;
    return this.#variances.map((_, component) => this.#vector[from + component * cells] ?? 0n);
  }

  #entries(sums: readonly bigint[], shares: number): Entry[] {
    const noise: CellNoise = { variances: this.#variances, shares };
    // The second run of moments is their sum of products: it is not released, and may be rounded.
    const values = sums.map((sum, i) => (i < this.#exact ? exact(sum) : Number(sum)));
    return entriesOf(this.#measure, values, noise, this.#widths);
  }

  /** The parts of one cell: of every holder where split, then pooled. */
  cell(index: number): Part[] {
    const { dimensions, holders, split, minimumCell } = this.#shape;
    const group = groupOf(dimensions, index);
    const sources = (split ? holders : ['']).map((_, i) => this.#sums(i, index));
    const pooledSums = this.#variances.map((_, c) =>
      sources.reduce((sum, own) => sum + (own[c] ?? 0n), 0n),
    );
    const pooled = this.#entries(pooledSums, holders.length);
    const parts = split ? sources.map((own) => this.#entries(own, 1)) : [];
    const hidden = pooled.map((entry, e) =>
      entry.kind === 'test'
        ? { holders: parts.map(() => false), pooled: false }
        : suppressedParts(
            parts.map((own) => sizeOf(own[e] ?? entry)),
            sizeOf(entry),
            minimumCell,
          ),
    );
    return [
      ...parts.map((entries, h) => ({
        group: { [HOLDER]: holders[h] ?? '', ...group },
        entries,
        hidden: hidden.map((one) => one.holders[h] ?? true),
      })),
      { group, entries: pooled, hidden: hidden.map((one) => one.pooled) },
    ];
  }
}

type Shown = { readonly group: Group; readonly measure: string };

function cellOf(
  { group, measure }: Shown,
  { extra, unit, estimate, counted, steady }: Extract<Entry, { kind: 'cell' }>,
  suppressed: boolean,
): ReleaseCell {
  return {
    group: { ...group, ...extra },
    measure,
    value: suppressed ? null : estimate.value,
    unit,
    interval: suppressed ? null : estimate.interval,
    noise: suppressed && counted && !steady ? null : estimate.noise,
    ...(counted && { count: suppressed ? null : estimate.count }),
    suppressed,
  };
}

function curveOf(
  { group, measure }: Shown,
  { extra, unit, curve }: Extract<Entry, { kind: 'curve' }>,
  suppressed: boolean,
  minimumCell: number,
): ReleaseCurve {
  return {
    group: { ...group, ...extra },
    measure,
    unit,
    points: suppressed ? [] : curve.points.filter(({ atRisk }) => atRisk >= minimumCell),
    median: suppressed ? null : curve.median,
    rmst: suppressed ? null : curve.rmst,
    count: suppressed ? null : curve.count,
    suppressed,
  };
}

/** Measure by measure: the by-holder cells (where split), then the pooled ones. */
export function releaseTables(shape: TableShape, vector: BigInt64Array): ReleaseTables {
  checkShape(shape, vector.length);
  const widths = new NoiseWidths();
  const [cells, curves, tests]: [ReleaseCell[], ReleaseCurve[], ReleaseTest[]] = [[], [], []];
  for (const measure of shape.measures) {
    const reader = new MeasureReader(shape, measure, vector, widths);
    const parts = Array.from({ length: shape.cells }, (_, index) => reader.cell(index));
    const sources = parts[0]?.length ?? 0;
    for (let source = 0; source < sources; source++) {
      for (const { group, entries, hidden } of parts.flatMap((own) => own[source] ?? [])) {
        const shown = { group, measure: measure.name };
        entries.forEach((entry, e) => {
          const suppressed = hidden[e] ?? true;
          if (entry.kind === 'cell') cells.push(cellOf(shown, entry, suppressed));
          else if (entry.kind === 'curve')
            curves.push(curveOf(shown, entry, suppressed, shape.minimumCell));
          else if (!hidden.includes(true)) tests.push({ ...shown, ...entry.test });
        });
      }
    }
  }
  return { cells, curves, tests };
}
