/** 10^6 measurements of 10^5 people with 256 MB for the database: all are loaded, none is lost. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { test } from 'vitest';
import { importCohort } from '../../../../src/engine/duckdb/import.ts';
import { scratch } from '../../../support/scratch.ts';
import { contentKey, identityKey, orderKey, placed, section } from '../../duckdb/loaded.ts';

const PEOPLE = 100_000;
const RECORDS = 1_000_000;
const HBA1C = 3004410;

const TABLES = {
  PERSON: `SELECT i AS person_id, CASE WHEN i % 2 = 0 THEN 8507 ELSE 8532 END AS gender_concept_id
    FROM range(${PEOPLE}) AS t(i)`,
  // Several of one person on one day, some of them on none, in two units.
  MEASUREMENT: `SELECT i AS measurement_id, (i * 7919) % ${PEOPLE} AS person_id,
      ${HBA1C} AS measurement_concept_id, DATE '2015-01-01' + CAST(i % 13 AS INTEGER) AS measurement_date,
      CASE WHEN i % 3 = 0 THEN 53 ELSE 4 + i % 80 / 10 END AS value_as_number,
      0 AS value_as_concept_id, CASE WHEN i % 3 = 0 THEN 9579 ELSE 8554 END AS unit_concept_id
    FROM range(${RECORDS}) AS t(i)`,
} as const;

const COHORT = section({
  rowsPerPerson: 1000,
  declaredSize: { lu: PEOPLE, jp: PEOPLE },
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
    day: { type: 'date', min: '2015-01-01', max: '2015-12-31' },
  },
  maps: {
    lu: {
      sex: { omop: { table: 'person', field: 'gender', values: { '8507': 'M', '8532': 'F' } } },
      hba1c: { omop: { table: 'measurement', concept: HBA1C, field: 'value' } },
      day: { omop: { day: true } },
    },
  },
});

test('a load that spills', async () => {
  const folder = scratch();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [table, sql] of Object.entries(TABLES)) {
    const file = path.join(folder, `${table}.csv`);
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT csv, HEADER true)`);
  }
  connection.closeSync();
  instance.closeSync();
  const report = await importCohort({
    files: [folder],
    section: COHORT,
    holder: 'lu',
    orderKey: orderKey(),
    contentKey: contentKey(),
    identityKey: identityKey(),
    install: (file) => placed(file, path.join(folder, 'cohort.duckdb')),
    tmpDirectory: folder,
    memoryLimit: '256MB',
  });
  // Every record is the k-th of its column on its day, and everybody has some.
  deepStrictEqual([report.rows, report.people], [RECORDS, PEOPLE]);
  equal(report.records?.events, RECORDS);
  deepStrictEqual(
    report.columns.map(({ nulls, outOfDomain, unparsable }) => nulls + outOfDomain + unparsable),
    [0, 0, 0],
  );
});
