/**
 * Geometric and discrete Laplace variables in bigints: the specification of discrete-laplace.ts.
 *
 * Paper   Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), algorithm 2.
 * Method  with s/t = 1/scale in lowest terms: a geometric variable with ratio e^(−1/t), made of a
 *         remainder u below t and a quotient v; s steps of it make one with ratio e^(−s/t); for
 *         Laplace a random sign, with −0 rejected.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import { bernoulli, bernoulliExpUnit } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import { uniformBelow } from './uniform.ts';

/** A draw beyond 64 bits then has probability below e^(−2^14). */
const LARGEST_SCALE = 1n << 48n;
/** Bounds the work of one toss for a scale that somebody else wrote. */
const LARGEST_TERM = 1n << 512n;

/** Refuses with NOISE_RANGE a scale that is not sampled here. */
export function checkScale(scale: Rational): void {
  check(scale.sign() > 0, 'NOISE_RANGE', 'scale is not positive');
  check(scale.ceil() <= LARGEST_SCALE, 'NOISE_RANGE', 'scale above 2^48');
  const short = scale.numerator < LARGEST_TERM && scale.denominator < LARGEST_TERM;
  check(short, 'NOISE_RANGE', 'scale written with more than 512 bits');
}

/** x ≥ 0 with probability proportional to e^(−x/scale). The caller has checked the scale. */
export function referenceGeometric(scale: Rational, bytes: ByteSource): bigint {
  const { numerator: t, denominator: s } = scale;
  let u = uniformBelow(t, bytes);
  while (!bernoulliExpUnit(u, t, bytes)) u = uniformBelow(t, bytes);
  let v = 0n;
  while (bernoulliExpUnit(1n, 1n, bytes)) v += 1n;
  return (u + t * v) / s;
}

/** One draw. The caller has checked the scale. */
export function referenceLaplace(scale: Rational, bytes: ByteSource): bigint {
  for (;;) {
    const negative = bernoulli(1n, 2n, bytes);
    const magnitude = referenceGeometric(scale, bytes);
    if (negative && magnitude === 0n) continue; // else zero would come up twice as often
    return negative ? -magnitude : magnitude;
  }
}
