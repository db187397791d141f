/**
 * Models on tables with a group for every value of their columns, through the whole flow without noise: there
 * they are the models of the rows, as R 4.2.2 (survival 3.5-3) fits them. Runs where the files are at hand.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  cohortOf,
  divided,
  even,
  type Fit,
  nearFit,
  numbered,
  read,
  released,
  unquoted,
} from '../support/reference-flow.ts';
import { sharedData } from '../support/shared-data.ts';

const DESCRIPTIVE = sharedData('reference-results-descriptive-r-computed.json');
const SURVIVAL = sharedData('reference-results-r-computed.json');
const files = {
  nhanes: sharedData('diabetes/nhanes_fasting_2015_2016.csv'),
  lung: sharedData('survival/r_survival_lung.csv'),
};
const absent = [DESCRIPTIVE, SURVIVAL, ...Object.values(files)].includes(undefined);
const descriptive = (): Record<string, Record<string, unknown>> =>
  JSON.parse(read(DESCRIPTIVE)) as Record<string, Record<string, unknown>>;

describe.skipIf(absent)('models of every value', () => {
  test('logistic: NHANES diabetes on age and BMI, every value a group, is glm', async () => {
    const text = unquoted(files.nhanes).replace('SEQN', 'id');
    const bins = Array.from({ length: 506 }, (_, i) => Number((14.1 + i / 10).toFixed(1)));
    const { estimates } = await released(
      divided(text, even),
      cohortOf({
        diabetic: { type: 'category', domain: ['diabetes', 'no diabetes'] },
        age: { type: 'integer', min: 12, max: 80 },
        BMI: { type: 'number', min: 10, max: 70, step: '1/10' },
      }),
      {
        measures: [
          {
            name: 'glm',
            logistic: {
              outcome: { column: 'diabetic', in: ['diabetes'] },
              on: [
                { column: 'age', linear: true },
                { column: 'BMI', bins, linear: true },
              ],
            },
          },
        ],
        rho: '10000/1',
      },
    );
    deepStrictEqual(
      estimates.map(({ name }) => name),
      ['(intercept)', 'age', 'BMI'],
    );
    nearFit(estimates, descriptive()['nhanes_2015_2016']!['logit'] as Fit, 1e-6, 0.1);
  }, 60_000);

  test('hazards: lung cancer on age and sex is coxph with Breslow’s ties', async () => {
    const { estimates } = await released(
      divided(numbered(read(files.lung)), even),
      cohortOf(
        {
          time: { type: 'integer', min: 0, max: 5000, unit: 'd' },
          status: { type: 'integer', min: 0, max: 2 },
          age: { type: 'integer', min: 39, max: 82, unit: 'a' },
          sex: { type: 'category', domain: ['1', '2'] },
        },
        200,
      ),
      {
        measures: [
          {
            name: 'cox',
            hazards: {
              time: 'time',
              event: { column: 'status', eq: 2 },
              on: [{ column: 'age', linear: true }, 'sex'],
              grid: Array.from({ length: 1023 }, (_, i) => i),
            },
          },
        ],
        rho: '100000/1',
      },
    );
    deepStrictEqual(
      estimates.map(({ name }) => name),
      ['age', 'sex 2'],
    );
    const sets = JSON.parse(read(SURVIVAL)) as Record<string, Record<string, unknown>>;
    nearFit(estimates, sets['lung']!['cox_breslow'] as Fit, 1e-7, 1);
  }, 60_000);
});
