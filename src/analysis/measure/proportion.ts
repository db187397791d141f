/**
 * A proportion from the noised counts of rows that have a property and rows that do not.
 *
 * Value     yes / (yes + no), cut to [0, 1]; 1/2 where the noised count is not positive.
 * Full      of the probability: all p in [0, 1] with
 *           (yes·(1 − p) − no·p)² ≤ z²·(s_yes(1 − p)² + s_no·p² + n·p(1 − p)): Wilson's interval
 *           when there is no noise, Fieller's when there is nothing else.
 * Noise     the same without n·p(1 − p), around the cohort's proportion; its longer side.
 * @module
 */
import { placeNoise } from '../moments.ts';
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

export function proportionOf(reading: Reading): Estimate {
  checkReading(reading, 2);
  const [yes = 0, no = 0] = reading.values;
  const [noiseYes = 0, noiseNo = 0] = reading.noise;
  const n = yes + no;
  const value = n > 0 ? clamp(yes / n, 0, 1) : 0.5;
  const noise = placeNoise(noiseYes, noiseNo);
  const full: Quadratic = [noise[0], noise[1] + n, noise[2] - n];
  const interval = (law: Quadratic): Interval =>
    scoreInterval(n, value, plus(law, stepVariance(at(law, value), at(noise, value))), [0, 1]);
  return { value, interval: interval(full), noise: reach(value, interval(noise)), count: n };
}

/**
 * The largest noise half-width of a proportion of `n` rows, for `variance` of each count's noise.
 */
export function expectedProportionNoise(variance: number, n: number): number {
  const known = n > 0 && n * n > 2 * Z95 * Z95 * variance;
  return known ? (Z95 * Math.sqrt(variance) + halfStep(variance)) / n : 1;
}
