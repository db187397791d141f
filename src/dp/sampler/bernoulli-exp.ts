/**
 * Coins: heads with probability n/d, and with probability e^(−n/d), both exact.
 *
 * Paper   Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS
 *         2020 (arXiv 2004.00010), algorithm 1, after von Neumann.
 * Method  toss coins of probability x/1, x/2, x/3, ... until the first tail, at toss k. Since
 *         P(k > i) = x^i / i!, P(k odd) = 1 − x + x²/2 − ... = e^(−x), for 0 ≤ x ≤ 1. For x > 1 the
 *         product e^(−1)·...·e^(−1)·e^(−(x − ⌊x⌋)), stopping at the first failure.
 * Leaks   running time depends on the outcome: see discrete-gaussian.ts.
 *
 * Fractions are bigints and reduced to lowest terms before each toss. That costs a gcd and
 * fixes how many bits a toss reads, so that streams agree with the published vectors.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { uniformBelow } from './uniform.ts';

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

/** True with probability n/d, for 0 ≤ n ≤ d. */
export function bernoulli(n: bigint, d: bigint, bytes: ByteSource): boolean {
  check(n >= 0n && n <= d && d > 0n, 'INVALID_PARAMETER', 'not a probability');
  const divisor = gcd(n, d);
  return uniformBelow(d / divisor, bytes) < n / divisor;
}

/**
 * True with probability e^(−n/d), for 0 ≤ n ≤ d. `from` continues a series whose tosses
 * 1, ..., from − 1 all came up heads.
 */
export function bernoulliExpUnit(n: bigint, d: bigint, bytes: ByteSource, from = 1n): boolean {
  let k = from;
  while (bernoulli(n, d * k, bytes)) k += 1n;
  return k % 2n === 1n;
}

/** True with probability e^(−n/d), for n ≥ 0 and d > 0. */
export function bernoulliExp(n: bigint, d: bigint, bytes: ByteSource): boolean {
  check(n >= 0n && d > 0n, 'INVALID_PARAMETER', 'negative exponent');
  // About 1.58 turns on average however large n/d is: the first failure ends it.
  for (let whole = n / d; whole > 0n; whole -= 1n) {
    if (!bernoulliExpUnit(1n, 1n, bytes)) return false;
  }
  return bernoulliExpUnit(n % d, d, bytes);
}
