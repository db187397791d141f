/**
 * Exact discrete Laplace noise: P(X = x) = (1 − q)/(1 + q)·q^|x| with q = e^(−1/scale), and the
 * geometric variable P(X = x) = (1 − q)·q^x on x ≥ 0 that it is made of.
 *
 * Paper   Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), algorithm 2: see laplace-reference.ts.
 * Exact   integers and fractions only; the distribution is the stated one up to the bytes.
 * Leaks   running time grows with the value drawn: see discrete-gaussian.ts.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import type { ByteSource } from './byte-source.ts';
import { type IntegerSampler, samplerOfBigints, samplerOfNumbers } from './integer-sampler.ts';
import { fastGeometric, fastLaplace } from './laplace-fast.ts';
import { checkScale, referenceGeometric, referenceLaplace } from './laplace-reference.ts';

/** `scale` > 0 is the sensitivity divided by epsilon. In doubles where that is exact. */
export function laplaceSampler(scale: Rational, bytes: ByteSource): IntegerSampler {
  checkScale(scale);
  const fast = fastLaplace(scale, bytes);
  if (fast !== undefined) return samplerOfNumbers(fast);
  return samplerOfBigints(() => referenceLaplace(scale, bytes));
}

/** Values of 0 and above with probability proportional to e^(−x/scale). */
export function geometricSampler(scale: Rational, bytes: ByteSource): IntegerSampler {
  checkScale(scale);
  const fast = fastGeometric(scale, bytes);
  if (fast !== undefined) return samplerOfNumbers(fast);
  return samplerOfBigints(() => referenceGeometric(scale, bytes));
}
