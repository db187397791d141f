/**
 * From the noised vector to the cells of a release (DESIGN section 8): post-processing only.
 *
 * Layout    unsplit: one slot for each cell, holding the sum over holders. Split: a block of
 *           `cells` slots for each holder, in the order of `holders`; pooled cells are then the
 *           sums of the released by-holder cells, which costs nothing more (rulings 8).
 * Cells     row-major over the dimensions; the last cell of every axis is `null`.
 * Measures  every count is the same vector: one charge, one set of cells under each name.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { suppressedParts } from './disclosure/suppression.ts';
import { countInterval, noiseHalfWidth } from './interval.ts';

/** The public description of a table: a plan has all of these. */
export type TableShape = {
  readonly dimensions: readonly { readonly column: string; readonly labels: readonly string[] }[];
  readonly measures: readonly string[];
  readonly holders: readonly string[];
  readonly split: boolean;
  /** Cells of one holder: the product of (labels + 1). */
  readonly cells: number;
  /** sigma squared of the share that every holder adds to each of its cells. */
  readonly variance: Rational;
  readonly minimumCell: number;
};

export type Group = Readonly<Record<string, string | null>>;

export type ReleaseCell = {
  /** `holder` first where the cell is one holder's. */
  readonly group: Group;
  readonly measure: string;
  /** Null where suppressed; may be negative. */
  readonly value: number | null;
  /** UCUM; a count has the unit one. */
  readonly unit: string;
  /** 95 %, sampling and noise. */
  readonly interval: readonly [number, number] | null;
  /** 95 % half-width of the noise alone. */
  readonly noise: number;
  readonly suppressed: boolean;
};

const HOLDER = 'holder';
const COUNT_UNIT = '1';

function checkShape(shape: TableShape, slots: number): void {
  const { dimensions, holders, cells, split, measures } = shape;
  const product = dimensions.reduce((size, { labels }) => size * (labels.length + 1), 1);
  const columns = dimensions.map(({ column }) => column);
  check(product === cells, 'INVALID_PARAMETER', `${product} cells, described as ${cells}`);
  check(holders.length > 0 && measures.length > 0, 'INVALID_PARAMETER', 'holders and measures');
  check(
    new Set([...columns, HOLDER]).size === columns.length + 1,
    'INVALID_PARAMETER',
    'a column twice, or one called holder',
  );
  const expected = split ? cells * holders.length : cells;
  check(slots === expected, 'INVALID_PARAMETER', `${slots} slots, expected ${expected}`);
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

type Part = { readonly group: Group; readonly value: number; readonly suppressed: boolean };

/** The parts of the table in order: each holder's block where split, then the pooled one. */
function blocks(shape: TableShape, slots: BigInt64Array): Part[][] {
  const { dimensions, holders, cells, split, minimumCell } = shape;
  const blockCount = split ? holders.length : 1;
  const out: Part[][] = Array.from({ length: split ? blockCount + 1 : 1 }, () => []);
  for (let cell = 0; cell < cells; cell++) {
    const group = groupOf(dimensions, cell);
    const parts = Array.from({ length: blockCount }, (_, b) => slots[b * cells + cell] ?? 0n);
    const values = parts.map(exact);
    const pooled = exact(parts.reduce((sum, part) => sum + part, 0n));
    const hidden = suppressedParts(split ? values : [], pooled, minimumCell);
    if (split) {
      holders.forEach((holder, b) => {
        const suppressed = hidden.holders[b] ?? true;
        out[b]?.push({ group: { [HOLDER]: holder, ...group }, value: values[b] ?? 0, suppressed });
      });
    }
    out.at(-1)?.push({ group, value: pooled, suppressed: hidden.pooled });
  }
  return out;
}

/**
 * The cells of the release: for each measure the by-holder blocks (where split), then the pooled
 * one.
 */
export function releaseCells(shape: TableShape, slots: BigInt64Array): ReleaseCell[] {
  checkShape(shape, slots.length);
  const { variance, holders, split, measures } = shape;
  const laws = [...(split ? holders.map(() => 1) : []), holders.length].map((shares) => ({
    noise: noiseHalfWidth(variance, shares),
    total: variance.toNumber() * shares,
  }));
  const table = blocks(shape, slots).flatMap((block, b) => {
    const { noise, total } = laws[b] ?? { noise: 0, total: 0 };
    return block.map(({ group, value, suppressed }) => ({
      group,
      value: suppressed ? null : value,
      unit: COUNT_UNIT,
      interval: suppressed ? null : countInterval(value, total),
      noise,
      suppressed,
    }));
  });
  return measures.flatMap((measure) => table.map((cell) => ({ ...cell, measure })));
}
