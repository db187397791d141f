/**
 * The normal law in doubles: its tail and quantile, for the continuous Gaussian mechanism.
 *
 * Method  |x| < 2: the series Φ(x) − 1/2 = φ(x)·Σ x^(2n+1)/(1·3·5···(2n+1)), all terms of one sign.
 *         Beyond: Laplace's continued fraction for the Mills ratio, φ(x)/(x + 1/(x + 2/(x + ...))).
 * Error   relative error of the tail below 1e−13 (test/dp/accountant/normal.test.ts).
 * For     display and pricing with a margin; nothing here draws or charges.
 * @module
 */
import { check } from '../../base/errors.ts';

const SERIES_BELOW = 2;
/** Levels of the continued fraction: its convergents need more of them near the change. */
const levelsAt = (x: number): number => Math.ceil(16 + 600 / (x * x));

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** P(Z > x). */
export function normalTail(x: number): number {
  if (x < 0) return 1 - normalTail(-x);
  if (x < SERIES_BELOW) {
    let [term, sum] = [x, x];
    for (let n = 3; term > sum * 1e-17; n += 2) {
      term *= (x * x) / n;
      sum += term;
    }
    return 0.5 - density(x) * sum;
  }
  let fraction = x;
  for (let n = levelsAt(x); n >= 1; n--) fraction = x + n / fraction;
  return density(x) / fraction;
}

/** P(a < Z ≤ b), without the cancellation of two large probabilities. */
export function normalBetween(a: number, b: number): number {
  if (a > 0) return normalTail(a) - normalTail(b);
  return b < 0 ? normalTail(-b) - normalTail(-a) : 1 - normalTail(-a) - normalTail(b);
}

/** The x with P(Z > x) = p, 0 < p < 1, by bisection. */
export function normalUpperPoint(p: number): number {
  check(p > 0 && p < 1, 'INVALID_PARAMETER', 'probability of a quantile');
  let [low, high] = [-40, 40];
  for (let i = 0; i < 200 && high > low; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalTail(middle) > p) low = middle;
    else high = middle;
  }
  return high;
}
