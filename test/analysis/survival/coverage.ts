/**
 * Simulated coverage of survival curves: geometric times to event and to censoring on a unit grid
 * (so that the grid loses nothing), two arms of equal survival, integer noise in every exit.
 */
import { type Curve, survivalOf } from '../../../src/analysis/measure/survival.ts';
import { draws } from '../simulation.ts';
import { exitCounts, quiet, type Row, unitGrid } from '../tables.ts';

export type Setting = {
  readonly people: number;
  readonly intervals: number;
  /** Probability of the event, and of censoring, in an interval. */
  readonly hazard: number;
  readonly censoring: number;
  /** Standard deviation of the noise of one exit count. */
  readonly noise: number;
  readonly runs: number;
  /** What the intervals are told the noise variance to be, over what it is. */
  readonly told?: number;
};

export type Coverage = {
  /** At an early, a middle and the last point: of S of the law, and of the cohort's curve. */
  readonly survival: number[];
  readonly noise: number[];
  readonly hazard: number[];
  rmst: number;
  rmstNoise: number;
  median: number;
  /** Rejections at 5 %, of the test with noise and of the classical one. */
  readonly rejected: number[];
};

const add = (counts: number[], i: number, hit: boolean): void => {
  counts[i] = (counts[i] ?? 0) + (hit ? 1 : 0);
};
const covers = ([low, high]: readonly [number, number | null], value: number): boolean =>
  low <= value + 1e-12 && value <= (high ?? Infinity) + 1e-12;

function medianCovers({ median }: Curve, truth: number, until: number): boolean {
  const [low, high] = median.interval;
  return covers([low ?? until, high], truth);
}

export function coverage(setting: Setting, seed: number): Coverage {
  const { people, intervals, hazard, censoring, runs, told = 1 } = setting;
  const draw = draws(seed);
  const grid = unitGrid(intervals);
  const survives = (i: number): number => (1 - hazard) ** (i + 1);
  const law = {
    rmst:
      1 + Array.from({ length: intervals - 1 }, (_, i) => survives(i)).reduce((s, x) => s + x, 0),
    median: Math.ceil(Math.log(0.5) / Math.log(1 - hazard)),
  };
  const waiting = (p: number): number => Math.ceil(Math.log(draw.uniform()) / Math.log(1 - p));
  const arm = (size: number, index: number): Row[] =>
    Array.from({ length: size }, () => {
      const [event, censored] = [waiting(hazard), waiting(censoring)];
      return { time: Math.min(event, censored), event: event <= censored, arm: index };
    });
  const found: Coverage = {
    survival: [],
    noise: [],
    hazard: [],
    rmst: 0,
    rmstNoise: 0,
    median: 0,
    rejected: [],
  };
  const points = [1, Math.floor(intervals / 2), intervals - 1];
  for (let run = 0; run < runs; run++) {
    const exact = exitCounts([...arm(people, 0), ...arm(Math.round(people / 2), 1)], grid, 2);
    const noise = exact.map(() => setting.noise ** 2);
    const reading = { values: draw.noised(exact, noise), noise: noise.map((v) => v * told) };
    const { curves, tests } = survivalOf(reading, grid, 2);
    const [curve, cohort] = [curves[0]!, survivalOf(quiet(exact), grid, 2).curves[0]!];
    points.forEach((at, i) => {
      const [point, own] = [curve.points[at]!, cohort.points[at]!];
      add(found.survival, i, covers(point.interval, survives(at)));
      add(found.noise, i, Math.abs(point.survival - own.survival) <= point.noise + 1e-12);
      add(found.hazard, i, covers(point.hazardInterval, hazard * (at + 1)));
    });
    if (covers(curve.rmst.interval, law.rmst)) found.rmst += 1;
    if (Math.abs(curve.rmst.value - cohort.rmst.value) <= curve.rmst.noise + 1e-12)
      found.rmstNoise += 1;
    if (medianCovers(curve, law.median, intervals)) found.median += 1;
    tests.forEach(({ p }, i) => add(found.rejected, i, p < 0.05));
  }
  const share = (counts: readonly number[]): number[] => counts.map((hits) => hits / runs);
  return {
    survival: share(found.survival),
    noise: share(found.noise),
    hazard: share(found.hazard),
    rmst: found.rmst / runs,
    rmstNoise: found.rmstNoise / runs,
    median: found.median / runs,
    rejected: share(found.rejected),
  };
}

/** The shares of a coverage that are of intervals. */
export const intervalShares = (found: Coverage): [string, number][] => [
  ...found.survival.map((s, i): [string, number] => [`survival ${i}`, s]),
  ...found.noise.map((s, i): [string, number] => [`noise ${i}`, s]),
  ...found.hazard.map((s, i): [string, number] => [`hazard ${i}`, s]),
  ['rmst', found.rmst],
  ['rmst noise', found.rmstNoise],
  ['median', found.median],
];
