/**
 * The second study of the demonstration: two oncology services compare the survival of two arms, on
 * cohorts as cohort/synthetic-oncology.ts draws them.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';
import { LAST_MONTH } from '../cohort/synthetic-oncology.ts';
import { demoExpiry, demoParties } from './demo-study.ts';

/** People of each holder, as the study declares them. */
export const ONCOLOGY_PEOPLE = 4_000;

export const oncologyStudy = (now: Date = new Date(), people: number = ONCOLOGY_PEOPLE): Json => ({
  ...demoParties,
  format: 'kakehashi/study/1',
  title: 'Survival by treatment arm in two oncology services',
  purpose: 'research',
  expires: demoExpiry(now),
  cohort: {
    person: 'patient_id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: { lu: people, jp: people },
    nulls: ['', 'NA'],
    columns: {
      arm: { type: 'category', domain: ['standard', 'new'] },
      stage: { type: 'category', domain: ['II', 'III', 'IV'] },
      age: { type: 'integer', min: 18, max: 110, unit: 'a' },
      months: { type: 'integer', min: 0, max: 120, unit: 'mo' },
      died: { type: 'integer', min: 0, max: 1 },
    },
  },
  operations: ['count', 'survival'],
});

/** Survival by arm over five years, in quarters, of both services together. */
export const ONCOLOGY_QUERY: Json = {
  format: 'kakehashi/query/1',
  measures: [
    {
      name: 'overall survival',
      survival: {
        time: 'months',
        event: 'died',
        arm: 'arm',
        grid: Array.from({ length: LAST_MONTH / 3 + 1 }, (_, i) => 3 * i),
      },
    },
  ],
  rho: '1/20',
};
