/**
 * How the noise of the exits moves a sum over intervals: the delta method, in one pass.
 *
 * F_j = Σ_{i ≤ j} f(n_i, d_i), n_i the number at risk (all exits from i on) and d_i the events.
 * With a_i = ∂f/∂n_i, b_i = ∂f/∂d_i and A_k = a_0 + ... + a_k, an event in interval k ≤ j moves
 * F_j by A_k + b_k, a censoring by A_k, and any exit after j by A_j. A weighted sum of all F_j
 * moves by the weighted sums of these.
 * @module
 */
import type { ExitNoise } from './risk-table.ts';

/** ∂f/∂n and ∂f/∂d in one interval. */
export type Slope = { readonly atRisk: number; readonly event: number };

/** The noise variance of every F_j. */
export function noiseOfSums(slopes: readonly Slope[], noise: readonly ExitNoise[]): number[] {
  let sum = 0;
  let passed = 0;
  return slopes.map(({ atRisk, event }, k) => {
    const { event: vEvent, censored, later } = noise[k] ?? { event: 0, censored: 0, later: 0 };
    sum += atRisk;
    passed += vEvent * (sum + event) * (sum + event) + censored * sum * sum;
    return passed + later * sum * sum;
  });
}

/** The noise variance of Σ weights[j]·F_j. */
export function noiseOfWeightedSum(
  slopes: readonly Slope[],
  weights: readonly number[],
  noise: readonly ExitNoise[],
): number {
  let left = weights.reduce((total, weight) => total + weight, 0);
  let sum = 0;
  // Σ_{j < k} weights[j]·A_j: what an exit in interval k moves in the sums that end before it.
  let before = 0;
  let variance = 0;
  slopes.forEach(({ atRisk, event }, k) => {
    const { event: vEvent, censored, later } = noise[k] ?? { event: 0, censored: 0, later: 0 };
    sum += atRisk;
    const [byEvent, byCensored] = [before + left * (sum + event), before + left * sum];
    variance += vEvent * byEvent * byEvent + censored * byCensored * byCensored;
    const weight = weights[k] ?? 0;
    before += weight * sum;
    left -= weight;
    if (k === slopes.length - 1) variance += later * before * before;
  });
  return variance;
}
