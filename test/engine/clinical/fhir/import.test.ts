/** FHIR NDJSON as a cohort: facts on every row, events by day, units converted, absence said. */
import { deepStrictEqual, rejects } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import type { Json } from '../../../../src/base/canonical-json.ts';
import { planColumns } from '../../../../src/cohort/schema.ts';
import { Session } from '../../../../src/engine/duckdb/session.ts';
import { refusal } from '../../../support/refusal.ts';
import { scratch } from '../../../support/scratch.ts';
import { loadPaths, section } from '../../duckdb/loaded.ts';

const HBA1C = 'http://loinc.org|4548-4';
const DIABETES = 'http://snomed.info/sct|44054006';
const onset = { resource: 'Condition', code: DIABETES, field: 'onsetDay' };

const cohort = section({
  rowsPerPerson: 10,
  columns: {
    sex: { type: 'category', domain: ['F', 'M'] },
    birth: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    diabetes: { type: 'category', domain: ['yes', 'no'] },
    onset: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
    hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%', analyte: 'hba1c' },
    visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
    age: { type: 'integer', min: 0, max: 110, derived: { years: ['birth', 'visit'] } },
  },
  maps: {
    lu: {
      sex: { fhir: { resource: 'Patient', field: 'gender', values: { female: 'F', male: 'M' } } },
      birth: { fhir: { resource: 'Patient', field: 'birthDate' } },
      diabetes: {
        fhir: {
          ...{ resource: 'Condition', code: DIABETES, field: 'present' },
          values: { true: 'yes', false: 'no' },
        },
      },
      onset: { fhir: onset },
      hba1c: { fhir: { resource: 'Observation', code: HBA1C, field: 'value' }, unit: '%' },
      visit: { fhir: { day: true } },
    } satisfies Record<string, Json>,
  },
});

const coding = (token: string) => ({
  coding: [{ system: token.split('|')[0], code: token.split('|')[1] }],
});
const subject = (id: string) => ({ subject: { reference: `Patient/${id}` } });

const patient = (id: string, gender: string, birthDate: string) => ({
  ...{ resourceType: 'Patient', id, gender, birthDate },
});

const hba1c = (id: string, who: string, day: string, value: number, unit?: string) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: coding(HBA1C),
  ...subject(who),
  effectiveDateTime: `${day}T10:00:00+01:00`,
  valueQuantity: {
    value,
    ...(unit !== undefined && { system: 'http://unitsofmeasure.org', code: unit }),
  },
});

const diabetes = (id: string, who: string, day: string) => ({
  ...{ resourceType: 'Condition', id, code: coding(DIABETES), onsetDateTime: day },
  ...subject(who),
});

const FILES: Readonly<Record<string, readonly object[]>> = {
  Condition: [diabetes('c1', 'a', '2010-05-05'), diabetes('c2', 'a', '2003-04-04')],
  Observation: [
    hba1c('o1', 'a', '2020-02-29', 6.5, '%'),
    hba1c('o2', 'a', '2021-02-28', 48, 'mmol/mol'),
    hba1c('o3', 'a', '2021-02-28', 7.1),
    hba1c('o4', 'stranger', '2021-02-28', 9.9, '%'),
    { ...hba1c('o5', 'b', '2021-03-01', 8, '%'), status: 'entered-in-error' },
  ],
  Patient: [patient('a', 'female', '1960-02-29'), patient('b', 'male', '1970-01-01')],
};

function write(files: Readonly<Record<string, readonly object[]>>): string {
  const folder = path.join(scratch(), 'export');
  mkdirSync(folder);
  for (const [name, resources] of Object.entries(files)) {
    const lines = resources.map((resource) => `${JSON.stringify(resource)}\n`);
    writeFileSync(path.join(folder, `${name}.ndjson`), lines.join(''));
  }
  writeFileSync(path.join(folder, 'README.txt'), 'not records');
  return folder;
}

async function rowsOf(target: string): Promise<readonly (readonly unknown[])[]> {
  const options = { file: target, readOnly: true, tmpDirectory: scratch(), threads: 1 };
  const session = await Session.open({ ...options, memoryLimit: '256MB' });
  try {
    const names = planColumns(cohort).map(({ name }) => name);
    const at = (name: string) => `c${names.indexOf(name)}`;
    const day = (name: string) =>
      `CAST(DATE '1970-01-01' + CAST(${at(name)} AS INTEGER) AS VARCHAR)`;
    return await session.rows(
      `SELECT ${['sex', 'diabetes'].map(at).join(', ')}, ${day('onset')}, ${day('visit')},
        CAST(${at('hba1c')} AS INTEGER), CAST(${at('age')} AS INTEGER)
        FROM cohort ORDER BY 1, 4, 5`,
    );
  } finally {
    session.close();
  }
}

describe('FHIR NDJSON', () => {
  test('is a cohort of one row for each day of a person', async () => {
    const { target, report } = await loadPaths(cohort, [write(FILES)], { directory: scratch() });
    deepStrictEqual(await rowsOf(target), [
      // 48 mmol/mol are 6.5 %; the earliest of two onsets; 59 until 1 March.
      [0, 0, '2003-04-04', '2020-02-29', 65, 60],
      [0, 0, '2003-04-04', '2021-02-28', 65, 60],
      [0, 0, '2003-04-04', '2021-02-28', 71, 60],
      [1, 1, null, null, null, null],
    ]);
    deepStrictEqual([report.rows, report.people], [4, 2]);
    deepStrictEqual(
      report.read?.map(({ name, records }) => [name, records]),
      [
        ['Condition', 2],
        ['Observation', 5],
        ['Patient', 2],
      ],
    );
    deepStrictEqual(report.warnings, ['SUBJECT_WITHOUT_PATIENT']);
    deepStrictEqual(report.records, {
      ...{ events: 3, withoutDay: 0, ofUnknownPeople: 1, conflictingFacts: 0 },
    });
  });

  test('is the same cohort in other files and another order', async () => {
    const { report } = await loadPaths(cohort, [write(FILES)], { directory: scratch() });
    const all = Object.values(FILES).flat();
    const folder = write({ z: all.slice(3).reverse(), y: all.slice(0, 3) });
    const files = ['z', 'y'].map((name) => path.join(folder, `${name}.ndjson`));
    const other = await loadPaths(cohort, files, { directory: scratch() });
    deepStrictEqual(other.report.epoch, report.epoch);
  });

  test('is refused where it is cut, without patients, of other units, and not there', async () => {
    const loading = (files: readonly string[]) =>
      loadPaths(cohort, files, { directory: scratch() });
    const cut = write({ x: [] });
    writeFileSync(path.join(cut, 'x.ndjson'), JSON.stringify(FILES['Patient']?.[0]).slice(0, -5));
    await rejects(loading([cut]), refusal('COHORT_UNREADABLE'));
    const { Observation = [] } = FILES;
    await rejects(loading([write({ Observation })]), refusal('COHORT_EMPTY'));
    const grams = [...(FILES['Patient'] ?? []), hba1c('o', 'a', '2020-01-01', 6, 'g/dL')];
    await rejects(loading([write({ grams })]), refusal('COHORT_UNIT_UNMAPPED'));
    await rejects(loading([path.join(cut, 'none')]), refusal('FILE_NOT_FOUND'));
    await rejects(loading([write({})]), refusal('COHORT_EMPTY'));
  });
});
