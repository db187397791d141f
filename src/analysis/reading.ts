/**
 * What a measure reads of a cell, and what it says of it.
 * @module
 */
import { check } from '../base/errors.ts';

/** What a measure sees of one cell of the group table. */
export type Reading = {
  /** Noised sums, one for each component of the block, in the block's order: integers, exact but for sums of products. */
  readonly values: readonly number[];
  /** Variance of the noise in each of them: of all shares together. Positive. */
  readonly noise: readonly number[];
};

export type Estimate = {
  readonly value: number;
  /** 95 %, sampling and noise (rulings 23). */
  readonly interval: readonly [number, number];
  /** 95 % half-width of the noise alone. */
  readonly noise: number;
  /** Noised number of rows behind it, on which the minimum size acts; may be fractional. */
  readonly count: number;
};

/**
 * Refuses a reading that is not `components` integers, each with a positive noise variance.
 */
export function checkReading({ values, noise }: Reading, components: number): void {
  const sized = values.length === components && noise.length === components;
  check(sized, 'INVALID_PARAMETER', `${values.length} components, expected ${components}`);
  check(values.every(Number.isInteger), 'INVALID_PARAMETER', 'a noised sum is an integer');
  const positive = noise.every((variance) => variance > 0 && Number.isFinite(variance));
  check(positive, 'INVALID_PARAMETER', 'noise variance');
}
