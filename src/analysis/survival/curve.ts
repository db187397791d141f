/**
 * Kaplan-Meier and Nelson-Aalen curves of a noised table, with 95 % intervals.
 *
 * Survival  S_j = Π (1 − d_i/n_i) (Kaplan, Meier 1958), hazard H_j = Σ d_i/n_i (Nelson 1972, Aalen
 *           1978), over the fitted table (risk-table.ts), so S falls and H rises.
 * Grid      an interval (g_i, g_{i+1}] is one point, at g_{i+1}; what happened inside is taken to
 *           have happened at its end, events before censorings. On a grid of the unit of time of
 *           the data the curve is R's survfit.
 * Interval  of log S, Greenwood's Σ d/(n(n − d)) plus the noise by the delta method
 *           (exit-noise.ts), R's default conf.type "log", cut to [0, 1]; of H, Σ d/n² plus noise,
 *           symmetric, cut at 0. Where the noise hides the number at risk (`known`) or nobody is
 *           left, the lower limit of S is 0 and its upper limit the last one (S never rises); H
 *           has no upper limit there (null). Pointwise; approximate where few are left, as
 *           Greenwood's is without noise.
 * @module
 */
import { exp } from '../elementary.ts';
import { halfStep, unknownVariance, Z95 } from '../score-set.ts';
import { noiseOfSums, type Slope } from './exit-noise.ts';
import type { RiskTable } from './risk-table.ts';

export type Point = {
  /** The end of the interval. */
  readonly time: number;
  readonly survival: number;
  readonly interval: readonly [number, number];
  /**
   * 95 % half-width of the noise alone in `survival`; the upper limit where nothing less is
   * known.
   */
  readonly noise: number;
  /** At the start of the interval; fitted, may be fractional. */
  readonly atRisk: number;
  readonly events: number;
  /** Cumulative hazard. */
  readonly hazard: number;
  readonly hazardInterval: readonly [number, number | null];
};

/** log(1 − d/n) and d/n, by n and by d. The table has 0 ≤ d < n where these are asked for. */
const logSurvivalSlope = (n: number, d: number): Slope => ({
  atRisk: d / n / (n - d),
  event: -1 / (n - d),
});
const hazardSlope = (n: number, d: number): Slope => ({ atRisk: -d / n / n, event: 1 / n });

/** Slopes of log S over the intervals in which it is known and finite. */
export function survivalSlopes({ atRisk, events, known }: RiskTable): Slope[] {
  const slopes: Slope[] = [];
  for (let i = 0; i < known; i++) {
    const [n, d] = [atRisk[i] ?? 0, events[i] ?? 0];
    if (!(n > d)) break;
    slopes.push(logSurvivalSlope(n, d));
  }
  return slopes;
}

const running = (terms: readonly number[]): number[] => {
  let sum = 0;
  return terms.map((term) => (sum += term));
};

/** S after each interval. Nobody at risk: it stays. */
export function kaplanMeier({ atRisk, events }: RiskTable): number[] {
  let survival = 1;
  return atRisk.map((n, i) => (survival *= n > 0 ? (n - (events[i] ?? 0)) / n : 1));
}

/** Greenwood's term d/(n(n − d)), 0 where nobody survives the interval, as R has it. */
export const greenwoodTerm = (n: number, d: number): number => (n > d ? d / n / (n - d) : 0);

/**
 * 95 % half-widths of log S: of sampling and noise, and of noise alone, both with half a person of
 * continuity correction. Greenwood's sum is itself noised, by s/n⁴ for each count of events.
 */
function survivalErrors(table: RiskTable): { full: number; noise: number }[] {
  const { atRisk, events, noise } = table;
  const slopes = survivalSlopes(table);
  const greenwood = running(atRisk.map((n, i) => greenwoodTerm(n, events[i] ?? 0)));
  const spread = running(atRisk.map((n, i) => (noise[i]?.event ?? 0) / n / n / n / n));
  return noiseOfSums(slopes, noise).map((variance, j) => {
    const total = variance + (greenwood[j] ?? 0);
    const more = Math.min(variance, unknownVariance(total, spread[j] ?? 0));
    const half = halfStep(variance, -(slopes[j]?.event ?? 0));
    return {
      full: Z95 * Math.sqrt(total + more) + half,
      noise: Z95 * Math.sqrt(variance) + half,
    };
  });
}

/**
 * How much survival the noise can hide after the last interval with an error: everything up to
 * `highest` where the number at risk is hidden; where it is known and nobody is left, what the
 * noise of those who left later could be of those at risk.
 */
export function hiddenSurvival(
  table: RiskTable,
  from: number,
  last: number,
  highest: number,
): number {
  if (from >= table.known) return highest;
  const { censored = 0, later = 0 } = table.noise[from] ?? {};
  return Math.min(highest, (last * Z95 * Math.sqrt(censored + later)) / (table.atRisk[from] ?? 1));
}

/** 95 % half-width of H over the known intervals. */
function hazardErrors({ atRisk, events, known, noise }: RiskTable): number[] {
  const slopes = Array.from({ length: known }, (_, i) =>
    hazardSlope(atRisk[i] ?? 0, events[i] ?? 0),
  );
  const aalen = running(slopes.map(({ atRisk: slope }) => -slope));
  return noiseOfSums(slopes, noise).map(
    (variance, j) =>
      Z95 * Math.sqrt(variance + (aalen[j] ?? 0)) + halfStep(variance, slopes[j]?.event),
  );
}

/** The points of the curve of one arm. `grid` has one time more than the table has intervals. */
export function curvePoints(table: RiskTable, grid: readonly number[]): Point[] {
  const { atRisk, events } = table;
  const [errors, chaz] = [survivalErrors(table), hazardErrors(table)];
  const survivals = kaplanMeier(table);
  const hazards = running(atRisk.map((n, i) => (n > 0 ? (events[i] ?? 0) / n : 0)));
  let highest = 1;
  return atRisk.map((n, i) => {
    const [survival, hazard] = [survivals[i] ?? 0, hazards[i] ?? 0];
    const error = errors[i];
    if (error) highest = Math.min(1, survival * exp(error.full));
    const last = survivals[errors.length - 1] ?? 1;
    return {
      time: grid[i + 1] ?? 0,
      survival,
      interval: [error ? survival * exp(-error.full) : 0, highest],
      noise: error
        ? Math.min(1, survival * error.noise)
        : hiddenSurvival(table, errors.length, last, highest),
      atRisk: n,
      events: events[i] ?? 0,
      hazard,
      hazardInterval: hazardLimits(hazard, chaz[i]),
    };
  });
}

function hazardLimits(hazard: number, error: number | undefined): readonly [number, number | null] {
  if (error === undefined) return [0, null];
  return [Math.max(0, hazard - error), hazard + error];
}
