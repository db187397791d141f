/**
 * Exact discrete Gaussian noise: P(X = x) proportional to e^(−x²/2σ²) on all integers.
 *
 * Paper      Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS
 *            2020 (arXiv 2004.00010), algorithm 3: see gaussian-reference.ts.
 * Exact      integers and fractions only; the distribution is the stated one up to the bytes.
 * Adversary  sees noised values, never when or how long noise was drawn.
 * Leaks      running time depends on the values drawn, and such timing was turned into the value
 *            of private sums (Jin, McMurtry, Rubinstein, Ohrimenko, IEEE S&P 2022). A holder
 *            draws all noise before it computes, and answers at a deadline fixed by the plan.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import type { ByteSource } from './byte-source.ts';
import { fastGaussian } from './gaussian-fast.ts';
import { checkVariance, referenceGaussian } from './gaussian-reference.ts';
import { drawVector, type IntegerSampler, samplerOfNumbers } from './integer-sampler.ts';

/** Draws one value after another from `bytes`; in doubles where that is exact. */
export function gaussianSampler(variance: Rational, bytes: ByteSource): IntegerSampler {
  checkVariance(variance);
  const fast = fastGaussian(variance, bytes);
  return fast === undefined ? referenceGaussian(variance, bytes) : samplerOfNumbers(fast);
}

/** `count` independent draws. */
export const discreteGaussianVector = (
  variance: Rational,
  count: number,
  bytes: ByteSource,
): BigInt64Array => drawVector(gaussianSampler(variance, bytes), count);
