/**
 * A directly standardised proportion: Σ w_a·p_a over age bands, w the weights of a public population.
 *
 * Band      p_a and its score interval with noise and sampling are those of a proportion. A band
 *           whose rows the noise hides has the interval [0, 1] by that rule, and the rate of all
 *           bands together for its value.
 * Interval  the distances of the bands' limits added in squares: L = S − √Σ w²(p − l)², U likewise
 *           (MOVER; Zou, Donner, Stat. Med. 2008), which keeps the asymmetry of small rates. Bands are
 *           independent: different people, different noise. Noise alone in the same way.
 * @module
 */
import { check } from '../../base/errors.ts';
import { checkReading, type Estimate, type Reading } from '../reading.ts';
import { clamp, Z95 } from '../score-set.ts';
import { proportionOf } from './proportion.ts';

/** Two counts a band, yes and no, band after band. `weights` add up to 1. */
export function standardisedOf(reading: Reading, weights: readonly number[]): Estimate {
  checkReading(reading, 2 * weights.length);
  check(weights.length > 0, 'INVALID_PARAMETER', 'no age band');
  const { values, noise } = reading;
  const sum = (offset: number): number =>
    values.reduce((total, value, i) => total + (i % 2 === offset ? value : 0), 0);
  const count = sum(0) + sum(1);
  const crude = count > 0 ? clamp(sum(0) / count, 0, 1) : 0.5;
  let [value, below, above, alone] = [0, 0, 0, 0];
  weights.forEach((weight, a) => {
    const [from, to] = [2 * a, 2 * a + 2];
    const band = proportionOf({ values: values.slice(from, to), noise: noise.slice(from, to) });
    const variance = (noise[from] ?? 0) + (noise[from + 1] ?? 0);
    const hidden = band.count <= Z95 * Math.sqrt(variance);
    const own = hidden ? crude : band.value;
    const [low, high] = hidden ? [0, 1] : band.interval;
    value += weight * own;
    const square = (distance: number): number => weight * weight * distance * distance;
    below += square(own - low);
    above += square(high - own);
    alone += square(hidden ? Math.max(own, 1 - own) : band.noise);
  });
  return {
    value,
    interval: [clamp(value - Math.sqrt(below), 0, 1), clamp(value + Math.sqrt(above), 0, 1)],
    noise: Math.min(1, Math.sqrt(alone)),
    count,
  };
}
