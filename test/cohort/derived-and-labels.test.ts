/** Derived columns and labels in a section: what is taken, what is refused and where, and the words. */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { columnWords } from '../../src/cohort/codebook.ts';
import { columnLabel } from '../../src/cohort/labels.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { syntheticRows } from '../../src/cohort/synthetic-rows.ts';
import { refused } from '../support/refused.ts';

const COLUMNS = {
  sex: { type: 'category', domain: ['F', 'M'] },
  birth: { type: 'date', min: '1900-01-01', max: '2025-12-31' },
  visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
  age: { type: 'integer', min: 0, max: 110, derived: { years: ['birth', 'visit'] } },
} satisfies Record<string, Json>;

const section = (columns: Record<string, Json>, maps: Record<string, Json> = {}) =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson: 1,
      cellsPerPerson: 1,
      declaredSize: { lu: 1000 },
      nulls: [''],
      columns,
      maps: { lu: maps },
    },
    ['lu'],
  );

const refusedWith = (name: string, more: Record<string, Json>): string[] =>
  refused(() => section({ ...COLUMNS, [name]: { ...COLUMNS[name as 'age'], ...more } }));

describe('a derived column', () => {
  test('is an integer, between two date columns of the study, in one way', () => {
    const derived = (derivation: Json) => refusedWith('age', { derived: derivation });
    deepStrictEqual(derived({}), ['/columns/age/derived TOO_FEW_ITEMS']);
    deepStrictEqual(derived({ years: ['birth', 'visit'], days: ['birth', 'visit'] }), [
      '/columns/age/derived TOO_MANY_ITEMS',
    ]);
    deepStrictEqual(derived({ weeks: ['birth', 'visit'] }), [
      '/columns/age/derived/weeks UNKNOWN_FIELD',
    ]);
    deepStrictEqual(derived({ years: ['birth'] }), ['/columns/age/derived/years TOO_FEW_ITEMS']);
    deepStrictEqual(derived({ months: ['birth', 'death'] }), [
      '/columns/age/derived/months/1 UNKNOWN_COLUMN',
    ]);
    deepStrictEqual(derived({ years: ['birth', 'birth'] }), [
      '/columns/age/derived/years/1 DUPLICATE_NAME',
    ]);
    // No derived column is a date, so none is derived from another.
    deepStrictEqual(derived({ years: ['sex', 'age'] }), [
      '/columns/age/derived/years/0 WRONG_TYPE',
      '/columns/age/derived/years/1 WRONG_TYPE',
    ]);
    const date = { ...COLUMNS, visit: { ...COLUMNS.visit, derived: { days: ['birth', 'birth'] } } };
    deepStrictEqual(
      refused(() => section(date)),
      ['/columns/visit/derived UNKNOWN_FIELD'],
    );
  });

  test('has the unit of its kind or none, and no place in a file', () => {
    ok(section({ ...COLUMNS, age: { ...COLUMNS.age, unit: 'a' } }));
    deepStrictEqual(refusedWith('age', { unit: 'mo' }), ['/columns/age/unit UNIT_INCOMPATIBLE']);
    deepStrictEqual(
      refused(() => section(COLUMNS, { age: { column: 'Alter' } })),
      ['/maps/lu/age DERIVED_COLUMN'],
    );
  });

  test('is said in words, and is not in synthetic rows', () => {
    const { columns } = section(COLUMNS);
    equal(
      columnWords('age', columns['age']!),
      'whole number from 0 to 110, computed: completed years from birth to visit',
    );
    const [header] = syntheticRows({ section: section(COLUMNS), holder: 'lu', rows: 1, seed: 'a' });
    equal(header, 'pid,birth,sex,visit\n');
  });
});

describe('labels', () => {
  const LABELLED = {
    ...COLUMNS,
    sex: {
      ...COLUMNS.sex,
      labels: { en: 'Sex', fr: 'Sexe', de: 'Geschlecht', ja: '性別' },
      valueLabels: { F: { en: 'female', ja: '女性' }, M: { ja: '男性' } },
    },
    birth: { ...COLUMNS.birth, labels: { ja: '生年月日' } },
  } satisfies Record<string, Json>;

  test('are shown in a language, else in English, else not at all', () => {
    const { columns } = section(LABELLED);
    const [sex, birth] = [columns['sex']!, columns['birth']!];
    deepStrictEqual(
      (['en', 'fr', 'ja'] as const).map((language) => columnLabel(sex, language)),
      ['Sex', 'Sexe', '性別'],
    );
    deepStrictEqual(
      (['en', 'fr', 'ja'] as const).map((language) => columnLabel(birth, language)),
      [undefined, undefined, '生年月日'],
    );
    equal(columnWords('sex', sex), 'one of "F" (female), "M"');
    equal(columnWords('sex', sex, 'fr'), 'one of "F" (female), "M"');
    equal(columnWords('sex', sex, 'ja'), 'one of "F" (女性), "M" (男性)');
  });

  test('are one plain line each, in known languages, of values that there are', () => {
    const sex = (more: Record<string, Json>) => refusedWith('sex', more);
    deepStrictEqual(sex({ labels: { it: 'Sesso' } }), ['/columns/sex/labels/it UNKNOWN_FIELD']);
    deepStrictEqual(sex({ labels: { en: '' } }), ['/columns/sex/labels/en WRONG_LENGTH']);
    for (const text of ['a\nb', ' a', '\u202ea', '\u001b[31m', 'e\u0301']) {
      deepStrictEqual(sex({ labels: { en: text } }), ['/columns/sex/labels/en WRONG_FORMAT']);
      deepStrictEqual(sex({ valueLabels: { F: { ja: text } } }), [
        '/columns/sex/valueLabels/F/ja WRONG_FORMAT',
      ]);
    }
    deepStrictEqual(sex({ valueLabels: { X: { en: 'x' } } }), [
      '/columns/sex/valueLabels/X UNKNOWN_VALUE',
    ]);
    deepStrictEqual(refusedWith('birth', { valueLabels: {} }), [
      '/columns/birth/valueLabels UNKNOWN_FIELD',
    ]);
  });
});
