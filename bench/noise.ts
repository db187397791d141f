/**
 * What counts as a difference. Two questions, two models; neither trusts an absolute time.
 *
 * Within a run (the gate). Round i gives the ratio r_i = theirs_i / ours_i of two contenders timed side by side.
 * Whatever slows the machine for a round slows both, so r_i scatters around the true ratio r; nothing else is
 * assumed of its law. If r is what the case promises, each r_i is below the promise with probability at most
 * 1/2, so the number of rounds below it is at most Binomial(n, 1/2): a one-sided sign test. The gate
 * fails where that number is too large for chance at `GATE_ALPHA`; at 5 rounds, where no count is, it
 * takes all five below (alpha 1/32).
 *
 * Between runs (compare). log time = log t + m + e: m is the machine of that run, the same for all of its
 * cases, e the scatter of a case with the standard error of its median. A difference is real where it
 * exceeds `SIGMAS` standard errors of both runs plus the bound on m that the calibration of the two runs
 * shows, and `FLOOR`. Ratios to a peer of the same run carry no m.
 * @module
 */
import type { Calibration } from './calibration.ts';
import { median, quantile, type Rounds } from './measure.ts';

export const GATE_ALPHA = 0.01;
const SIGMAS = 4;
/** Two builds of the same code differ by so much: placement of code and data. */
const FLOOR = 0.03;

/** P(Binomial(n, 1/2) >= k). */
export function signTail(n: number, k: number): number {
  let [ways, sum] = [1, 0];
  for (let i = 0; i <= n; i += 1) {
    if (i >= k) sum += ways;
    ways = (ways * (n - i)) / (i + 1);
  }
  return sum / 2 ** n;
}

/** How many of `n` rounds below the promise are no chance. */
export function roundsThatFail(n: number): number {
  for (let k = 0; k <= n; k += 1) if (signTail(n, k) <= GATE_ALPHA) return k;
  return n;
}

/** theirs over ours, round by round. */
export const ratios = (ours: Rounds, theirs: Rounds): number[] =>
  ours.map((seconds, i) => (theirs[i] ?? NaN) / seconds);

/** Is `ours` less than `atLeast` times as fast, beyond chance? A contender that is missing is. */
export function failsGate(ours: Rounds, theirs: Rounds, atLeast: number): boolean {
  const each = ratios(ours, theirs);
  // Written so that NaN counts as below.
  const below = each.filter((ratio) => !(ratio >= atLeast)).length;
  return each.length === 0 || below >= roundsThatFail(each.length);
}

/** Relative standard error of a median, by the interquartile range, as of a normal law. */
export function errorOfMedian(samples: readonly number[]): number {
  const order = samples.toSorted((a, b) => a - b);
  const sigma = (quantile(order, 0.75) - quantile(order, 0.25)) / 1.349 / median(samples);
  return (1.2533 * sigma) / Math.sqrt(samples.length);
}

/** The most that the machine can have changed between two runs, as a difference of logarithms. */
export const drift = (a: Calibration, b: Calibration): number =>
  Math.max(
    Math.abs(Math.log(a.aesGiBs / b.aesGiBs)),
    Math.abs(Math.log(a.copyGBs / b.copyGBs)),
    Math.abs(Math.log(a.nttUs / b.nttUs)),
  );

export type Verdict = {
  /** after / before, of medians. */
  readonly factor: number;
  /** A factor up to this, or down to one over it, is noise. */
  readonly noise: number;
  readonly differs: boolean;
};

/** `machine` is `drift` for times, 0 for ratios within a run. */
export function compareSamples(before: Rounds, after: Rounds, machine: number): Verdict {
  const factor = median(after) / median(before);
  const error = Math.hypot(errorOfMedian(before), errorOfMedian(after));
  const bound = SIGMAS * error + machine + FLOOR;
  return { factor, noise: Math.exp(bound), differs: Math.abs(Math.log(factor)) > bound };
}
