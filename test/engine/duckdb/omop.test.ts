/** Tables of OMOP CDM 5.4 that were published as CSV and as Parquet: one epoch. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { sharedData } from '../../support/shared-data.ts';
import { scratch } from '../../support/scratch.ts';
import { loadPaths, section } from './loaded.ts';

const TABLES = {
  person: {
    year_of_birth: { type: 'integer', min: 1900, max: 2025 },
    gender_source_value: { type: 'category', domain: ['F', 'M'] },
    birth_datetime: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
  },
  condition_occurrence: {
    condition_concept_id: { type: 'integer', min: 0, max: 2_000_000_000 },
    condition_start_date: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    condition_end_date: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
  },
  measurement: {
    measurement_concept_id: { type: 'integer', min: 0, max: 2_000_000_000 },
    measurement_datetime: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    value_as_number: { type: 'number', min: -1000, max: 100_000, step: '1/1000000' },
    unit_source_value: { type: 'category', domain: ['%', 'mg/dL', 'kg', 'cm'] },
  },
} as const;

describe('Parquet and CSV of a table', () => {
  for (const [name, columns] of Object.entries(TABLES)) {
    const csv = sharedData(`omop/synthea27nj_${name.toUpperCase()}.csv`);
    const parquet = sharedData(`omop/synthea27nj_${name}.parquet`);
    test.skipIf(csv === undefined || parquet === undefined)(name, async () => {
      ok(csv !== undefined && parquet !== undefined);
      const cohort = section({ person: 'person_id', columns: structuredClone(columns) });
      const one = await loadPaths(cohort, [csv], { directory: scratch() });
      const other = await loadPaths(cohort, [parquet], { directory: scratch() });
      deepStrictEqual(other.report, one.report);
      equal(one.report.people, name === 'person' ? 28 : one.report.people);
      ok(one.report.columns.every(({ unparsable }) => unparsable === 0));
    });
  }
});
