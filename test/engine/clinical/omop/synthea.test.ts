/**
 * Real tables: OHDSI/EunomiaDatasets Synthea27Nj (CDM 5.4, Apache-2.0, synthetic people). Runs
 * where they are at hand; expected counts are SQL over the same files.
 */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, test } from 'vitest';
import type { Json } from '../../../../src/base/canonical-json.ts';
import { scratch } from '../../../support/scratch.ts';
import { sharedData } from '../../../support/shared-data.ts';
import { loadPaths, section } from '../../duckdb/loaded.ts';

const FOLDER = sharedData('omop');
const HBA1C = 3004410;
const T2D = 201826;

const COHORT = section({
  person: 'person_id',
  rowsPerPerson: 1000,
  cellsPerPerson: 1000,
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    born: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    died: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    day: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    hba1c: { type: 'number', min: 0, max: 200, step: '1/100', unit: 'mmol/mol' },
    hba1cNgsp: { type: 'number', min: 3, max: 20, step: '1/100', unit: '%', analyte: 'hba1c' },
    glucose: { type: 'number', min: 0, max: 60, step: '1/100', unit: 'mmol/L' },
    t2d: { type: 'category', domain: ['yes', 'no'] },
  },
  maps: {
    lu: {
      sex: { omop: { table: 'person', field: 'gender', values: { '8507': 'M', '8532': 'F' } } },
      born: { omop: { table: 'person', field: 'birth' } },
      died: { omop: { table: 'death', field: 'date' } },
      day: { omop: { day: true } },
      hba1c: { omop: { table: 'measurement', concept: HBA1C, field: 'value' } },
      hba1cNgsp: { omop: { table: 'measurement', concept: HBA1C, field: 'value' } },
      // Glucose [Mass/volume] in Blood.
      glucose: { omop: { table: 'measurement', concept: 3000483, field: 'value' } },
      t2d: {
        omop: {
          table: 'condition',
          concept: T2D,
          field: 'present',
          values: { true: 'yes', false: 'no' },
        },
      },
    },
  },
  concepts: 'omop',
});

/** The CSV tables alone; the folder as it is published has three of them as Parquet as well. */
function csvTables(): string {
  const made = scratch();
  for (const name of readdirSync(FOLDER ?? '')) {
    if (!name.startsWith('synthea27nj_') || !name.endsWith('.csv')) continue;
    symlinkSync(path.join(FOLDER ?? '', name), path.join(made, name));
  }
  return made;
}

async function sql(query: string): Promise<number[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const table of ['PERSON', 'MEASUREMENT', 'CONDITION_OCCURRENCE']) {
    const file = path.join(FOLDER ?? '', `synthea27nj_${table}.csv`);
    await connection.run(`CREATE TABLE ${table} AS SELECT * FROM read_csv('${file}')`);
  }
  const result = await connection.runAndReadAll(query);
  connection.closeSync();
  instance.closeSync();
  return (result.getRows()[0] ?? []).map(Number);
}

describe.skipIf(FOLDER === undefined)('Synthea27Nj', () => {
  test('counts are those of SQL; CSV and Parquet give one epoch', async () => {
    const { report, cells } = await loadPaths(COHORT, [csvTables()], { directory: scratch() });
    const typed = await loadPaths(COHORT, [FOLDER ?? ''], { directory: scratch() });
    equal(typed.report.epoch, report.epoch);
    deepStrictEqual(typed.report.columns, report.columns);
    for (const table of ['person', 'measurement', 'condition_occurrence']) {
      ok(typed.report.read?.some(({ file }) => file === `synthea27nj_${table}.parquet`));
    }

    equal(report.people, 28);
    deepStrictEqual(report.warnings, ['CONCEPT_ANCESTOR_MISSING']);
    ok(report.columns.every(({ unparsable, outOfDomain }) => unparsable + outOfDomain === 0));
    deepStrictEqual(
      report.columns.flatMap(({ name, unit }) =>
        unit === undefined ? [] : [`${name} ${unit.source} ${unit.stored}`],
      ),
      ['glucose mg/dL mmol/L', 'hba1c % mmol/mol', 'hba1cNgsp % %'],
    );

    const count = async (where: Json, more: Record<string, Json> = {}): Promise<number[]> =>
      cells({ where, ...more });
    const known = { not: { column: 'hba1cNgsp', isNull: true } };
    deepStrictEqual(await count(known), [195]);
    const [all, high, women, patients, ofPatients] = await sql(
      `SELECT count(*), count(*) FILTER (value_as_number >= 6.5),
          count(*) FILTER (gender_concept_id = 8532), any_value(t2d.people),
          count(*) FILTER (person_id IN (SELECT person_id FROM CONDITION_OCCURRENCE
            WHERE condition_concept_id = ${T2D}))
        FROM MEASUREMENT JOIN PERSON USING (person_id),
          (SELECT count(DISTINCT person_id) AS people FROM CONDITION_OCCURRENCE
            WHERE condition_concept_id = ${T2D}) t2d
        WHERE measurement_concept_id = ${HBA1C}`,
    );
    deepStrictEqual([all, patients], [195, 1]);
    deepStrictEqual(await count({ column: 'hba1cNgsp', ge: 6.5 }), [high]);
    // 6.45 % is 46.98 mmol/mol; values have one digit behind the point.
    deepStrictEqual(await count({ column: 'hba1c', ge: 46.98 }), [high]);
    deepStrictEqual(await count(known, { groupBy: ['sex'] }), [women, 195 - (women ?? 0), 0]);
    deepStrictEqual(await count({ all: [known, { hasConcept: T2D }] }), [ofPatients]);
    deepStrictEqual(await count({ all: [known, { column: 't2d', eq: 'yes' }] }), [ofPatients]);

    const people = section({ ...structuredClone(COHORT), rowsPerPerson: 1 });
    const one = await loadPaths(people, [FOLDER ?? ''], { directory: scratch() });
    deepStrictEqual(await one.cells({ where: { hasConcept: T2D, descendants: true } }), [patients]);
    deepStrictEqual(await one.cells({ where: { not: { hasConcept: T2D } } }), [27]);
  });
});
