/** Reads the cells of one measure out of a noised vector, source by source. @module */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { blockOffset } from './block-layout.ts';
import type { CellNoise, Entry } from './entry.ts';
import { entriesOf, type NoiseWidths } from './release-entry.ts';
import { type Group } from './released.ts';
import type { TableMeasure } from './table-measure.ts';
import { groupOf, HOLDER, type TableShape } from './table-shape.ts';

/** What one source (a holder, or all of them) says of one cell. */
export type Part = { readonly group: Group; readonly entries: readonly Entry[] };

/** A sum that a double holds exactly; planning makes sure of it. */
function exact(value: bigint): number {
  const number = Number(value);
  check(Number.isSafeInteger(number), 'PLAINTEXT_RANGE', 'a released value beyond 2^53');
  return number;
}

/** Tables drawn for one p-value: at most so many, at least so many, and counts drawn in all. */
const MOST_DRAWS = 1999;
const FEWEST_DRAWS = 199;
const ALL_COUNTS = 4e6;

/** A function of the shape alone: the time that it takes says nothing (rulings 13). */
function drawsFor({ cells, holders, split }: TableShape, components: number): number {
  const places = cells * components * (split ? holders.length + 1 : 1);
  return Math.min(MOST_DRAWS, Math.max(FEWEST_DRAWS, Math.floor(ALL_COUNTS / places)));
}

export class MeasureReader {
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
    const draws = drawsFor(this.#shape, this.#variances.length);
    // Sums of products are not released and may be rounded: of moments, of features.
    const values = sums.map((sum, i) => (i < this.#exact ? exact(sum) : Number(sum)));
    return entriesOf(this.#measure, values, noise, { widths: this.#widths, draws });
  }

  /** The parts of one cell: of every holder where split, then pooled. */
  cell(index: number): Part[] {
    const { dimensions, holders, split } = this.#shape;
    const group = groupOf(dimensions, index);
    const sources = (split ? holders : ['']).map((_, i) => this.#sums(i, index));
    const pooledSums = this.#variances.map((_, c) =>
      sources.reduce((sum, own) => sum + (own[c] ?? 0n), 0n),
    );
    const pooled = { group, entries: this.#entries(pooledSums, holders.length) };
    if (!split) return [pooled];
    return [
      ...sources.map((own, h) => ({
        group: { [HOLDER]: holders[h] ?? '', ...group },
        entries: this.#entries(own, 1),
      })),
      pooled,
    ];
  }
}
