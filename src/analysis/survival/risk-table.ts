/**
 * From the noised exits of one arm to a table that could be one: numbers at risk and events.
 *
 * Block     d_0, c_0, d_1, c_1, ..., beyond: events and censorings in each interval of the grid,
 *           and those who left the study after its end. Everybody has one exit, so a person is
 *           one cell (rulings 11), and the number at risk is the sum of the exits still to come.
 *           Within an interval events come before censorings, as in R's survfit.
 * Fit       the noised numbers at risk rise and events are negative in places. The numbers at
 *           risk become the nearest non-increasing sequence, the events the steps of the nearest
 *           non-decreasing sequence of *cumulative* events, weighted by the reciprocal of the
 *           noise variance; both are cut at zero and events at the number at risk. Cutting
 *           each count at zero by itself would add the positive half of the noise of every
 *           interval to the hazard; in the cumulative sums it cancels. A table without noise comes
 *           back as it is.
 * Known     the intervals before the first in which the number at risk is within 2z standard
 *           deviations of its noise from zero: from there on nothing bounds the hazard from above.
 * @module
 */
import { check } from '../../base/errors.ts';
import { checkReading, type Reading } from '../reading.ts';
import { Z95 } from '../score-set.ts';
import { nonDecreasing, nonIncreasing } from './isotonic.ts';

/** Nearer to zero the delta method fails: simulated coverage falls to 0.89 at half of this. */
const CLEAR = 2 * Z95;

/** Noise variances of the exits of one interval, and of all exits after it. */
export type ExitNoise = {
  readonly event: number;
  readonly censored: number;
  readonly later: number;
};

export type RiskTable = {
  /** Fitted: not negative, non-increasing. */
  readonly atRisk: readonly number[];
  /** Fitted: between 0 and the number at risk; may be fractional. */
  readonly events: readonly number[];
  /** As noised. */
  readonly noisedEvents: readonly number[];
  /** Noised number of rows of the arm. */
  readonly total: number;
  readonly noise: readonly ExitNoise[];
  /** Noise variance of the number at risk in each interval. */
  readonly atRiskNoise: readonly number[];
  /** How many intervals have a number at risk that its noise does not hide. */
  readonly known: number;
};

const pairs = (values: readonly number[], offset: 0 | 1): number[] =>
  values.slice(0, -1).filter((_, i) => i % 2 === offset);

/** Sums from each position to the end, `last` included. */
function sumsToEnd(values: readonly number[], last: number): number[] {
  const sums: number[] = [];
  let sum = last;
  for (const value of values.toReversed()) sums.push((sum += value));
  return sums.toReversed();
}

function sumsFromStart(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => (sum += value));
}

const reciprocal = (variance: number): number => 1 / variance;

function riskTable(values: readonly number[], noise: readonly number[]): RiskTable {
  const [noisedEvents, eventNoise] = [pairs(values, 0), pairs(noise, 0)];
  const [censored, censoredNoise] = [pairs(values, 1), pairs(noise, 1)];
  const exits = noisedEvents.map((d, i) => d + (censored[i] ?? 0));
  const exitNoise = eventNoise.map((v, i) => v + (censoredNoise[i] ?? 0));
  const beyondNoise = noise.at(-1) ?? 0;
  const noised = sumsToEnd(exits, values.at(-1) ?? 0);
  const atRiskNoise = sumsToEnd(exitNoise, beyondNoise);
  const atRisk = nonIncreasing(noised, atRiskNoise.map(reciprocal)).map((n) => Math.max(0, n));
  const cumulative = nonDecreasing(
    sumsFromStart(noisedEvents),
    sumsFromStart(eventNoise).map(reciprocal),
  ).map((d) => Math.max(0, d));
  const hidden = atRisk.findIndex((n, i) => n <= CLEAR * Math.sqrt(atRiskNoise[i] ?? 0));
  return {
    atRisk,
    events: cumulative.map((d, i) => Math.min(atRisk[i] ?? 0, d - (cumulative[i - 1] ?? 0))),
    noisedEvents,
    total: noised[0] ?? 0,
    noise: eventNoise.map((event, i) => ({
      event,
      censored: censoredNoise[i] ?? 0,
      later: atRiskNoise[i + 1] ?? beyondNoise,
    })),
    atRiskNoise,
    known: hidden < 0 ? atRisk.length : hidden,
  };
}

/** The risk tables of a survival block: `arms` outermost, each 2·`intervals` + 1 exits. */
export function riskTables(reading: Reading, arms: number, intervals: number): RiskTable[] {
  const positive = [arms, intervals].every((count) => Number.isSafeInteger(count) && count > 0);
  check(positive, 'INVALID_PARAMETER', 'arms and intervals');
  const size = 2 * intervals + 1;
  checkReading(reading, arms * size);
  return Array.from({ length: arms }, (_, a) =>
    riskTable(
      reading.values.slice(a * size, (a + 1) * size),
      reading.noise.slice(a * size, (a + 1) * size),
    ),
  );
}
