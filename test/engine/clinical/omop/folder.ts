/** A small CDM of made-up people, and folders of such tables as CSV or Parquet. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../../../../src/base/canonical-json.ts';
import { scratch } from '../../../support/scratch.ts';
import { csv } from '../../duckdb/csv-text.ts';
import { parquet } from '../../duckdb/typed-files.ts';

/** Table → rows; a value that a row does not have is empty. */
export type Cdm = Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;

const T2D = '201826';
const HBA1C = '3004410';

/** What a table has besides the fields of a row, so that an empty one is a table too. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  DEATH: ['person_id', 'death_date'],
  DRUG_EXPOSURE: ['drug_exposure_id', 'person_id', 'drug_concept_id', 'drug_exposure_start_date'],
  PROCEDURE_OCCURRENCE: [
    'procedure_occurrence_id',
    'person_id',
    'procedure_concept_id',
    'procedure_date',
  ],
};

const people = (
  [
    ['1', '8507', '1950', '3', '1'],
    ['2', '8532', '1960', '', ''],
    ['3', '8532', '1970', '12', '24'],
    ['4', '0', '1980', '2', '30'],
    ['5', '8507', '1990', '1', '1'],
  ] as const
).map(([person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth]) => ({
  person_id,
  gender_concept_id,
  year_of_birth,
  month_of_birth,
  day_of_birth,
  race_concept_id: '8527',
  ethnicity_concept_id: '0',
}));

const measurements = (
  [
    // Two on one day, in two units; 53 mmol/mol is 7.0 % (NGSP).
    ['10', '1', HBA1C, '2020-01-05', '7.5', '8554'],
    ['11', '1', HBA1C, '2020-01-05', '53', '9579'],
    ['12', '1', HBA1C, '2021-06-01 00:00:00', '6.0', '8554'],
    ['13', '2', HBA1C, 'unknown', '5.5', '8554'],
    ['14', '3', HBA1C, '2020-02-30', '', '0'],
    ['15', '99', HBA1C, '2020-01-05', '9', '8554'],
    ['16', '5', '3000000', '2020-01-05', '9', '0'],
  ] as const
).map(([measurement_id, person_id, concept, measurement_date, value, unit]) => ({
  measurement_id,
  person_id,
  measurement_concept_id: concept,
  measurement_date,
  value_as_number: value,
  value_as_concept_id: '0',
  unit_concept_id: unit,
}));

const conditions = (
  [
    ['1', '1', T2D, '2015-05-05'],
    ['2', '1', T2D, '2014-05-05'],
    ['3', '3', '443729', '2018-01-01'],
    ['4', '5', '320128', '2018-01-01'],
    ['5', '99', T2D, '2018-01-01'],
  ] as const
).map(([condition_occurrence_id, person_id, concept, day]) => ({
  condition_occurrence_id,
  person_id,
  condition_concept_id: concept,
  condition_start_date: day,
}));

const observations = (
  [
    ['1', '1', '43054909', '2020-01-05', '45883458'],
    ['2', '2', '43054909', '2020-03-01', '45879404'],
    ['3', '3', '43054909', '2020-03-01', '0'],
  ] as const
).map(([observation_id, person_id, concept, day, value]) => ({
  observation_id,
  person_id,
  observation_concept_id: concept,
  observation_date: day,
  value_as_number: '',
  value_as_concept_id: value,
  unit_concept_id: '0',
}));

const drugs = [
  {
    drug_exposure_id: '1',
    person_id: '2',
    drug_concept_id: '1503297',
    drug_exposure_start_date: '2019-01-01',
  },
];

const visits = [
  {
    visit_occurrence_id: '1',
    person_id: '4',
    visit_concept_id: '9201',
    visit_start_date: '2019-01-01',
  },
];

export const CDM: Cdm = {
  PERSON: people,
  DEATH: [{ person_id: '3', death_date: '2022-02-02' }],
  MEASUREMENT: measurements,
  OBSERVATION: observations,
  CONDITION_OCCURRENCE: conditions,
  DRUG_EXPOSURE: drugs,
  PROCEDURE_OCCURRENCE: [],
  VISIT_OCCURRENCE: visits,
  CONCEPT_ANCESTOR: [
    { ancestor_concept_id: T2D, descendant_concept_id: T2D },
    // 443729 Peripheral circulatory disorder due to type 2 diabetes mellitus, 201820 Diabetes.
    { ancestor_concept_id: T2D, descendant_concept_id: '443729' },
    { ancestor_concept_id: '201820', descendant_concept_id: T2D },
    { ancestor_concept_id: '201820', descendant_concept_id: '443729' },
    { ancestor_concept_id: '201820', descendant_concept_id: '201254' },
  ],
};

const header = (table: string, rows: Cdm[string]): string[] => [
  ...new Set([...(FIELDS[table] ?? []), ...rows.flatMap((row) => Object.keys(row))]),
];

/** Writes each table under its name, in upper case as OHDSI does; the folder. */
export function csvFolder(cdm: Cdm, prefix = ''): string {
  const folder = scratch();
  for (const [table, rows] of Object.entries(cdm)) {
    writeFileSync(path.join(folder, `${prefix}${table}.csv`), csv(header(table, rows), rows));
  }
  return folder;
}

