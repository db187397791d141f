/** A CDM that is not one: refused by name, with nothing installed, or dropped and counted. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { Refusal } from '../../../../src/base/errors.ts';
import { cohortFile } from '../../../../src/engine/duckdb/cohort.ts';
import { scratch } from '../../../support/scratch.ts';
import { load as loadCsv, loadPaths, section, STUDY } from '../../duckdb/loaded.ts';
import { type Cdm, CDM, csvFolder, MAP, omopStudy, parquetFolder } from './folder.ts';
import { storedRows } from './stored-rows.ts';

const COHORT = section(omopStudy());

/** The code and the detail of a refused load; nothing may be left in place of a cohort. */
async function refused(folder: string | readonly string[], cohort = COHORT): Promise<string> {
  const directory = scratch();
  const files = typeof folder === 'string' ? [folder] : folder;
  const said = await loadPaths(cohort, files, { directory }).then(
    () => 'loaded',
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      return `${error.code} ${error.detail}`;
    },
  );
  ok(!existsSync(cohortFile(directory, STUDY)));
  return said;
}

const withTable = (table: string, change: (rows: Cdm[string]) => Cdm[string]): Cdm => ({
  ...CDM,
  [table]: change(CDM[table] ?? []),
});

const without = (table: string): string => {
  const folder = csvFolder(CDM);
  rmSync(path.join(folder, `${table}.csv`));
  return folder;
};

describe('tables', () => {
  test('PERSON and every table that a map names are needed', async () => {
    equal(await refused(without('PERSON')), 'FILE_NOT_FOUND table PERSON');
    equal(await refused(without('DEATH')), 'FILE_NOT_FOUND table DEATH');
    equal(await refused(without('MEASUREMENT')), 'FILE_NOT_FOUND table MEASUREMENT');
    equal(await refused(path.join(scratch(), 'nowhere')), 'FILE_NOT_FOUND path 1');
    equal(await refused(scratch()), 'FILE_NOT_FOUND table PERSON');
  });

  test('a field that is not there', async () => {
    const cdm = withTable('MEASUREMENT', (rows) =>
      rows.map(({ unit_concept_id: _, ...row }) => row),
    );
    equal(await refused(csvFolder(cdm)), 'COHORT_COLUMN_MISSING MEASUREMENT: unit_concept_id');
  });

  test('nobody', async () => {
    equal(await refused(csvFolder(withTable('PERSON', () => []))), 'COHORT_EMPTY PERSON: no text');
    const fields = Object.keys(CDM['PERSON']?.[0] ?? {}).join(',');
    const folder = csvFolder(CDM);
    writeFileSync(path.join(folder, 'PERSON.csv'), `${fields}\n`);
    equal(await refused(folder), 'COHORT_EMPTY no rows');
  });

  test('two files for one table', async () => {
    const folder = csvFolder(CDM);
    writeFileSync(path.join(folder, 'old_PERSON.csv'), 'person_id\n1\n');
    equal(await refused(folder), 'COHORT_UNREADABLE PERSON: more than one file');
    // The same table twice among files that were named one by one.
    const [one, other] = [csvFolder(CDM), csvFolder(CDM)];
    equal(await refused([one, other]), 'COHORT_UNREADABLE PERSON: more than one file');
  });

  test('a person twice', async () => {
    const cdm = withTable('PERSON', (rows) => [...rows, ...rows.slice(0, 1)]);
    equal(await refused(csvFolder(cdm)), 'COHORT_UNREADABLE PERSON: 1 rows repeat a person');
  });

  test('a Parquet file that was cut, or damaged inside', async () => {
    const folder = await parquetFolder(CDM);
    const file = path.join(folder, 'measurement.parquet');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 5));
    equal(await refused(folder), 'COHORT_UNREADABLE MEASUREMENT: truncated parquet');
    const damaged = Buffer.from(bytes);
    damaged.fill(0xa5, 4, 200);
    writeFileSync(file, damaged);
    equal(await refused(folder), 'COHORT_UNREADABLE MEASUREMENT: damaged Parquet data');
  });

  test('neither table nor text', async () => {
    const folder = csvFolder(CDM);
    writeFileSync(path.join(folder, 'CONDITION_OCCURRENCE.csv'), Buffer.from([0xff, 0, 1, 0xff]));
    ok((await refused(folder)).startsWith('COHORT_UNREADABLE CONDITION_OCCURRENCE'));
    renameSync(
      path.join(folder, 'CONDITION_OCCURRENCE.csv'),
      path.join(folder, 'CONDITION_OCCURRENCE.csv.gz'),
    );
    equal(await refused(folder), 'FILE_NOT_FOUND table CONDITION_OCCURRENCE');
  });
});

