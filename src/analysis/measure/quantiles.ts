/**
 * Quantiles and the distribution function of a column from one noised dyadic histogram.
 *
 * Fit        the least-squares tree (dp/mechanism/dyadic-consistency.ts), its cumulative counts made non-decreasing and
 *            cut to [0, n].
 * Quantile   of order p: the value of the first leaf with at least p·n rows up to and including it
 *            (the inverse of the distribution function, R's type 1); a leaf of several steps is taken
 *            to be filled evenly. The middle of the bounds where the count is not positive.
 * Function   at x: the share of rows with a value of at most x.
 * Full       of the distribution function of the population: score interval with noise and
 *            n·p(1 − p), as of a proportion. Of the quantile: all leaves that the same test does not
 *            exclude, from the low end of the first to the high end of the last (Woodruff 1952).
 * Noise      the same without sampling, around the cohort's own; the longer side.
 * @module
 */
import { check } from '../../base/errors.ts';
import { consistentLeaves, prefixVariance } from '../../dp/mechanism/dyadic-consistency.ts';
import { dyadicTree } from '../../dp/mechanism/dyadic.ts';
import { checkReading, type Estimate, type Reading } from '../reading.ts';
import {
  at,
  clamp,
  halfStep,
  type Interval,
  plus,
  type Quadratic,
  reach,
  scoreInterval,
  stepVariance,
  Z95,
} from '../score-set.ts';
import { nonDecreasing } from '../survival/isotonic.ts';

/** Leaf i holds min + i·width to min + (i + 1)·width − 1, in steps. */
export type Leaves = {
  readonly depth: number;
  readonly min: number;
  /** The largest value of the column. */
  readonly max: number;
  readonly width: number;
  readonly step: number;
};

export type Distribution = {
  readonly leaves: Leaves;
  /** Rows in the first m leaves, fitted; the last one is the noised number of all. */
  readonly cuts: readonly number[];
  readonly count: number;
  /** Noise variance of each cut. */
  readonly noise: readonly number[];
};

/** Exact on every engine, as a power need not be. */
const treeOf = (depth: number) => dyadicTree(1 << depth);

export function distributionOf(reading: Reading, leaves: Leaves): Distribution {
  const tree = treeOf(leaves.depth);
  checkReading(reading, tree.nodes);
  const [variance = 0] = reading.noise;
  check(
    reading.noise.every((own) => own === variance),
    'INVALID_PARAMETER',
    'one variance in every node',
  );
  let sum = 0;
  const fitted = consistentLeaves(tree, reading.values, variance);
  const sums = Array.from(fitted, (own) => (sum += own));
  const rising = nonDecreasing(
    sums,
    sums.map(() => 1),
  );
  const cuts = [0, ...rising.map((own) => clamp(own, 0, Math.max(0, sum)))];
  return { leaves, cuts, count: sum, noise: cutNoise(leaves.depth, variance) };
}

/** Of the rows in the first m leaves, for m = 0, ..., leaves; of all rows last. */
function cutNoise(depth: number, variance: number): number[] {
  const tree = treeOf(depth);
  const cuts = Array.from({ length: tree.leaves }, (_, leaf) =>
    prefixVariance(tree, variance, leaf),
  );
  return [0, ...cuts];
}

/**
 * Noise variance of F − p·n at the first m leaves, as a function of p. The first m leaves are m/2^depth
 * of the estimate of all rows and what is independent of it, so that is their covariance.
 */
function noiseAt({ noise }: Distribution, m: number): Quadratic {
  const total = noise.at(-1) ?? 0;
  const share = m / (noise.length - 1);
  return [noise[m] ?? 0, -2 * share * total, total];
}

/** The share of rows in the first `m` leaves. */
export function shareOf(distribution: Distribution, m: number): Estimate {
  const { cuts, count, noise } = distribution;
  check(m > 0 && m < noise.length, 'INVALID_PARAMETER', 'leaves of a share');
  const value = count > 0 ? clamp((cuts[m] ?? 0) / count, 0, 1) : 0.5;
  const law = noiseAt(distribution, m);
  const full: Quadratic = [law[0], law[1] + count, law[2] - count];
  const interval = (own: Quadratic): Interval => {
    const variance = stepVariance(Math.max(0, at(own, value)), Math.max(0, at(law, value)));
    return scoreInterval(count, value, plus(own, variance), [0, 1]);
  };
  return { value, interval: interval(full), noise: reach(value, interval(law)), count };
}

/** Value of a row in leaf `leaf` with `part` of the leaf below it, in units of the column. */
function valueIn({ min, max, width, step }: Leaves, leaf: number, part: number): number {
  return Math.min(max, min + leaf * width + (width - 1) * part) * step;
}

/** The leaves that a quantile of order p can be in: first and last. */
function possible(distribution: Distribution, p: number, sampling: boolean): [number, number] {
  const { cuts, count } = distribution;
  const last = cuts.length - 2;
  const margin = (m: number): number => {
    const noise = Math.max(0, at(noiseAt(distribution, m), p));
    const more = sampling ? Math.max(0, count) * p * (1 - p) : 0;
    return Z95 * Math.sqrt(noise + more) + halfStep(noise);
  };
  const wanted = p * count;
  let [low, high] = [0, last];
  while (low < last && (cuts[low + 1] ?? 0) + margin(low + 1) < wanted) low += 1;
  while (high > low && (cuts[high] ?? 0) - margin(high) >= wanted) high -= 1;
  return [low, high];
}

export function quantileOf(distribution: Distribution, p: number): Estimate {
  check(p > 0 && p < 1, 'INVALID_PARAMETER', 'order of a quantile');
  const { cuts, count, leaves } = distribution;
  if (!(count > 0)) {
    const [low, high] = [leaves.min * leaves.step, leaves.max * leaves.step];
    return { value: (low + high) / 2, interval: [low, high], noise: (high - low) / 2, count };
  }
  // A hair below: p·n of a whole number of rows is not exactly one.
  const wanted = p * count * (1 - 1e-12);
  const found = cuts.findIndex((rows, m) => m > 0 && rows >= wanted) - 1;
  const leaf = found < 0 ? cuts.length - 2 : found;
  const [before, after] = [cuts[leaf] ?? 0, cuts[leaf + 1] ?? 0];
  const part = after > before ? clamp((wanted - before) / (after - before), 0, 1) : 0.5;
  const value = valueIn(leaves, leaf, part);
  const ends = (sampling: boolean): Interval => {
    const [low, high] = possible(distribution, p, sampling);
    return [Math.min(value, valueIn(leaves, low, 0)), Math.max(value, valueIn(leaves, high, 1))];
  };
  return { value, interval: ends(true), noise: reach(value, ends(false)), count };
}
