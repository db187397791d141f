/**
 * `kakehashi demo --case trial`: a trial of glucose sensors whose treatment arms are known in Luxembourg and whose
 * laboratory values in Japan. Mean HbA1c by arm of the people in both, while nobody learns who they are.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { demoExpiry, demoParties } from './demo-study.ts';

/** Participants, of whom not all are in both files. */
export const TRIAL_PEOPLE = 2_000;

const budget = { rho: '1/1', delta: '1/100000' };

export const trialStudy = (now: Date = new Date(), people: number = TRIAL_PEOPLE): Json => ({
  ...demoParties,
  format: 'kakehashi/study/1',
  title: 'Glucose sensors or meters: arms in Luxembourg, laboratory in Japan',
  purpose: 'research',
  expires: demoExpiry(now),
  cohort: {
    person: 'participant',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: { lu: people, jp: people },
    nulls: ['', 'NA'],
    columns: {
      arm: { type: 'category', domain: ['meter', 'sensor'] },
      sex: { type: 'category', domain: ['F', 'M'] },
      age: { type: 'integer', min: 18, max: 110, unit: 'a' },
      hba1c: { type: 'number', min: 4, max: 14, step: '1/10', unit: '%', analyte: 'hba1c' },
      in_range: { type: 'integer', min: 0, max: 100, unit: '%' },
    },
    held: { lu: ['arm', 'sex', 'age'], jp: ['hba1c', 'in_range'] },
  },
  operations: ['count', 'mean', 'proportion'],
  linkage: {
    outputs: ['aggregate'],
    disclosure: 'membership',
    cardinality: { epsilon: '1/4', delta: '1/10000000' },
  },
  budget: { lu: budget, jp: budget },
});

/** People, mean HbA1c and those at target by arm, of the people in both. */
export const TRIAL_QUERY: Json = {
  format: 'kakehashi/linked-query/1',
  groupBy: ['arm'],
  measures: [
    { name: 'people', count: true },
    { name: 'HbA1c', mean: 'hba1c' },
    { name: 'at target', proportion: { column: 'hba1c', lt: 7 } },
  ],
  rho: '1/5',
};
