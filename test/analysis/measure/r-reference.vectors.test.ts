/**
 * Means, sums, variances and proportions without noise against R 4.2.2 on the diabetes sets
 * (shared data, absent in a clone: skipped), and against textbook numbers that ship here.
 */
import { ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { meanOf } from '../../../src/analysis/measure/mean.ts';
import { proportionOf } from '../../../src/analysis/measure/proportion.ts';
import { sumOf } from '../../../src/analysis/measure/sum.ts';
import { varianceOf } from '../../../src/analysis/measure/variance.ts';
import { sharedData } from '../../support/shared-data.ts';
import { momentSums, quiet, sharedCsv } from '../tables.ts';

type Described = { n: number; sum: number; mean: number; var: number };

const near = (actual: number, expected: number, what: string, relative = 1e-9): void =>
  ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${what}: ${actual} for ${expected}`,
  );

/** Values are read as whole steps of 1/`per`. */
function checkColumn(
  values: readonly number[],
  per: number,
  [min, max]: readonly [number, number],
  expected: Described,
): void {
  const steps = values.map((x) => Math.round(x * per));
  const reading = quiet(momentSums(steps, min * per, max * per));
  const scale = { min: min * per, max: max * per, step: 1 / per };
  const [mean, sum, variance] = [
    meanOf(reading, scale),
    sumOf(reading, scale),
    varianceOf(reading, scale),
  ];
  near(mean.value, expected.mean, 'mean');
  near(sum.value, expected.sum, 'sum');
  near(variance.value, expected.var, 'variance');
  for (const { count } of [mean, sum, variance]) near(count, expected.n, 'count');
  // Without noise the interval of the mean is Student's, to second order in 1/n.
  const half = (mean.interval[1] - mean.interval[0]) / 2;
  const student =
    1.959964 *
    (1 + (1.959964 ** 2 + 1) / 4 / (expected.n - 1)) *
    Math.sqrt(expected.var / expected.n);
  near(half, student, 'half-width of the mean', 1e-3);
  ok(variance.interval[0] < expected.var && expected.var < variance.interval[1]);
}

const file = sharedData('reference-results-descriptive-r-computed.json');
type Results = Record<string, { desc: Record<string, Described> }>;
const results =
  file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Results);

const COLUMNS = [
  ['pima', 'mlbench_PimaIndiansDiabetes2', 'glucose', 1, [40, 200]],
  ['pima', 'mlbench_PimaIndiansDiabetes2', 'insulin', 1, [0, 900]],
  ['pima', 'mlbench_PimaIndiansDiabetes2', 'mass', 10, [10, 80]],
  ['pima', 'mlbench_PimaIndiansDiabetes2', 'pedigree', 1000, [0, 3]],
  ['vanderbilt', 'faraway_diabetes_glyhb', 'chol', 1, [50, 500]],
  ['vanderbilt', 'faraway_diabetes_glyhb', 'age', 1, [0, 110]],
  ['nhanes_2015_2016', 'nhanes_fasting_2015_2016', 'glucose', 100, [0, 30]],
  ['nhanes_2015_2016', 'nhanes_fasting_2015_2016', 'BMI', 10, [10, 80]],
] as const;

describe.skipIf(results === undefined)('R 4.2.2 on the diabetes sets', () => {
  for (const [set, csv, column, per, bounds] of COLUMNS) {
    test(`${set}: ${column}`, () => {
      const values = sharedCsv(`diabetes/${csv}.csv`)!
        .map((row) => row[column] ?? '')
        .filter((cell) => cell !== '' && cell !== 'NA')
        .map(Number);
      checkColumn(values, per, bounds, results![set]!.desc[column]!);
    });
  }
});

describe('numbers that ship here', () => {
  test('1 to 10: sum 55, mean 5.5, variance 55/6', () => {
    const reading = quiet(momentSums([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0, 20));
    const scale = { min: 0, max: 20, step: 1 };
    near(meanOf(reading, scale).value, 5.5, 'mean');
    near(sumOf(reading, scale).value, 55, 'sum');
    near(varianceOf(reading, scale).value, 55 / 6, 'variance');
  });
  test('Student’s sleep data in tenths of an hour, group 1: R has mean 0.75, var 3.200556', () => {
    const hours = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
    const steps = hours.map((x) => Math.round(x * 10));
    const reading = quiet(momentSums(steps, -100, 100));
    const scale = { min: -100, max: 100, step: 0.1 };
    near(meanOf(reading, scale).value, 0.75, 'mean');
    near(varianceOf(reading, scale).value, 3.2005555555555555, 'variance');
  });
  test('proportion: Wilson’s interval of 81 in 263 (Newcombe 1998, table I: 0.2553 to 0.3662)', () => {
    const { value, interval, count } = proportionOf(quiet([81, 182]));
    near(value, 81 / 263, 'value');
    near(count, 263, 'count');
    near(interval[0], 0.2553, 'lower', 2e-4);
    near(interval[1], 0.3662, 'upper', 2e-4);
  });
});
