/**
 * The median survival time and its interval, by R's convention (survival, survmean and
 * quantile.survfit).
 *
 * The first time at which the curve is at or below 1/2; where it is exactly 1/2 over an interval,
 * the middle between its start and the next fall. The interval inverts the pointwise one
 * (Brookmeyer, Crowley 1982): the same times of the lower and of the upper limit. Null: not
 * reached within the grid.
 * @module
 */
import type { Point } from './curve.ts';

export type Median = {
  readonly value: number | null;
  readonly interval: readonly [number | null, number | null];
};

/** R's: the square root of the distance from 1 to the next double. */
const TOLERANCE = 1 / 67_108_864;
const HALF = 0.5;

function firstAtHalf(times: readonly number[], curve: readonly number[]): number | null {
  const start = curve.findIndex((s) => s < HALF + TOLERANCE);
  const [time, level] = [times[start], curve[start]];
  if (time === undefined || level === undefined) return null;
  if (Math.abs(level - HALF) >= TOLERANCE) return time;
  const next = times[curve.findIndex((s, i) => i > start && s < level)];
  return next === undefined ? time : (time + next) / 2;
}

export function medianOf(points: readonly Point[]): Median {
  const times = points.map(({ time }) => time);
  const at = (curve: (point: Point) => number): number | null =>
    firstAtHalf(times, points.map(curve));
  const value = at(({ survival }) => survival);
  const [low, high] = [at(({ interval }) => interval[0]), at(({ interval }) => interval[1])];
  if (value === null) return { value, interval: [low, null] };
  // The middle of a flat stretch of a limit can lie beyond the median by a part of that stretch.
  const limits = [
    Math.min(low ?? value, value),
    high === null ? null : Math.max(high, value),
  ] as const;
  return { value, interval: limits };
}
