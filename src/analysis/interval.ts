/**
 * Intervals for noised counts: of the noise alone, and of noise and sampling together.
 *
 * Noise    half-width h: the smallest integer with P(|X| ≤ h) ≥ 95 %, X the sum of the noise
 *          shares in a cell, by the exact law (dp/mechanism/gaussian-law.ts), and by the normal
 *          law with continuity correction where σ is so large that the two agree.
 * Full     of the parameter λ of a Poisson count seen as v = Poisson(λ) + X: all λ with
 *          |v − λ| ≤ z·√(max(λ, 0) + s²) + 1/2, s² the noise variance: a score interval (Wilson
 *          1927: the variance is that of the parameter, not of the estimate). Ends may be
 *          negative, as values may be.
 * Rulings  23: coverage at least 95 %, within 94 to 97 % for the noise where 2σ² ≥ 50.
 * Floats   for display only; nothing here is charged.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { sumLaw } from '../dp/mechanism/gaussian-law.ts';
import { Z95 } from './score-set.ts';

const LEVEL = 0.95;
/** Up to here the law of the sum is summed term by term: 12 σ is 1.2e5 terms. */
const LARGEST_EXACT = 1e8;
/** Ends of intervals are rounded outwards to one decimal place. */
const PLACES = 10;

/** The 95 % half-width of `shares` independent noise shares of `variance` each. */
export function noiseHalfWidth(variance: Rational, shares: number): number {
  const each = variance.toNumber();
  check(each > 0 && Number.isFinite(each), 'NOISE_RANGE', 'noise variance');
  check(Number.isSafeInteger(shares) && shares > 0, 'INVALID_PARAMETER', 'number of shares');
  const total = each * shares;
  if (total > LARGEST_EXACT) return Math.ceil(Z95 * Math.sqrt(total) - 0.5);
  const { radius, mass } = sumLaw(each, shares);
  let inside = mass[radius] ?? 0;
  let h = 0;
  while (inside < LEVEL && h < radius) {
    h += 1;
    inside += 2 * (mass[radius + h] ?? 0);
  }
  return h;
}

/** The λ ≥ 0 with |λ − seen| = z·√(λ + s²), above (`side` 1) or below (−1). */
function scoreRoot(seen: number, noise: number, side: 1 | -1): number {
  const half = (Z95 * Z95) / 2;
  return seen + half + side * Z95 * Math.sqrt(Math.max(0, seen + noise + half / 2));
}

/**
 * The 95 % interval of the parameter behind a count of `value` with noise of variance
 * `noise` (of the whole cell: the variance of a share times the shares).
 */
export function countInterval(value: number, noise: number): [number, number] {
  check(Number.isSafeInteger(value), 'INVALID_PARAMETER', 'a count is an integer');
  check(noise >= 0 && Number.isFinite(noise), 'INVALID_PARAMETER', 'noise variance');
  const spread = Z95 * Math.sqrt(noise);
  // Below λ = 0 there is no sampling variance: the limit is that of the noise alone.
  const [least, most] = [value - 0.5, value + 0.5];
  const low = least <= spread ? least - spread : scoreRoot(least, noise, -1);
  const high = most <= -spread ? most + spread : scoreRoot(most, noise, 1);
  // + 0 turns −0 into 0
  return [Math.floor(low * PLACES) / PLACES + 0, Math.ceil(high * PLACES) / PLACES + 0];
}
