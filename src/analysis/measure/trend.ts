/**
 * A linear trend over public periods, of counts or of proportions.
 *
 * Counts       least squares of the noised counts on the middles of the periods, all with one
 *              weight: the slope is linear in the counts, so the noise leaves it unbiased.
 * Proportions  least squares weighted by the rows of a period, as in the test of Cochran (1954) and
 *              Armitage (1955). Periods whose rows the noise hides are left out.
 * Errors       sampling is Poisson about the fitted line, or p(1 − p)/n about the fitted proportion;
 *              noise adds s² to a count, s²((1 − p)² + p²)/n² to a proportion. Two periods at least.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type NamedEstimate, normalEstimate, undetermined } from '../named-estimate.ts';
import { checkReading, type Reading } from '../reading.ts';
import { clamp, Z95 } from '../score-set.ts';

export type TrendOf = 'count' | 'proportion';

/** A period that takes part: where it is, its value, its weight, and variances at a fitted value. */
type Period = {
  readonly time: number;
  readonly value: number;
  readonly weight: number;
  readonly sampling: (fitted: number) => number;
  readonly noise: (fitted: number) => number;
};

function countPeriods({ values, noise }: Reading, times: readonly number[]): Period[] {
  return times.map((time, i) => ({
    time,
    value: values[i] ?? 0,
    weight: 1,
    sampling: (fitted) => Math.max(0, fitted),
    noise: () => noise[i] ?? 0,
  }));
}

function proportionPeriods({ values, noise }: Reading, times: readonly number[]): Period[] {
  return times.flatMap((time, i) => {
    const [yes, no] = [values[2 * i] ?? 0, values[2 * i + 1] ?? 0];
    const [fromYes, fromNo] = [noise[2 * i] ?? 0, noise[2 * i + 1] ?? 0];
    const n = yes + no;
    if (!(n > 2 * Z95 * Math.sqrt(fromYes + fromNo))) return [];
    const share = (fitted: number): number => clamp(fitted, 0, 1);
    const period: Period = {
      time,
      value: yes / n,
      weight: n,
      sampling: (fitted) => (share(fitted) * (1 - share(fitted))) / n,
      noise: (fitted) => {
        const p = share(fitted);
        return (fromYes * (1 - p) * (1 - p) + fromNo * p * p) / n / n;
      },
    };
    return [period];
  });
}

function slopeOf(periods: readonly Period[]): NamedEstimate {
  const total = periods.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (of: (period: Period) => number): number =>
    periods.reduce((sum, period) => sum + period.weight * of(period), 0) / total;
  const [time, value] = [mean((own) => own.time), mean((own) => own.value)];
  const spread = total * mean((own) => (own.time - time) * (own.time - time));
  if (!(periods.length > 1 && spread > 0)) return undetermined('slope');
  const shares = periods.map((own) => (own.weight * (own.time - time)) / spread);
  const slope = periods.reduce((sum, own, i) => sum + (shares[i] ?? 0) * own.value, 0);
  let [sampling, noise] = [0, 0];
  periods.forEach((own, i) => {
    const share = shares[i] ?? 0;
    const fitted = value + slope * (own.time - time);
    sampling += share * share * own.sampling(fitted);
    noise += share * share * own.noise(fitted);
  });
  return normalEstimate('slope', slope, sampling, noise);
}

/** The change of the value per unit of `times`, the middles of the periods. */
export function trendOf(reading: Reading, times: readonly number[], of: TrendOf): NamedEstimate {
  checkReading(reading, of === 'count' ? times.length : 2 * times.length);
  const rising = times.every((time, i) => i === 0 || time > (times[i - 1] ?? time));
  check(rising && times.length > 1, 'INVALID_PARAMETER', 'periods of a trend');
  const periods = of === 'count' ? countPeriods : proportionPeriods;
  return slopeOf(periods(reading, times));
}
