/**
 * The exact law of all shares together, for somebody who knows none of them, and its δ(ε).
 *
 * Two discrete Laplace shares of rate a: P(n) = ((1 − q)/(1 + q))²·q^|n|·(|n| + 1 + 2q²/(1 − q²)),
 *         q = e^−a: Σ_m q^(|m| + |n − m|) is |n| + 1 terms between 0 and n, and two geometric tails.
 * Others  of discrete Gaussian shares: mechanism/gaussian-law.ts. Half shares (differences of Pólya
 *         variables) are not offered: a colluder who knows one of them is left with a far larger loss.
 * @module
 */
import { check } from '../../base/errors.ts';
import { laplaceLaw } from '../mechanism/discrete-laplace.ts';
import type { Law } from '../mechanism/gaussian-law.ts';

/** e^ε is a double. */
const LARGEST = 2 ** 9;

/** The sum of two discrete Laplace shares. */
export function twoLaplaceLaw(rate: number): Law {
  const { radius } = laplaceLaw(rate);
  const q = Math.exp(-rate);
  const reach = Math.ceil(1.2 * radius);
  const square = Math.tanh(rate / 2) ** 2;
  const tails = (2 * q * q) / -Math.expm1(-2 * rate);
  const mass = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const n = Math.abs(i - reach);
    return square * Math.exp(-rate * n) * (n + 1 + tails);
  });
  return { radius: reach, mass };
}

/** δ at ε of noise with this law, for an integer that one person moves by `shift`. */
export function lawDelta({ radius, mass }: Law, shift: number, epsilon: number): number {
  const valid = Number.isSafeInteger(shift) && shift > 0 && Number.isFinite(epsilon);
  check(valid, 'INVALID_PARAMETER', 'sensitivity or epsilon');
  const e = Math.exp(epsilon);
  let delta = 0;
  for (let i = 0; i < mass.length; i++) {
    const [p, q] = [mass[i] ?? 0, mass[i + shift] ?? 0];
    delta += q === 0 ? p : Math.max(0, p - e * q);
  }
  check(radius * 2 + 1 === mass.length, 'INVALID_PARAMETER', 'law');
  return delta;
}

/** The least ε ≥ 0 with δ(ε) at most `delta`; infinite where the table of the law ends before there is one. */
export function lawEpsilon(law: Law, shift: number, delta: number): number {
  check(delta > 0 && delta < 1, 'INVALID_PARAMETER', 'delta');
  if (lawDelta(law, shift, 0) <= delta) return 0;
  let [low, high] = [0, 1];
  while (lawDelta(law, shift, high) > delta) {
    if (high >= LARGEST) return Number.POSITIVE_INFINITY;
    [low, high] = [high, 2 * high];
  }
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (lawDelta(law, shift, middle) > delta) low = middle;
    else high = middle;
  }
  return high;
}
