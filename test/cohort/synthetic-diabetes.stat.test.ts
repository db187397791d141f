/**
 * The cohorts have the shape of the published figures that their header names. 200,000 people, a
 * fixed seed; a share of p is accepted within 5 standard deviations, so that for another seed each
 * comparison would fail with probability alpha = 6e-7.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { type Country, syntheticDiabetes } from '../../src/cohort/synthetic-diabetes.ts';

const PEOPLE = 200_000;
type Row = { sex: string; age: number; hba1c: number; bmi: number; insulin: string; some: boolean };

/** Rows of the cohort without any fault, HbA1c in % for both countries. */
function rows(country: Country): Row[] {
  const lines = [...syntheticDiabetes({ country, people: PEOPLE, seed: 'shape' })].slice(1);
  return lines
    .map((line) => line.trimEnd().split(','))
    .map(([, sex = '', age, , hba1c, bmi, insulin = '', complications = '']) => ({
      sex,
      age: Number(age),
      hba1c: country === 'JP' ? Number(hba1c) : 0.09148 * Number(hba1c || NaN) + 2.152,
      bmi: Number(bmi || NaN),
      insulin,
      some: complications !== 'none',
    }))
    .filter((row) => row.age < 999 && Number.isFinite(row.hba1c) && Number.isFinite(row.bmi));
}

const LU = rows('LU');
const JP = rows('JP');

/** `slack` covers the rounding of values to their last digit, where a threshold falls between. */
function near(group: Row[], keep: (row: Row) => boolean, share: number, slack = 0): void {
  const found = group.filter(keep).length / group.length;
  const allowed = 5 * Math.sqrt((share * (1 - share)) / group.length) + slack;
  ok(Math.abs(found - share) <= allowed, `${found}, expected ${share} within ${allowed}`);
}
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('shares', () => {
  test('women', () => {
    near(
      LU.filter(({ sex }) => sex !== 'U'),
      ({ sex }) => sex === 'F',
      0.461,
    );
    near(
      JP.filter(({ sex }) => sex !== 'U'),
      ({ sex }) => sex === 'F',
      0.395,
    );
  });
  test('HbA1c below 7 %', () => {
    near(LU, ({ hba1c }) => hba1c < 7, 0.536, 0.02);
    near(JP, ({ hba1c }) => hba1c < 7, 0.529, 0.02);
  });
  test('BMI in Japan: 59.1 % below 25, 10 % from 30', () => {
    near(JP, ({ bmi }) => bmi < 25, 0.591, 0.006);
    near(JP, ({ bmi }) => bmi >= 30, 0.1, 0.003);
  });
  test('insulin', () => {
    const known = (row: Row): boolean => row.insulin === 'yes' || row.insulin === 'no';
    near(LU.filter(known), ({ insulin }) => insulin === 'yes', 0.18);
    near(JP.filter(known), ({ insulin }) => insulin === 'yes', 0.187);
  });
  test('control: a share that is one per cent off is noticed', () => {
    let noticed = false;
    try {
      near(LU, ({ sex }) => sex === 'F', 0.471);
    } catch {
      noticed = true;
    }
    ok(noticed);
  });
});

describe('means and how the columns go together', () => {
  test('age 66.8 in Europe, older in Japan; BMI 31 and 25; HbA1c about 7.1', () => {
    ok(Math.abs(mean(LU.map(({ age }) => age)) - 66.8) < 1);
    ok(mean(JP.map(({ age }) => age)) > mean(LU.map(({ age }) => age)) + 1);
    ok(Math.abs(mean(LU.map(({ bmi }) => bmi)) - 31) < 0.5);
    ok(Math.abs(mean(JP.map(({ bmi }) => bmi)) - 24.7) < 0.5);
    for (const group of [LU, JP]) ok(Math.abs(mean(group.map(({ hba1c }) => hba1c)) - 7.1) < 0.2);
  });
  test('insulin goes with a higher HbA1c', () => {
    for (const group of [LU, JP]) {
      const of = (answer: string): number =>
        mean(group.filter(({ insulin }) => insulin === answer).map(({ hba1c }) => hba1c));
      ok(of('yes') > of('no') + 0.1);
    }
  });
});
