/**
 * What one release tells a reader who does not know so many shares of noise, where a person moves several sums
 * by different amounts: by the law of the noise, in closed form.
 *
 * Given     sums with discrete Gaussian noise of variances v_i (of all unknown shares together), moved by
 *           integers s_i. L(y) = Σ s_i(2y_i + s_i)/2v_i is the loss, taken with all s_i ≥ 0: the law is
 *           symmetric.
 * Claim     δ(ε) ≤ δ_μ(ε − c): the curve of a continuous Gaussian (gaussian-dp.ts) with μ² = Σ s_i²/v_i,
 *           moved by c = Σ s_i/v_i.
 * Proof     e^(−y²/2v) falls on y ≥ 0, so a sum over integers from k ≥ 1 on is at most the integral from k − 1
 *           on, and at least that from k on; the normaliser is at least √(2πv) and above it by a factor of
 *           1 + 3e^(−2π²v) at most. So P(Y ≥ k) ≤ P(X ≥ k − 1), X normal of variance v, but for 1e−33 from v = 4
 *           on: Y is at most X + 1 in stochastic order, sum by sum. δ(ε) = E(1 − e^(ε − L))_+ is the mean of
 *           a function that rises in every y_i, and sums are independent, so it is at most that mean with
 *           X + 1 for Y: there L is normal of mean μ²/2 and variance μ², and greater by c.
 * Found     a test that accuses at a rate of α finds β ≤ δ(ε) + e^ε·α for every ε, so what a Gaussian test
 *           finds at a rate of α·e^c.
 * Shares    n of variance v_i/n ≥ 4 each add up to this law but for a factor within 1e−15 (view.ts).
 * Close     c is the error: of a sum over [L, U] with σ² = D²/2ρ it is near 2ρ/D.
 * Worst     both curves grow with μ and c, so that bounds on either, over all that a person can do, do.
 * Doubles   for reading, rounded up.
 * @module
 */
import { check } from '../../base/errors.ts';
import { SMOOTH_VARIANCE } from '../mechanism/gaussian-law.ts';
import { gaussianEpsilon, gaussianTruePositives } from './gaussian-dp.ts';
import type { View } from './view.ts';

/** Upper bounds, over all that a person can do, for one share of noise. */
export type SmoothMoves = {
  /** Σ s²/σ². */
  readonly muSquared: number;
  /** Σ |s|/σ². */
  readonly slope: number;
  /** Of a share of any of the sums: at least 4. */
  readonly leastVariance: number;
};

const MARGIN = 1e-9;

export function smoothView(
  { muSquared, slope, leastVariance }: SmoothMoves,
  { shares, delta, falsePositives }: { shares: number; delta: number; falsePositives: number },
): View {
  const whole = Number.isSafeInteger(shares) && shares > 0;
  check(whole && leastVariance >= SMOOTH_VARIANCE, 'INVALID_PARAMETER', 'shares of smooth noise');
  const proper = falsePositives > 0 && falsePositives < 1 && delta > 0 && delta < 1;
  check(proper, 'INVALID_PARAMETER', 'delta or false positives');
  check(muSquared > 0 && slope > 0, 'INVALID_PARAMETER', 'nobody moves anything');
  const mu = Math.sqrt(muSquared / shares);
  const c = slope / shares;
  const epsilon = gaussianEpsilon(mu, delta * (1 - MARGIN)) + c;
  const accused = falsePositives * Math.exp(c);
  const found = accused < 1 ? gaussianTruePositives(mu, accused) : 1;
  return {
    epsilon: epsilon * (1 + MARGIN) + MARGIN,
    found: Math.min(1, found * (1 + MARGIN)),
  };
}
