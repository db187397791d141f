/**
 * Count, mean and spread of a bounded column from its three noised sums.
 *
 * Block       A = Σ(x − L), B = Σ(U − x), Q = Σ(x − L)(U − x), x in steps, D = U − L. The first
 *             two are Kulesza, Suresh, Wang 2023: they carry the count, A + B = nD. The third
 *             carries the spread: Σ(x − mean)² = nD²·q(1 − q) − Q, q = A / (A + B) the place of the
 *             mean in [L, U].
 * Bounds      q is cut to [0, 1], and the sum of squares to [0, nD²·q(1 − q)], the range that it
 *             has in any data between the bounds (Bhatia, Davis 2000). Moving an estimate into
 *             the range that holds the truth moves it no further from it.
 * Empty       where n is not positive there is nothing to say: q = 1/2, squares = 0.
 * @module
 */
import { check } from '../base/errors.ts';
import { checkReading, type Reading } from './reading.ts';
import { clamp, type Quadratic } from './score-set.ts';

/** Public bounds of a column in steps; results are in units of the column: steps times `step`. */
export type Scale = { readonly min: number; readonly max: number; readonly step: number };

export type Moments = {
  /** Noised number of rows; may be negative. */
  readonly n: number;
  /** A + B = nD. */
  readonly total: number;
  /** D. */
  readonly range: number;
  /** (mean − L) / D, within [0, 1]. */
  readonly place: number;
  /** Σ(x − mean)² in steps². */
  readonly squares: number;
  /** Noise variances of A, B, Q. */
  readonly noise: readonly [number, number, number];
};

const COMPONENTS = 3;

export function checkScale({ min, max, step }: Scale): void {
  const ordered = Number.isSafeInteger(min) && Number.isSafeInteger(max) && min < max;
  check(ordered && Number.isSafeInteger(max - min), 'INVALID_PARAMETER', 'bounds of a column');
  check(step > 0 && Number.isFinite(step), 'INVALID_PARAMETER', 'step of a column');
}

export function momentsOf(reading: Reading, scale: Scale): Moments {
  checkScale(scale);
  checkReading(reading, COMPONENTS);
  const [a = 0, b = 0, q = 0] = reading.values;
  const [noiseA = 0, noiseB = 0, noiseQ = 0] = reading.noise;
  const range = scale.max - scale.min;
  const total = a + b;
  const n = total / range;
  const place = total > 0 ? clamp(a / total, 0, 1) : 0.5;
  const most = Math.max(0, n) * range * range * place * (1 - place);
  const squares = clamp(most - q, 0, most);
  return { n, total, range, place, squares, noise: [noiseA, noiseB, noiseQ] };
}

/** Noise variance of (1 − p)·A − p·B as a function of p. */
export const placeNoise = (noiseA: number, noiseB: number): Quadratic => [
  noiseA,
  -2 * noiseA,
  noiseA + noiseB,
];

/** Noise variance of the sum of squares about the place p, which is D·((1 − p)²A + p²B) − Q. */
export function squaresNoise({ range, place, noise: [a, b, q] }: Moments): number {
  const [fromA, fromB] = [range * (1 - place) * (1 - place), range * place * place];
  return a * fromA * fromA + b * fromB * fromB + q;
}
