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
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import type { ByteSource } from './byte-source.ts';
import { fastGaussian } from './gaussian-fast.ts';
import { checkVariance, type GaussianSampler, referenceGaussian } from './gaussian-reference.ts';

const INT64 = 1n << 63n;

/** Draws one value after another from `bytes`; in doubles where that is exact. */
export function gaussianSampler(variance: Rational, bytes: ByteSource): GaussianSampler {
  checkVariance(variance);
  return fastGaussian(variance, bytes) ?? referenceGaussian(variance, bytes);
}

/** Fills `out` with independent draws. For long vectors fill a subarray at a time. */
export function fillNoise(sampler: GaussianSampler, out: BigInt64Array): void {
  for (let i = 0; i < out.length; i++) {
    const value = sampler.draw();
    check(value < INT64 && value >= -INT64, 'NOISE_RANGE', 'draw beyond 64 bits');
    out[i] = value;
  }
}

/** `count` independent draws. */
export function discreteGaussianVector(
  variance: Rational,
  count: number,
  bytes: ByteSource,
): BigInt64Array {
  check(Number.isSafeInteger(count) && count >= 0, 'INVALID_PARAMETER', 'count of draws');
  const out = new BigInt64Array(count);
  fillNoise(gaussianSampler(variance, bytes), out);
  return out;
}
