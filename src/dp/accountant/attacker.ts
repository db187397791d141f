/**
 * What a total rho lets an attacker do: of the people who are in the data, how many it can tell are
 * in, at most, when it may accuse one in a hundred (or another share) of those who are not.
 *
 * Papers  Kairouz, Oh, Viswanath, ICML 2015 (privacy as a test between two hypotheses); Bun,
 *         Steinke, TCC 2016, definition 1.1 (rho-zCDP: D_α(P‖Q) ≤ αρ for every α > 1, both ways) and
 *         data processing for Rényi divergence (van Erven, Harremoës 2014, theorem 1).
 * Bound   of the event "accused", with probability p in the data and q outside,
 *             p^α·q^(1−α) + (1−p)^α·(1−q)^(1−α) ≤ e^(α(α−1)ρ)
 *         and the same with p and q exchanged. The left side grows with p > q, so that every α gives
 *         an upper bound of p; the smallest over a grid of α is reported, whatever else is known.
 *         The attacker knows all rows but one person's, and how everything works.
 * Delta   of approximate zCDP (Bun, Steinke 2016, definition 8.1): given events of probability 1 − δ at
 *         least, both laws are such a pair. So q becomes q/(1 − δ) there, and p at most δ + (1 − δ)·p.
 * Floats  for reading only: nothing is charged by it. `MARGIN` is far above their error.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';

const MARGIN = 1e-9;
/** α − 1 from 2^-6 to 2^14 in steps of 2^(1/8). */
const ORDERS: readonly number[] = Array.from({ length: 161 }, (_, i) => 1 + 2 ** (i / 8 - 6));

/** ln of the left side, in logarithms: its terms leave a double's range at large α. */
function lnSides(alpha: number, p: number, q: number): number {
  const [a, b] = [
    alpha * Math.log(p) + (1 - alpha) * Math.log(q),
    alpha * Math.log1p(-p) + (1 - alpha) * Math.log1p(-q),
  ];
  const top = Math.max(a, b);
  return top + Math.log(Math.exp(a - top) + Math.exp(b - top));
}

function largest(alpha: number, rho: number, q: number): number {
  const bound = alpha * (alpha - 1) * rho;
  const allowed = (p: number): boolean =>
    lnSides(alpha, p, q) <= bound && lnSides(alpha, q, p) <= bound;
  let [low, high] = [q, 1 - 1e-12];
  if (allowed(high)) return 1;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (allowed(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * At most this share of the people in the data is found at this share of false accusations, by anything that
 * is delta-approximately rho-zCDP.
 */
export function attackerSuccess(rho: Rational, delta: Rational, falsePositives = 0.01): number {
  check(rho.sign() >= 0 && delta.sign() >= 0, 'INVALID_PARAMETER', 'amounts are not negative');
  check(falsePositives > 0 && falsePositives < 1, 'INVALID_PARAMETER', 'false positives');
  const extra = delta.toNumber();
  const rate = falsePositives / (1 - extra);
  if (!(extra < 1 && rate < 1)) return 1;
  const value = rho.toNumber();
  const best = rho.isZero()
    ? rate
    : ORDERS.reduce((p, alpha) => Math.min(p, largest(alpha, value, rate)), 1) + MARGIN;
  return Math.min(1, extra + (1 - extra) * best);
}

/** The same in percent, with one decimal place, rounded up: `12.7`. */
export const attackerPercent = (rho: Rational, delta: Rational, falsePositives = 0.01): string =>
  (Math.ceil(attackerSuccess(rho, delta, falsePositives) * 1000) / 10).toFixed(1);
