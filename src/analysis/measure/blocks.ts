/**
 * The mean of what a program answered on a public number n of disjoint blocks of people.
 *
 * Block     A = Σ a, Q = Σ a(D − a), a = answer − L in steps, D = U − L (dp/mechanism/sample-aggregate.ts).
 * Value     L + A/n, cut to the bounds.
 * Full      of the expected answer on a block of this size: variance of A from sampling n/(n − 1)·Σ(a − mean)²,
 *           Σ(a − mean)² = D·A − Q − A²/n, from sums that have noise themselves, with Student's correction
 *           extended to the noise (unknownVariance). What a program answers on small blocks may
 *           differ from what it would answer on everybody; no interval covers that.
 * Noise     that of A alone: the same whatever the values.
 * @module
 */
import { checkScale, type Scale } from '../moments.ts';
import { type NamedEstimate } from '../named-estimate.ts';
import { checkReading, type Reading } from '../reading.ts';
import { clamp, halfStep, unknownVariance, Z95 } from '../score-set.ts';

const COMPONENTS = 2;

/** Variance of A from which blocks there are, and what is not known of it. */
function sampling(
  { values, noise }: Reading,
  range: number,
  n: number,
): { readonly variance: number; readonly spread: number } {
  const [a = 0, q = 0] = values;
  const [noiseA = 0, noiseQ = 0] = noise;
  const place = clamp(a / (n * range), 0, 1);
  const most = n * range * range * place * (1 - place);
  const squares = clamp(most - q, 0, most);
  const slope = range * (1 - 2 * place);
  const variance = (squares * n) / (n - 1);
  return {
    variance,
    spread: slope * slope * noiseA + noiseQ + (2 * variance * variance) / (n - 1),
  };
}

/** `n` blocks altogether. */
export function blockMean(name: string, reading: Reading, scale: Scale, n: number): NamedEstimate {
  checkScale(scale);
  checkReading(reading, COMPONENTS);
  const { min, max, step } = scale;
  const range = max - min;
  const [a = 0] = reading.values;
  const [noise = 0] = reading.noise;
  const { variance, spread } = sampling(reading, range, n);
  const total = noise + variance + unknownVariance(noise + variance, spread);
  // Within what any blocks add up to, so that the interval is never outside of it.
  const centre = clamp(a, 0, n * range);
  const shown = (sum: number): number => (min + clamp(sum / n, 0, range)) * step + 0;
  const reachOf = (of: number): number => Z95 * Math.sqrt(of) + halfStep(noise);
  return {
    name,
    value: shown(a),
    interval: [shown(centre - reachOf(total)), shown(centre + reachOf(total))],
    noise: (Math.min(range * n, reachOf(noise)) / n) * step,
    p: null,
  };
}
