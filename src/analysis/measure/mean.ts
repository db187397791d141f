/**
 * The mean of a bounded column.
 *
 * Value     L + D·A/(A + B), cut to the public bounds (a mean outside them is absurd, and cutting
 *           only brings it nearer); the middle of the bounds where the noised count is not
 *           positive.
 * Full      of the mean of the population: all places p in [0, 1] with (A(1 − p) − Bp)² ≤
 *           z²·(noise(p) + W), noise(p) = s_A(1 − p)² + s_B·p², Fieller's set with W the sampling
 *           variance n/(n − 1)·Σ(x − mean)². W is estimated, from sums that have noise
 *           themselves, and gets Student's correction extended to the noise (unknownVariance).
 *           Squares about the noised mean are too small by (T² − T_s²)/n, T the left-hand side
 *           and T_s its part from sampling; given T that is (1 − (1 − f)²)·T²/n on the average, f
 *           the part of the noise in the variance, and it is taken off the left side. The whole
 *           range where the count is not clearly positive.
 * Normal    is what sampling is taken for: where a few rows make most of the spread (six of 200 at the
 *           other bound), it covers as little as any interval of Student's, 92 to 95 %. Ask for a proportion.
 * Noise     the same set with W = 0, around the mean of the cohort; its longer side. Both sets
 *           have half a step of continuity correction (score-set.ts).
 * @module
 */
import {
  checkScale,
  type Moments,
  momentsOf,
  placeNoise,
  type Scale,
  squaresNoise,
} from '../moments.ts';
import type { Estimate, Reading } from '../reading.ts';
import {
  at,
  halfStep,
  type Interval,
  plus,
  reach,
  scoreInterval,
  stepVariance,
  unknownVariance,
  Z95,
} from '../score-set.ts';

/** Full interval of the mean's place in [0, 1]. */
export function meanPlace(moments: Moments): Interval {
  const { n, total, place, squares } = moments;
  const noise = placeNoise(moments.noise[0], moments.noise[1]);
  const sampling = (squares * Math.max(1, n)) / Math.max(1, n - 1);
  const variance = sampling + at(noise, place);
  const spread = squaresNoise(moments) + (2 * sampling * sampling) / Math.max(1, n - 1);
  const corrections = unknownVariance(variance, spread) + stepVariance(variance, at(noise, place));
  const part = 1 - sampling / variance;
  const lost = (Z95 * Z95 * part * (2 - part)) / Math.max(1, n);
  const weight = total * Math.sqrt(Math.max(0, 1 - lost));
  return scoreInterval(weight, place, plus(noise, sampling + corrections), [0, 1]);
}

export function meanOf(reading: Reading, scale: Scale): Estimate {
  const moments = momentsOf(reading, scale);
  const { n, total, range, place } = moments;
  const noise = placeNoise(moments.noise[0], moments.noise[1]);
  const stepped = plus(noise, stepVariance(at(noise, place), at(noise, place)));
  const unit = (p: number): number => (scale.min + range * p) * scale.step;
  const [low, high] = meanPlace(moments);
  return {
    value: unit(place),
    interval: [unit(low), unit(high)],
    noise: reach(place, scoreInterval(total, place, stepped, [0, 1])) * range * scale.step,
    count: n,
  };
}

/**
 * The largest noise half-width of the mean of `n` rows, in units of the column, for `variance` of
 * the noise in A and in B: at a bound. The whole range where the count cannot be told from zero.
 */
export function expectedMeanNoise(variance: number, scale: Scale, n: number): number {
  checkScale(scale);
  const range = scale.max - scale.min;
  const total = n * range;
  const known = total > 0 && total * total > 2 * Z95 * Z95 * variance;
  return (known ? (Z95 * Math.sqrt(variance) + halfStep(variance)) / n : range) * scale.step;
}
