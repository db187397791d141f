/** Maps into tables of OMOP CDM 5.4: what is taken, in words, and what is refused where. */
import { deepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { mapWords } from '../../src/cohort/codebook.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { refused } from '../support/refused.ts';

const COLUMNS = {
  sex: { type: 'category', domain: ['F', 'M'] },
  hba1c: { type: 'number', min: 3, max: 20, step: '1/10', unit: '%' },
  t2d: { type: 'category', domain: ['yes', 'no'] },
  visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
} satisfies Record<string, Json>;

const gender = { table: 'person', field: 'gender', values: { '8507': 'M', '8532': 'F' } };
const hba1c = { table: 'measurement', concept: 3004410, field: 'value' };
const t2d = {
  table: 'condition',
  concept: 201826,
  descendants: true,
  field: 'present',
  values: { true: 'yes', false: 'no' },
};
const MAPS = {
  sex: { omop: gender },
  hba1c: { omop: hba1c, unit: 'mmol/mol' },
  t2d: { omop: t2d },
  visit: { omop: { day: true } },
} satisfies Record<string, Json>;

const section = (maps: Record<string, Json>, more: Record<string, Json> = {}) =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: 1000 },
      nulls: [''],
      columns: COLUMNS,
      maps: { lu: maps },
      ...more,
    },
    ['lu'],
  );

const refusedMaps = (change: Record<string, Json | undefined>): string[] => {
  const maps: Record<string, Json | undefined> = { ...MAPS, ...change };
  const given = Object.entries(maps).flatMap(([name, map]) =>
    map === undefined ? [] : [[name, map] as const],
  );
  return refused(() => section(Object.fromEntries(given))).map((line) =>
    line.replace('/maps/lu', ''),
  );
};

test('in words', () => {
  deepStrictEqual(mapWords(section(MAPS, { concepts: 'omop' })), [
    'sex at lu: gender in OMOP person, 8507 is "M", 8532 is "F"',
    'hba1c at lu: value in OMOP measurement of concept 3004410, in mmol/mol where a record has no unit',
    't2d at lu: present in OMOP condition of concept 201826 and those below it, true is "yes", false is "no"',
    'visit at lu: the day of the OMOP record',
    'a query may select people by the OMOP concepts on their record',
  ]);
});

describe('refusals', () => {
  const cases: readonly [string, Record<string, Json | undefined>, readonly string[]][] = [
    ['a column that is nowhere', { t2d: undefined }, ['/t2d MISSING_FIELD']],
    ['a header among records', { sex: { column: 'sex' } }, ['/sex MIXED_SOURCES']],
    ['the person', { pid: { omop: gender } }, ['/pid UNKNOWN_COLUMN']],
    [
      'another table',
      { sex: { omop: { table: 'note', field: 'x' } } },
      ['/sex/omop/field UNKNOWN_VALUE', '/sex/omop/table UNKNOWN_VALUE'],
    ],
    [
      'a field of another table',
      { sex: { omop: { ...gender, field: 'value' } } },
      ['/sex/omop/field UNKNOWN_VALUE'],
    ],
    [
      'nothing',
      { sex: { omop: {} } },
      ['/sex/omop/field MISSING_FIELD', '/sex/omop/table MISSING_FIELD'],
    ],
    [
      'no concept',
      { hba1c: { omop: { table: 'measurement', field: 'value' } } },
      ['/hba1c/omop/concept MISSING_FIELD'],
    ],
    [
      'a concept of a person',
      { sex: { omop: { ...gender, concept: 1 } } },
      ['/sex/omop/concept UNKNOWN_FIELD'],
    ],
    [
      'descendants of a person',
      { sex: { omop: { ...gender, descendants: true } } },
      ['/sex/omop/descendants UNKNOWN_FIELD'],
    ],
    [
      'concept 0',
      { hba1c: { omop: { ...hba1c, concept: 0 } } },
      ['/hba1c/omop/concept OUT_OF_RANGE'],
    ],
    ['a number into a category', { t2d: { omop: hba1c } }, ['/t2d/omop/field WRONG_TYPE']],
    ['a day into a number', { hba1c: { omop: { day: true } } }, ['/hba1c/omop/day WRONG_TYPE']],
    [
      'a day and more',
      { visit: { omop: { day: true, table: 'visit' } } },
      ['/visit/omop/table UNKNOWN_FIELD'],
    ],
    [
      'a value outside the domain',
      { sex: { omop: { ...gender, values: { '8507': 'X' } } } },
      ['/sex/omop/values/8507 UNKNOWN_VALUE'],
    ],
    [
      'a value of no concept',
      { sex: { omop: { ...gender, values: { male: 'M' } } } },
      ['/sex/omop/values/male WRONG_FORMAT'],
    ],
    [
      'a concept for true',
      { t2d: { omop: { ...t2d, values: { '1': 'yes' } } } },
      ['/t2d/omop/values/1 WRONG_FORMAT'],
    ],
    [
      'values of a number',
      { hba1c: { omop: { ...hba1c, values: { '1': 'x' } } } },
      ['/hba1c/omop/values UNKNOWN_FIELD'],
    ],
    ['a unit of a category', { sex: { omop: gender, unit: '%' } }, ['/sex/unit UNIT_NOT_ALLOWED']],
    [
      'a unit without a rule',
      { hba1c: { omop: hba1c, unit: 'mg/dL' } },
      ['/hba1c/unit UNIT_INCOMPATIBLE'],
    ],
    [
      'a unit of a year',
      {
        hba1c: { omop: { table: 'person', field: 'birthYear' }, unit: '%' },
      },
      ['/hba1c/unit UNIT_NOT_ALLOWED'],
    ],
    ['another member', { sex: { omop: gender, header: 'x' } }, ['/sex/header UNKNOWN_FIELD']],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    deepStrictEqual(refusedMaps(change), expected);
  });
});