const WHOLE = /_id$|^(?:year|month|day)_of_birth$/;

/** The type that the CDM gives a field, as far as its texts can be read in it. */
function typed(field: string, rows: Cdm[string]): string {
  const texts = rows.map((row) => row[field] ?? '').filter((text) => text !== '');
  if (WHOLE.test(field)) return 'BIGINT';
  if (field === 'value_as_number') return 'DOUBLE';
  if (field.endsWith('_date') && texts.every((text) => /^\d{4}-\d\d-\d\d$/.test(text)))
    return 'DATE';
  return 'VARCHAR';
}

/** The same with the types of the CDM. */
export async function parquetFolder(cdm: Cdm): Promise<string> {
  const folder = scratch();
  for (const [table, rows] of Object.entries(cdm)) {
    const names = header(table, rows);
    const lines = rows.map((row) => `(${names.map((name) => `'${row[name] ?? ''}'`).join(', ')})`);
    const none = `(${names.map(() => 'NULL').join(', ')})`;
    const select = names.map(
      (name) => `CAST(nullif(${name}, '') AS ${typed(name, rows)}) AS "${name}"`,
    );
    const sql = `SELECT ${select.join(', ')} FROM (VALUES ${[none, ...lines].join(', ')})
      AS t(${names.join(', ')}) OFFSET 1`;
    writeFileSync(path.join(folder, `${table.toLowerCase()}.parquet`), await parquet(sql));
  }
  return folder;
}

const hba1c = { table: 'measurement', concept: Number(HBA1C) };
const t2d = { table: 'condition', concept: Number(T2D), descendants: true };

/** Columns of a study and where a CDM has them. */
export const COLUMNS: Json = {
  sex: { type: 'category', domain: ['F', 'M'] },
  born: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
  birthYear: { type: 'integer', min: 1900, max: 2025 },
  died: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
  day: { type: 'date', min: '2000-01-01', max: '2025-12-31' },
  hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
  measured: { type: 'date', min: '2000-01-01', max: '2025-12-31' },
  smoker: { type: 'category', domain: ['yes', 'never'] },
  t2d: { type: 'category', domain: ['yes', 'no'] },
  t2dSince: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
};

const yesNo = { true: 'yes', false: 'no' };

export const MAP: Record<string, Json> = {
  sex: { omop: { table: 'person', field: 'gender', values: { '8507': 'M', '8532': 'F' } } },
  born: { omop: { table: 'person', field: 'birth' } },
  birthYear: { omop: { table: 'person', field: 'birthYear' } },
  died: { omop: { table: 'death', field: 'date' } },
  day: { omop: { day: true } },
  hba1c: { omop: { ...hba1c, field: 'value' } },
  measured: { omop: { ...hba1c, field: 'day' } },
  smoker: {
    omop: {
      table: 'observation',
      concept: 43054909,
      field: 'valueConcept',
      values: { '45883458': 'yes', '45879404': 'never' },
    },
  },
  t2d: { omop: { ...t2d, field: 'present', values: yesNo } },
  t2dSince: { omop: { ...t2d, field: 'firstDay' } },
};

/** The section of a study whose holder `lu` has a CDM. */
export const omopStudy = (overrides: Record<string, Json> = {}): Record<string, Json> => ({
  person: 'pid',
  rowsPerPerson: 10,
  cellsPerPerson: 10,
  columns: COLUMNS,
  maps: { lu: MAP },
  concepts: 'omop',
  ...overrides,
});
