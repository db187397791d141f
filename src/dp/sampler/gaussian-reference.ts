/**
 * The discrete Gaussian sampler in bigints: the specification of discrete-gaussian.ts.
 *
 * Paper   Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), algorithm 3: rejection from discrete
 *         Laplace noise of scale t = ⌊σ⌋ + 1, accepted with probability e^(−(|y| − σ²/t)²/2σ²).
 * Limits  0 < σ² ≤ 2^80, so that a draw beyond 64 bits has probability below e^(−2^44).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import { bernoulliExp } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import { type IntegerSampler, samplerOfBigints } from './integer-sampler.ts';
import { referenceLaplace } from './laplace-reference.ts';
import { laplaceScale } from './laplace-scale.ts';

const LARGEST_VARIANCE = 1n << 80n;
/** Bounds the work of one toss for a variance that somebody else wrote. */
const LARGEST_TERM = 1n << 512n;

/** Refuses with NOISE_RANGE a variance that is not sampled here. */
export function checkVariance(variance: Rational): void {
  check(variance.sign() > 0, 'NOISE_RANGE', 'variance is not positive');
  check(variance.ceil() <= LARGEST_VARIANCE, 'NOISE_RANGE', 'variance above 2^80');
  check(
    variance.numerator < LARGEST_TERM && variance.denominator < LARGEST_TERM,
    'NOISE_RANGE',
    'variance written with more than 512 bits',
  );
}

export function referenceGaussian(variance: Rational, bytes: ByteSource): IntegerSampler {
  checkVariance(variance);
  const { numerator: n, denominator: d } = variance;
  const scale = laplaceScale(variance);
  const t = scale.numerator;
  // (|y| − σ²/t)² / 2σ² with σ² = n/d is (|y|·d·t − n)² / (2·n·d·t²).
  const divisor = 2n * n * d * t * t;
  return samplerOfBigints(() => {
    for (;;) {
      const y = referenceLaplace(scale, bytes);
      const distance = (y < 0n ? -y : y) * d * t - n;
      if (bernoulliExp(distance * distance, divisor, bytes)) return y;
    }
  });
}
