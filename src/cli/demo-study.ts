/**
 * The first study of the demonstration, without keys: two registries of people with diabetes, as
 * cohort/synthetic-diabetes.ts draws them. `study draft` offers it as the template to edit.
 *
 * The registries write HbA1c in different units: mmol/mol (IFCC) in Luxembourg, % (NGSP) in Japan.
 * The study is in %, and its map says what the column of Luxembourg is called and its unit.
 * @module
 */
import type { Json } from '../base/canonical-json.ts';

export const DEMO_HOLDERS = ['lu', 'jp'] as const;

/** People of each holder, as the study declares them. */
export const DEMO_PEOPLE = 20_000;

/** The last day of the next year, so that the template is valid whenever it is taken. */
export const demoExpiry = (now: Date): string => `${now.getUTCFullYear() + 1}-12-31`;

const budget = { rho: '1/2', delta: '1/1000000' };

/** The parties of every study of the demonstration; their keys are put in. */
export const demoParties = {
  holders: [
    {
      name: 'lu',
      country: 'LU',
      legalBasis: 'GDPR 9(2)(j)',
      identity: '',
      stewards: { need: 1, keys: [] },
    },
    {
      name: 'jp',
      country: 'JP',
      legalBasis: 'APPI 27(1)(v)',
      identity: '',
      stewards: { need: 1, keys: [] },
    },
  ],
  analysts: [],
  honestHolders: 1,
  images: [],
  linkage: null,
  minimumCell: 10,
  budget: { lu: budget, jp: budget },
};

export const demoStudy = (now: Date = new Date(), people: number = DEMO_PEOPLE): Json => ({
  format: 'kakehashi/study/1',
  title: 'Diabetes in two registries: age, sex, treatment, complications',
  purpose: 'research',
  expires: demoExpiry(now),
  ...demoParties,
  cohort: {
    person: 'patient_id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: { lu: people, jp: people },
    nulls: ['', 'NA'],
    columns: {
      sex: { type: 'category', domain: ['F', 'M'] },
      age: { type: 'integer', min: 0, max: 110, unit: 'a' },
      diagnosis_year: { type: 'integer', min: 1940, max: 2030 },
      hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%', analyte: 'hba1c' },
      bmi: { type: 'number', min: 10, max: 80, step: '1/10', unit: 'kg/m2' },
      insulin: { type: 'category', domain: ['no', 'yes'] },
      complications: { type: 'category', domain: ['none', 'eye', 'kidney', 'nerve', 'foot'] },
    },
    maps: { lu: { hba1c: { column: 'hba1c_ifcc', unit: 'mmol/mol' } } },
  },
  operations: ['count', 'sum', 'mean', 'proportion', 'variance', 'histogram'],
});

/** People, mean HbA1c and people with complications by holder and age band, and pooled. */
export const DEMO_QUERY: Json = {
  format: 'kakehashi/query/1',
  groupBy: ['holder', { column: 'age', bins: [18, 40, 50, 60, 70, 80, 111] }],
  measures: [
    { name: 'people', count: true },
    { name: 'HbA1c', mean: 'hba1c' },
    { name: 'with complications', proportion: { not: { column: 'complications', in: ['none'] } } },
  ],
  rho: '1/50',
};

/** The same people by complication, at a precision that the rest of the budget does not cover. */
export const DEMO_QUERY_TOO_DEAR: Json = {
  format: 'kakehashi/query/1',
  groupBy: ['holder', 'complications', 'insulin'],
  measures: [{ name: 'people', count: true }],
  rho: '1/2',
};
