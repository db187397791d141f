/**
 * The sum of a bounded column.
 *
 * Value     (U·A + L·B)/D: it needs no count, and is not cut to a range, for none is public.
 * Noise     variance (U²·s_A + L²·s_B)/D², the same for all data: nothing of the half-width comes
 *           from the values. Half a step of continuity correction, as in the others.
 * Full      of the expected sum when rows arrive as a Poisson number (as for a count), so that the
 *           sampling variance is Σx² (compound Poisson), from the three sums. It is estimated,
 *           with variance at most M²·Σx² + noise, M the largest |x|, and corrected for that.
 * @module
 */
import { checkScale, type Moments, momentsOf, type Scale, squaresNoise } from '../moments.ts';
import type { Estimate, Reading } from '../reading.ts';
import { halfStep, unknownVariance, Z95 } from '../score-set.ts';

/** Noise variance of the sum in steps². */
function noiseVariance({ min, max }: Scale, noiseA: number, noiseB: number): number {
  const [upper, lower] = [max / (max - min), min / (max - min)];
  return upper * upper * noiseA + lower * lower * noiseB;
}

const noiseHalf = (variance: number, { step }: Scale): number =>
  (Z95 * Math.sqrt(variance) + halfStep(variance)) * step;

/** Σx² and what is not known of it: compound Poisson variance and the variance of its estimate. */
function sampling(moments: Moments, { min, max }: Scale): { variance: number; spread: number } {
  const mean = min + moments.range * moments.place;
  const variance = Math.max(0, moments.n) * mean * mean + moments.squares;
  const largest = Math.max(min * min, max * max);
  return { variance, spread: largest * variance + squaresNoise(moments) };
}

export function sumOf(reading: Reading, scale: Scale): Estimate {
  const moments = momentsOf(reading, scale);
  const [a = 0] = reading.values;
  // (U·A + L·B)/D, without the products that leave the integers a double holds.
  const value = (a + scale.min * moments.n) * scale.step;
  const alone = noiseVariance(scale, moments.noise[0], moments.noise[1]);
  const { variance, spread } = sampling(moments, scale);
  const total = alone + variance + unknownVariance(alone + variance, spread);
  const half = (Z95 * Math.sqrt(total) + halfStep(alone)) * scale.step;
  return {
    value: value + 0,
    interval: [value - half, value + half],
    noise: noiseHalf(alone, scale),
    count: moments.n,
  };
}

/**
 * The noise half-width of a sum, in units of the column, for `variance` of the noise in A and in
 * B.
 */
export function expectedSumNoise(variance: number, scale: Scale): number {
  checkScale(scale);
  return noiseHalf(noiseVariance(scale, variance, variance), scale);
}