describe('units', () => {
  const measured = (unit: string): Cdm =>
    withTable('MEASUREMENT', (rows) =>
      rows.map((row) => (row['measurement_id'] === '13' ? { ...row, unit_concept_id: unit } : row)),
    );

  test('a unit without a rule to the study’s', async () => {
    const at = 'COHORT_UNIT_UNMAPPED column hba1c';
    equal(await refused(csvFolder(measured('8840'))), at); // mg/dL
    equal(await refused(csvFolder(measured('4711'))), at); // in no vocabulary here
    equal(await refused(csvFolder(measured('0'))), `${at}: no unit`);
    equal(await refused(csvFolder(measured(''))), `${at}: no unit`);
  });

  test('the unit of records without one may be said in the study', async () => {
    const hba1c = { ...(MAP['hba1c'] as object), unit: 'mmol/mol' };
    const cohort = section(omopStudy({ maps: { lu: { ...MAP, hba1c } } }));
    const { report } = await loadPaths(cohort, [csvFolder(measured('0'))], {
      directory: scratch(),
    });
    // 5.5 mmol/mol is 2.7 %, below what the study has.
    deepStrictEqual(report.columns.find(({ name }) => name === 'hba1c')?.outOfDomain, 1);
  });

  test('a column without a unit takes values of one, whichever it is', async () => {
    const columns = { hba1c: { type: 'number', min: 0, max: 200, step: '1/10' } };
    const maps = { lu: { hba1c: MAP['hba1c'] ?? null } };
    const cohort = section(omopStudy({ columns, maps }));
    equal(await refused(csvFolder(CDM), cohort), 'COHORT_UNIT_UNMAPPED column hba1c: 2 units');
    const percent = withTable('MEASUREMENT', (rows) =>
      rows.map((row) => ({ ...row, unit_concept_id: '8554' })),
    );
    const { target } = await loadPaths(cohort, [csvFolder(percent)], { directory: scratch() });
    deepStrictEqual(
      (await storedRows(target, cohort)).filter((row) => row !== ''),
      ['hba1c 5.5', 'hba1c 53', 'hba1c 6', 'hba1c 7.5'],
    );
  });
});

describe('a study with concepts', () => {
  test('is not for a holder whose files have none', async () => {
    const cohort = section({ concepts: 'omop' });
    await rejects(
      loadCsv(cohort, ['pid,sex,age,hba1c,visit\n1,F,40,5,2020-01-01\n']),
      (error) => error instanceof Refusal && error.code === 'COHORT_COLUMN_MISSING',
    );
  });

  test('one without them keeps none', async () => {
    const { concepts: _, ...plain } = omopStudy();
    const cohort = section(plain);
    const folder = csvFolder(CDM);
    rmSync(path.join(folder, 'DRUG_EXPOSURE.csv'));
    const { report, target } = await loadPaths(cohort, [folder], { directory: scratch() });
    deepStrictEqual(report.warnings, []);
    deepStrictEqual(await storedRows(target, cohort), await storedRows(target, COHORT));
    equal(report.read?.length, 4);
  });
});

test('people without an identifier are dropped and counted', async () => {
  const cdm = withTable('PERSON', (rows) => [
    ...rows,
    { ...rows[0], person_id: '' },
    { ...rows[0], person_id: 'NA' },
  ]);
  const { report } = await loadPaths(COHORT, [csvFolder(cdm)], { directory: scratch() });
  deepStrictEqual([report.people, report.dropped.nullPerson], [5, 2]);
});
