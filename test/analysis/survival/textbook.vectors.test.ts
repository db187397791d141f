/**
 * Remission times of 42 children with leukaemia, 6-mercaptopurine against placebo: Freireich et
 * al. 1963, the example of Gehan 1965, Cox and Oakes 1984 and of Kleinbaum and Klein, "Survival
 * Analysis": the curve with its standard errors (table of section 2.III), medians 23 and 8,
 * log-rank 16.79; and a curve that is exactly 1/2 over an interval. R prints a restricted mean of
 * 23.29 (standard error 2.83) to week 35 for the drug and 8.67 (1.38) for placebo.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { survivalOf } from '../../../src/analysis/measure/survival.ts';
import { exitCounts, quiet, type Row, unitGrid } from '../tables.ts';

/** Weeks of remission; negative where still in remission. */
const DRUG = [
  6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35,
];
const PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];

const rowsOf = (weeks: readonly number[], arm: number): Row[] =>
  weeks.map((week) => ({ time: Math.abs(week), event: week > 0, arm }));
const GRID = unitGrid(35);
const rows = [...rowsOf(DRUG, 0), ...rowsOf(PLACEBO, 1)];
const { curves, tests } = survivalOf(quiet(exitCounts(rows, GRID, 2)), GRID, 2);
const [drug, placebo] = [curves[0]!, curves[1]!];

const close = (actual: number, expected: number, by: number, what: string): void =>
  ok(Math.abs(actual - expected) <= by, `${what}: ${actual} for ${expected}`);

describe('6-MP against placebo', () => {
  test('Kaplan-Meier curve, at risk, events, and Greenwood’s limits of log S', () => {
    for (const [week, atRisk, events, survival, error] of [
      [6, 21, 3, 0.8571, 0.0764],
      [7, 17, 1, 0.8067, 0.0869],
      [10, 15, 1, 0.7529, 0.0963],
      [13, 12, 1, 0.6902, 0.1068],
      [16, 11, 1, 0.6275, 0.1141],
      [22, 7, 1, 0.5378, 0.1282],
      [23, 6, 1, 0.4482, 0.1346],
    ] as const) {
      const point = drug.points[week - 1]!;
      deepStrictEqual([point.time, point.atRisk, point.events], [week, atRisk, events]);
      close(point.survival, survival, 5e-5, `week ${week}`);
      const half = 1.959964 * (error / survival);
      close(point.interval[0], survival * Math.exp(-half), 2e-4, `lower, week ${week}`);
      close(point.interval[1], Math.min(1, survival * Math.exp(half)), 2e-4, `upper, week ${week}`);
    }
  });
  test('Nelson-Aalen: 3/21 + 1/17 + 1/15', () => {
    close(drug.points[9]!.hazard, 3 / 21 + 1 / 17 + 1 / 15, 1e-15, 'hazard at week 10');
  });
  test('medians 23 (16, not reached) and 8 (4, 12)', () => {
    deepStrictEqual(drug.median, { value: 23, interval: [16, null] });
    deepStrictEqual(placebo.median, { value: 8, interval: [4, 12] });
  });
  test('restricted means to week 35', () => {
    for (const [{ rmst }, mean, error] of [
      [drug, 23.29, 2.83],
      [placebo, 8.67, 1.38],
    ] as const) {
      strictEqual(rmst.until, 35);
      close(rmst.value, mean, 5e-3, 'mean');
      close(rmst.interval[1] - rmst.interval[0], 2 * 1.96 * error, 0.02, 'interval');
      ok(rmst.noise < 1e-6);
    }
  });
  test('log-rank 16.79 on one degree of freedom', () => {
    deepStrictEqual(
      tests.map(({ name }) => name),
      ['log-rank with noise', 'log-rank'],
    );
    for (const { chi2, df, p } of tests) {
      close(chi2, 16.793, 5e-4, 'chi2');
      strictEqual(df, 1);
      close(p, 4.17e-5, 1e-7, 'p');
    }
  });
});

describe('conventions', () => {
  test('a curve at exactly 1/2 has its median in the middle, without a later fall at its start', () => {
    const curve = (events: readonly number[]) =>
      survivalOf(quiet(exitCounts(rowsOf(events, 0), GRID)), GRID, 1).curves[0]!;
    strictEqual(curve([2, 4, 7, 9]).median.value, 5.5);
    strictEqual(curve([2, 4, -7, -9]).median.value, 4);
    strictEqual(curve([2, -4, -7, -9]).median.value, null);
  });
  test('the first interval is closed at its start, and exits after the grid are beyond', () => {
    const counts = exitCounts(
      rowsOf([3, 6, 7, -12, 13], 0).concat({ time: 0, event: true }),
      [0, 6, 12],
    );
    deepStrictEqual(counts, [3, 0, 1, 1, 1]);
    const { points } = survivalOf(quiet(counts), [0, 6, 12], 1).curves[0]!;
    deepStrictEqual(
      points.map(({ time, atRisk, events }) => [time, atRisk, events]),
      [
        [6, 6, 3],
        [12, 3, 1],
      ],
    );
  });
  test('one arm has no test; an arm without events is compared', () => {
    deepStrictEqual(survivalOf(quiet([1, 0, 4]), [0, 1], 1).tests, []);
    const two = survivalOf(quiet([2, 0, 4, 0, 0, 6]), [0, 1], 2).tests[1]!;
    strictEqual(two.df, 1);
    // Hypergeometric: U = 2 − 2/2 = 1, V = 2·(6·6/144)·10/11 = 5/11.
    close(two.chi2, 11 / 5, 1e-12, 'chi2');
  });
});
