/**
 * t = ⌊σ⌋ + 1, the scale of the discrete Laplace variable that discrete Gaussian noise is
 * rejected from (Canonne, Kamath, Steinke 2020, algorithm 3), from σ² without a root of floats.
 * @module
 */
import { Rational } from '../../base/rational.ts';

/** ⌊√value⌋ for value ≥ 0, by Newton's iteration from above. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** √(n/d) ≥ m exactly when n/d ≥ m², so the root of ⌊n/d⌋ is enough. */
export const laplaceScale = (variance: Rational): Rational =>
  Rational.of(integerRoot(variance.floor()) + 1n);
