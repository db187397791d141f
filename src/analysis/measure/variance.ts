/**
 * The variance of a bounded column: the sample variance, Σ(x − mean)²/(n − 1), as R's var().
 *
 * Value     cut to what data between the bounds can have, [0, D²/4·n/(n − 1)]; the middle of
 *           [0, D²/4] where the noised count is below two.
 * Full      of the variance of the population: all v in [0, D²/4] with
 *           (SS − (n − 1)·v)² ≤ z²·(noise(v) + n·v·(R² − v)). noise(v) is the noise of
 *           SS − (n − 1)v, linear in A, B, Q about the noised mean. n·v(R² − v) bounds the
 *           sampling variance of Σ(x − mean)² for any law between the bounds (Bhatia, Davis 2000,
 *           for (x − mean)², which lies in [0, R²] with mean v), R the longest way from the
 *           mean to a bound: the fourth moment that would be needed instead is not released.
 *           Conservative therefore: for a bell-shaped column of standard deviation R/4 the true
 *           sampling variance is an eighth of it (2v² against 15v²).
 * Noise     the same set without sampling, around the cohort's own variance; its longer side.
 * Bias      SS about the noised mean is too small by η²/n, η the noise of the mean's place: the
 *           centre of the sets gets its mean back, their variance its variance.
 * @module
 */
import { checkScale, type Moments, momentsOf, placeNoise, type Scale } from '../moments.ts';
import type { Estimate, Reading } from '../reading.ts';
import {
  at,
  clamp,
  type Interval,
  type Quadratic,
  reach,
  scoreInterval,
  Z95,
} from '../score-set.ts';
import { meanPlace } from './mean.ts';

/** Fewer rows have no sample variance. */
const FEWEST = 2;

type Bias = { readonly mean: number; readonly variance: number };

/** Mean and variance of η²/n, η normal with the noise variance of the place (times D). */
function biasOf({ n, place, noise }: Moments): Bias {
  const mean = at(placeNoise(noise[0], noise[1]), place) / n;
  return { mean, variance: 2 * mean * mean };
}

/** Noise variance of SS − (n − 1)·v as a function of v. */
function noiseAt({ range, place, noise: [a, b, q] }: Moments, bias: Bias): Quadratic {
  const [fromA, fromB] = [range * (1 - place) * (1 - place), range * place * place];
  return [
    a * fromA * fromA + b * fromB * fromB + q + bias.variance,
    (-2 * (a * fromA + b * fromB)) / range,
    (a + b) / range / range,
  ];
}

function intervals(moments: Moments): { full: Interval; alone: Interval } {
  const { n, range, squares } = moments;
  const whole: Interval = [0, (range * range) / 4];
  // The cohort's own sample variance is at most D²/4·n/(n − 1), with n ≥ 2 unknown: D²/2.
  const own: Interval = [0, (range * range) / 2];
  if (n < FEWEST) return { full: whole, alone: own };
  const bias = biasOf(moments);
  const [c0, c1, c2] = noiseAt(moments, bias);
  const centre = (squares + bias.mean) / (n - 1);
  const [low, high] = meanPlace(moments);
  const farthest = range * Math.max(high, 1 - low);
  const sampled: Quadratic = [c0, c1 + n * farthest * farthest, c2 - n];
  return {
    full: scoreInterval(n - 1, centre, sampled, whole),
    alone: scoreInterval(n - 1, centre, [c0, c1, c2], own),
  };
}

export function varianceOf(reading: Reading, scale: Scale): Estimate {
  const moments = momentsOf(reading, scale);
  const { n, range, squares } = moments;
  const most = (range * range) / 4;
  const value = n < FEWEST ? most / 2 : clamp(squares / (n - 1), 0, (most * n) / (n - 1));
  const { full, alone } = intervals(moments);
  const unit = scale.step * scale.step;
  return {
    value: value * unit,
    interval: [Math.min(full[0], value) * unit, Math.max(full[1], value) * unit],
    noise: reach(value, [Math.min(alone[0], value), Math.max(alone[1], value)]) * unit,
    count: n,
  };
}

/**
 * An upper bound of the noise half-width of the variance of `n` rows, in squared units of the
 * column, for `variance` of the noise in A and in B and D²/8 of it in Q.
 */
export function expectedVarianceNoise(variance: number, scale: Scale, n: number): number {
  checkScale(scale);
  const range = scale.max - scale.min;
  const most = ((range * range) / 4) * scale.step * scale.step;
  const unbounded = 2 * Z95 * Z95 * variance >= (n - 1) * (n - 1) * range * range;
  if (!(n >= FEWEST) || unbounded) return most * 2;
  const bias = variance / n;
  const linear = variance * range * range * (1 + 1 / 8);
  const half = bias + Z95 * Math.sqrt(linear + 2 * bias * bias);
  return Math.min(most * 2, (half / (n - 1)) * scale.step * scale.step);
}
