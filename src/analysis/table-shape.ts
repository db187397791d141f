/** The public description of a table of noised values: what a plan says of it. @module */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { blockOffset } from './block-layout.ts';
import type { Group } from './released.ts';
import type { TableMeasure } from './table-measure.ts';

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
  /** Counts are shown in multiples of it; 1 where undefined. */
  readonly rounding?: number | undefined;
};

export const HOLDER = 'holder';

export function checkShape(shape: TableShape, values: number): void {
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
