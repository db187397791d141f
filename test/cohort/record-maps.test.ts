/** Maps into FHIR resources and openEHR compositions: what is taken, and what is refused where. */
import { deepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { readArchetypePath } from '../../src/cohort/archetype-path.ts';
import { mapWords } from '../../src/cohort/codebook.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { syntheticRows } from '../../src/cohort/synthetic-rows.ts';
import { refused } from '../support/refused.ts';

const COLUMNS = {
  sex: { type: 'category', domain: ['F', 'M'] },
  hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
  visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
} satisfies Record<string, Json>;

const section = (maps: Record<string, Json>) =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: 1000 },
      nulls: [''],
      columns: COLUMNS,
      maps: { lu: maps },
    },
    ['lu'],
  );

const FHIR = {
  sex: { fhir: { resource: 'Patient', field: 'gender', values: { female: 'F', male: 'M' } } },
  hba1c: {
    fhir: { resource: 'Observation', code: 'http://loinc.org|4548-4', field: 'value' },
    unit: 'mmol/mol',
  },
  visit: { fhir: { day: true } },
} satisfies Record<string, Json>;

const ITEMS = '/content[openEHR-EHR-OBSERVATION.x.v1]/data/events/data/items';
const OPENEHR = {
  sex: { openehr: { path: `${ITEMS}[at0001]/value`, values: { 'local::at1': 'F' } } },
  hba1c: { openehr: { path: `${ITEMS}[at0002]/value/magnitude` } },
  visit: { openehr: { day: true } },
} satisfies Record<string, Json>;

/** What is refused of the maps with one entry replaced, below that entry. */
const refusedFor = (maps: Record<string, Json>, name: string, map: Json): string[] =>
  refused(() => section({ ...maps, [name]: map })).map((line) => line.replace('/maps/lu', ''));

describe('maps into FHIR', () => {
  test('are taken, and said in words', () => {
    deepStrictEqual(mapWords(section(FHIR)).slice(0, 1), [
      'sex at lu: gender in FHIR Patient, female is "F", male is "M"',
    ]);
  });

  const patient = (more: Record<string, Json>): Json => ({
    fhir: { resource: 'Patient', field: 'gender', ...more },
  });
  const observation = (more: Record<string, Json>): Json => ({
    fhir: { ...FHIR.hba1c.fhir, ...more },
  });

  test('name a field of a resource that fits the column', () => {
    deepStrictEqual(refusedFor(FHIR, 'sex', { fhir: {} }), [
      '/sex/fhir/field MISSING_FIELD',
      '/sex/fhir/resource MISSING_FIELD',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'sex', { fhir: { resource: 'Device', field: 'gender' } }), [
      '/sex/fhir/resource UNKNOWN_VALUE',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'sex', patient({ field: 'value' })), [
      '/sex/fhir/field UNKNOWN_VALUE',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'sex', patient({ field: 'birthDate' })), [
      '/sex/fhir/field WRONG_TYPE',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'sex', patient({ code: 'a|b' })), [
      '/sex/fhir/code UNKNOWN_FIELD',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'sex', { fhir: { day: true } }), ['/sex/fhir/day WRONG_TYPE']);
    deepStrictEqual(refusedFor(FHIR, 'visit', { fhir: { day: true, resource: 'Patient' } }), [
      '/visit/fhir/resource UNKNOWN_FIELD',
    ]);
  });

  test('are no columns of a table, so there are no synthetic rows', () => {
    const rows = syntheticRows({ section: section(FHIR), holder: 'lu', rows: 1, seed: 'a' });
    deepStrictEqual(
      refused(() => rows.next()),
      ['INVALID_PARAMETER'],
    );
  });

  test('name a code by its system', () => {
    for (const code of ['4548-4', '|4548-4', 'http://loinc.org|', 'a|b|c', 'a b|c']) {
      deepStrictEqual(refusedFor(FHIR, 'hba1c', observation({ code })), [
        '/hba1c/fhir/code WRONG_FORMAT',
      ]);
    }
    const bare = { fhir: { resource: 'Observation', field: 'value' } };
    deepStrictEqual(refusedFor(FHIR, 'hba1c', bare), ['/hba1c/fhir/code MISSING_FIELD']);
  });

  test('rename to values of the domain only, and have a unit only where there is a number', () => {
    deepStrictEqual(refusedFor(FHIR, 'sex', patient({ values: { female: 'W' } })), [
      '/sex/fhir/values/female UNKNOWN_VALUE',
    ]);
    deepStrictEqual(refusedFor(FHIR, 'hba1c', observation({ values: { a: 'F' } })), [
      '/hba1c/fhir/values UNKNOWN_FIELD',
    ]);
    const day = { fhir: { day: true }, unit: 'd' };
    deepStrictEqual(refusedFor(FHIR, 'visit', day).includes('/visit/unit UNIT_NOT_ALLOWED'), true);
  });

  test('are of all columns of a holder', () => {
    deepStrictEqual(refusedFor(FHIR, 'visit', { column: 'x' }), ['/visit MIXED_SOURCES']);
    const { sex, visit } = FHIR;
    deepStrictEqual(
      refused(() => section({ sex, visit })),
      ['/maps/lu/hba1c MISSING_FIELD'],
    );
  });
});

describe('maps into openEHR', () => {
  test('are taken, and said in words', () => {
    deepStrictEqual(mapWords(section(OPENEHR)).length, 3);
  });

  test('have a path that can be read', () => {
    for (const path of [
      'content/data',
      '/content[',
      '/content[at1]x',
      "/a[at1 and b='c]",
      '/A/b',
    ]) {
      deepStrictEqual(refusedFor(OPENEHR, 'hba1c', { openehr: { path } }), [
        '/hba1c/openehr/path WRONG_FORMAT',
      ]);
    }
    deepStrictEqual(refusedFor(OPENEHR, 'hba1c', { openehr: {} }), [
      '/hba1c/openehr/path MISSING_FIELD',
    ]);
    deepStrictEqual(refusedFor(OPENEHR, 'visit', { openehr: { day: true, path: '/a' } }), [
      '/visit/openehr/path UNKNOWN_FIELD',
    ]);
  });
});

describe('an archetype path', () => {
  test('has segments, nodes, names and conditions with paths of their own', () => {
    const plain = (attribute: string) => ({ attribute, conditions: [] });
    deepStrictEqual(
      readArchetypePath("/items[at0.63 , 'a name' and items[at2]/value/value = 'x']/value"),
      [
        {
          attribute: 'items',
          node: 'at0.63',
          conditions: [
            { path: [plain('name'), plain('value')], text: 'a name' },
            {
              path: [
                { attribute: 'items', node: 'at2', conditions: [] },
                plain('value'),
                plain('value'),
              ],
              text: 'x',
            },
          ],
        },
        plain('value'),
      ],
    );
  });

  test('is not endless in any direction', () => {
    deepStrictEqual(readArchetypePath('/a'.repeat(40))?.length, 40);
    deepStrictEqual(readArchetypePath('/a'.repeat(41)), undefined);
    const nested = (depth: number): string =>
      depth === 0 ? 'a' : `a[n and ${nested(depth - 1)}='x']`;
    deepStrictEqual(readArchetypePath(`/${nested(4)}`)?.length, 1);
    deepStrictEqual(readArchetypePath(`/${nested(5)}`), undefined);
  });
});
