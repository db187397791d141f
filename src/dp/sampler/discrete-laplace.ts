/**
 * Exact discrete Laplace noise: P(X = x) = (1 − q)/(1 + q)·q^|x| with q = e^(−1/scale).
 *
 * Paper   Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), algorithm 2.
 * Method  a geometric variable with ratio q, made of a remainder u below t and a quotient v, and
 *         a random sign with −0 rejected.
 * Leaks   running time grows with the value drawn: see discrete-gaussian.ts.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import { bernoulli, bernoulliExpUnit } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import { uniformBelow } from './uniform.ts';

/** x ≥ 0 with probability proportional to e^(−x·s/t), for s, t > 0. */
function geometricExp(s: bigint, t: bigint, bytes: ByteSource): bigint {
  let u = uniformBelow(t, bytes);
  while (!bernoulliExpUnit(u, t, bytes)) u = uniformBelow(t, bytes);
  let v = 0n;
  while (bernoulliExpUnit(1n, 1n, bytes)) v += 1n;
  return (u + t * v) / s; // u + t·v is geometric with ratio e^(−1/t); s steps of it make one
}

/** One draw. `scale` > 0 is the sensitivity divided by epsilon. */
export function discreteLaplace(scale: Rational, bytes: ByteSource): bigint {
  check(scale.sign() > 0, 'NOISE_RANGE', 'scale is not positive');
  for (;;) {
    const negative = bernoulli(1n, 2n, bytes);
    const magnitude = geometricExp(scale.denominator, scale.numerator, bytes);
    if (negative && magnitude === 0n) continue; // else zero would come up twice as often
    return negative ? -magnitude : magnitude;
  }
}
