/**
 * Simulated coverage of mean, sum, variance and proportion: a Poisson number of people with
 * values from a beta law on the public bounds, integer noise, and the intervals that the noised
 * sums give. The full interval is held against the parameters of the law, the noise interval
 * against the cohort drawn.
 */
import { meanOf } from '../../../src/analysis/measure/mean.ts';
import { proportionOf } from '../../../src/analysis/measure/proportion.ts';
import { sumOf } from '../../../src/analysis/measure/sum.ts';
import { varianceOf } from '../../../src/analysis/measure/variance.ts';
import type { Estimate, Reading } from '../../../src/analysis/reading.ts';
import { draws } from '../simulation.ts';
import { momentSums } from '../tables.ts';

export type Setting = {
  readonly people: number;
  /** Standard deviation of the noise in people: of a count, or of A and B over D. */
  readonly noise: number;
  readonly bounds: readonly [number, number];
  /** Parameters of the beta law. */
  readonly shape: readonly [number, number];
  readonly runs: number;
  /** What the interval is told the noise variance to be, over what it is. */
  readonly told?: number;
};

export type Share = { full: number; noise: number };
export type Coverage = Record<'mean' | 'sum' | 'variance' | 'proportion', Share>;

const covers = ([low, high]: readonly [number, number], value: number): boolean => {
  const rounding = 1e-12 * Math.abs(value);
  return low - rounding <= value && value <= high + rounding;
};

function count(
  share: Share,
  { value, interval, noise }: Estimate,
  truth: number,
  cohort: number,
): void {
  if (covers(interval, truth)) share.full += 1;
  if (covers([value - noise, value + noise], cohort)) share.noise += 1;
}

export function coverage(setting: Setting, seed: number): Coverage {
  const { people, bounds, shape, runs, told = 1 } = setting;
  const [min, max] = bounds;
  const [a, b] = shape;
  const range = max - min;
  const draw = draws(seed);
  const found: Coverage = {
    mean: { full: 0, noise: 0 },
    sum: { full: 0, noise: 0 },
    variance: { full: 0, noise: 0 },
    proportion: { full: 0, noise: 0 },
  };
  const variance = setting.noise ** 2;
  const law = {
    mean: min + (range * a) / (a + b),
    // Rounding to steps adds 1/12.
    variance: (range ** 2 * a * b) / ((a + b) ** 2 * (a + b + 1)) + 1 / 12,
    proportion: a / (a + b),
  };
  const noised = (values: readonly number[], noise: readonly number[]): Reading => ({
    values: draw.noised(values, noise),
    noise: noise.map((v) => v * told),
  });
  const moments = [variance * range ** 2, variance * range ** 2, (variance * range ** 4) / 8];
  const scale = { min, max, step: 1 };
  for (let run = 0; run < runs; run++) {
    const n = Math.max(2, draw.poisson(people));
    const values = Array.from({ length: n }, () => Math.round(min + range * draw.beta(a, b)));
    const sum = values.reduce((total, x) => total + x, 0);
    const squares = values.reduce((total, x) => total + (x - sum / n) ** 2, 0);
    const reading = noised(momentSums(values, min, max), moments);
    count(found.mean, meanOf(reading, scale), law.mean, sum / n);
    count(found.sum, sumOf(reading, scale), people * law.mean, sum);
    count(found.variance, varianceOf(reading, scale), law.variance, squares / (n - 1));
    const yes = values.filter(() => draw.uniform() < law.proportion).length;
    const split = noised([yes, n - yes], [variance, variance]);
    count(found.proportion, proportionOf(split), law.proportion, yes / n);
  }
  for (const share of Object.values(found)) {
    share.full /= runs;
    share.noise /= runs;
  }
  return found;
}

export const MEASURES = ['mean', 'sum', 'variance', 'proportion'] as const;
