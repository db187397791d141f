/**
 * Survival of the arms of a study from one block of noised exits: curves, medians, restricted
 * means, and the log-rank test where there are two arms or more. Everything is post-processing of
 * the same noised table, so it is paid for once (Gondara, Wang 2020; Rahimian et al. 2023).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Reading } from '../reading.ts';
import { halfStep, Z95 } from '../score-set.ts';
import { curvePoints, type Point } from '../survival/curve.ts';
import { logRank } from '../survival/log-rank.ts';
import { type Median, medianOf } from '../survival/median.ts';
import { type RestrictedMean, restrictedMean } from '../survival/restricted-mean.ts';
import { type RiskTable, riskTables } from '../survival/risk-table.ts';
import type { Test } from '../test-result.ts';

export type Curve = {
  readonly points: readonly Point[];
  readonly median: Median;
  readonly rmst: RestrictedMean;
  /** Noised number of rows of the arm, on which the minimum size acts; may be negative. */
  readonly count: number;
};

/** `tests` is empty where there is one arm. */
export type Survival = { readonly curves: readonly Curve[]; readonly tests: readonly Test[] };

function curveOf(table: RiskTable, grid: readonly number[]): Curve {
  const points = curvePoints(table, grid);
  return {
    points,
    median: medianOf(points),
    rmst: restrictedMean(table, grid),
    count: table.total,
  };
}

/** The curves of `arms` arms on `grid`: interval i is (g_i, g_{i+1}], the first closed at g_0. */
export function survivalOf(reading: Reading, grid: readonly number[], arms: number): Survival {
  const rising = grid.every(
    (time, i) => Number.isFinite(time) && time > (grid[i - 1] ?? -Infinity),
  );
  check(grid.length > 1 && rising, 'INVALID_PARAMETER', 'the grid of a survival curve');
  const tables = riskTables(reading, arms, grid.length - 1);
  return {
    curves: tables.map((table) => curveOf(table, grid)),
    tests: arms > 1 ? logRank(tables) : [],
  };
}

/**
 * An upper bound of the noise half-width of the survival curve, while at least `left` people
 * remain after the events of an interval: every exit moves log S by at most 1/left, and of the
 * 2·`intervals` + 1 exits those that weigh fully are at most 2·`intervals`. `variance` is that of
 * the noise of one exit count.
 */
export function expectedSurvivalNoise(variance: number, intervals: number, left: number): number {
  if (!(left > 0)) return 1;
  return Math.min(1, (Z95 * Math.sqrt(2 * intervals * variance) + halfStep(variance)) / left);
}
