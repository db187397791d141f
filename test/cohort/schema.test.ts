/** The cohort section: what is accepted, how it is stored, and every refusal with its pointer. */
import { deepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { parseCohortSection, planColumns } from '../../src/cohort/schema.ts';
import { exampleSection } from './terms.ts';
import { present, refused } from '../support/refused.ts';

const HOLDERS = ['lu', 'jp'];
const parse = (section: unknown) => parseCohortSection(section as Json, HOLDERS);
const day = (text: string) => BigInt(Date.parse(text) / 86_400_000);

test('the example of DESIGN 9 is accepted and stored in steps and days', () => {
  deepStrictEqual(planColumns(parse(exampleSection())), [
    { name: 'age', type: 'integer', min: 0n, max: 110n, step: Rational.ONE },
    { name: 'hba1c', type: 'number', min: 30n, max: 200n, step: Rational.of(1, 10) },
    { name: 'sex', type: 'category', domain: ['F', 'M'] },
    { name: 'visit', type: 'date', min: day('2015-01-01'), max: day('2025-12-31') },
  ]);
});

test('columns do not depend on the order of keys', () => {
  const section = exampleSection();
  const reversed = Object.fromEntries(Object.entries(section.columns).reverse());
  deepStrictEqual(
    planColumns(parse({ ...section, columns: reversed })),
    planColumns(parse(section)),
  );
});

test('real headers are names: dots, hyphens, Japanese, words of JavaScript and SQL', () => {
  const names = ['stab.glu', 'glyburide-metformin', 'A1Cresult', '年齢', 'constructor', '"; DROP'];
  const columns = Object.fromEntries(names.map((n) => [n, { type: 'category', domain: ['a'] }]));
  const section = parse({ ...exampleSection(), columns, maps: {} });
  deepStrictEqual(
    planColumns(section).map((column) => column.name),
    [...names].sort(),
  );
});

test('the section is frozen to its leaves and no longer the caller’s', () => {
  const input = exampleSection();
  const section = parse(input);
  ok(
    Object.isFrozen(section) && Object.isFrozen(section.columns) && Object.isFrozen(section.nulls),
  );
  throws(() => Object.assign(section.declaredSize, { lu: 1 }), TypeError);
  Object.assign(input, { person: 'other' });
  deepStrictEqual(section.person, 'patient_id');
});

test('negative bounds and steps above one', () => {
  const columns = { t: { type: 'number', min: -7.5, max: 5, step: '5/2' } };
  deepStrictEqual(planColumns(parse({ ...exampleSection(), columns, maps: {} })), [
    { name: 't', type: 'number', min: -3n, max: 2n, step: Rational.of(5, 2) },
  ]);
});

describe('refusals', () => {
  const sex = { type: 'category', domain: ['F', 'M'] };
  const number = { type: 'number', min: 3, max: 20, step: '1/10' };
  const date = { type: 'date', min: '2015-01-01', max: '2025-12-31' };
  const column = (x: Json) => ({ columns: { x }, maps: {} });
  const cases: readonly [string, object, readonly string[]][] = [
    ['unknown field', { extra: 1 }, ['/extra UNKNOWN_FIELD']],
    ['missing field', { person: undefined }, ['/person MISSING_FIELD']],
    ['no rows', { rowsPerPerson: 0 }, ['/rowsPerPerson OUT_OF_RANGE']],
    ['fractional rows', { rowsPerPerson: 1.5 }, ['/rowsPerPerson WRONG_TYPE']],
    ['too many rows', { rowsPerPerson: 1_000_001 }, ['/rowsPerPerson OUT_OF_RANGE']],
    ['no cells', { cellsPerPerson: 0 }, ['/cellsPerPerson OUT_OF_RANGE']],
    ['size as text', { declaredSize: { lu: '1', jp: 1 } }, ['/declaredSize/lu WRONG_TYPE']],
    [
      'size above 10^9',
      { declaredSize: { lu: 1e9 + 1, jp: 1 } },
      ['/declaredSize/lu OUT_OF_RANGE'],
    ],
    ['size missing', { declaredSize: { lu: 1 } }, ['/declaredSize/jp MISSING_FIELD']],
    [
      'size of nobody',
      { declaredSize: { lu: 1, jp: 1, fr: 1 } },
      ['/declaredSize/fr UNKNOWN_HOLDER'],
    ],
    [
      'size of an object method',
      { declaredSize: { lu: 1, jp: 1, valueOf: 1 } },
      ['/declaredSize/valueOf UNKNOWN_HOLDER'],
    ],
    ['null twice', { nulls: ['', 'NA', ''] }, ['/nulls/2 DUPLICATE_NULL']],
    ['no columns', { columns: {}, maps: {} }, ['/columns TOO_FEW_ITEMS']],
    [
      '201 columns',
      {
        columns: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`c${i}`, sex])),
        maps: {},
      },
      ['/columns TOO_MANY_ITEMS'],
    ],
    ['unknown type', column({ type: 'float' }), ['/columns/x/type UNKNOWN_VALUE']],
    ['field of another type', column({ ...sex, min: 1 }), ['/columns/x/min UNKNOWN_FIELD']],
    ['empty domain', column({ type: 'category', domain: [] }), ['/columns/x/domain TOO_FEW_ITEMS']],
    [
      'domain of 10,001',
      column({ type: 'category', domain: Array.from({ length: 10_001 }, (_, i) => `v${i}`) }),
      ['/columns/x/domain TOO_MANY_ITEMS'],
    ],
    [
      'domain value twice',
      column({ type: 'category', domain: ['F', 'M', 'F'] }),
      ['/columns/x/domain/2 DUPLICATE_DOMAIN_VALUE'],
    ],
    [
      'domain value is a null',
      column({ type: 'category', domain: ['F', '?'] }),
      ['/columns/x/domain/1 DOMAIN_VALUE_IS_NULL'],
    ],
    [
      'domain value with a line break',
      column({ type: 'category', domain: ['F\nM'] }),
      ['/columns/x/domain/0 WRONG_FORMAT'],
    ],
    [
      'reversed integer',
      column({ type: 'integer', min: 2, max: 1 }),
      ['/columns/x REVERSED_BOUNDS'],
    ],
    ['equal bounds', column({ type: 'integer', min: 2, max: 2 }), ['/columns/x REVERSED_BOUNDS']],
    [
      'fractional integer',
      column({ type: 'integer', min: 0.5, max: 2 }),
      ['/columns/x/min WRONG_TYPE'],
    ],
    [
      'integer above 2^53',
      column({ type: 'integer', min: 0, max: 2 ** 53 }),
      ['/columns/x/max OUT_OF_RANGE'],
    ],
    ['reversed number', column({ ...number, min: 30 }), ['/columns/x REVERSED_BOUNDS']],
    ['step zero', column({ ...number, step: '0/1' }), ['/columns/x/step STEP_INVALID']],
    ['step negative', column({ ...number, step: '-1/10' }), ['/columns/x/step STEP_INVALID']],
    [
      'step not in lowest terms',
      column({ ...number, step: '2/20' }),
      ['/columns/x/step STEP_INVALID'],
    ],
    ['step as a decimal', column({ ...number, step: '0.1' }), ['/columns/x/step STEP_INVALID']],
    ['bound off the step', column({ ...number, min: 3.05 }), ['/columns/x/min NOT_ON_STEP']],
    [
      'too many steps',
      column({ ...number, max: 2 ** 52, step: '1/1000' }),
      ['/columns/x/max OUT_OF_RANGE'],
    ],
    ['day that is none', column({ ...date, min: '2015-02-30' }), ['/columns/x/min DATE_INVALID']],
    ['date in words', column({ ...date, max: '31.12.2025' }), ['/columns/x/max DATE_INVALID']],
    ['reversed dates', column({ ...date, min: '2026-01-01' }), ['/columns/x REVERSED_BOUNDS']],
    ['reserved name', { columns: { holder: sex }, maps: {} }, ['/columns/holder RESERVED_NAME']],
    [
      'escaped pointer',
      { columns: { 'a/b~c': { type: 'category' } }, maps: {} },
      ['/columns/a~1b~0c/domain MISSING_FIELD'],
    ],
    [
      'name with a control character',
      { columns: { 'a\u0007': sex }, maps: {} },
      ['/columns/a\u0007 WRONG_FORMAT'],
    ],
    [
      'name with a line break',
      { columns: { 'a\nb': sex }, maps: {} },
      ['/columns/a\nb WRONG_FORMAT'],
    ],
    [
      'bad column behind a line break',
      { columns: { 'a\nb': 7 }, maps: {} },
      ['/columns/a\nb WRONG_TYPE'],
    ],
    [
      'name that reorders text',
      { columns: { 'a\u202eb': sex }, maps: {} },
      ['/columns/a\u202eb WRONG_FORMAT'],
    ],
    [
      'name of 65 characters',
      { columns: { ['n'.repeat(65)]: sex }, maps: {} },
      [`/columns/${'n'.repeat(65)} WRONG_FORMAT`],
    ],
    [
      'name not in NFC',
      { columns: { 'a\u0301': sex }, maps: {} },
      ['/columns/a\u0301 WRONG_FORMAT'],
    ],
    [
      'person is a column',
      { person: 'sex' },
      ['/person PERSON_IS_COLUMN', '/maps/lu/sex PERSON_IS_COLUMN'],
    ],
    ['map of nobody', { maps: { fr: {} } }, ['/maps/fr UNKNOWN_HOLDER']],
    [
      'map of an unknown column',
      { maps: { lu: { bmi: { column: 'x' } } } },
      ['/maps/lu/bmi UNKNOWN_COLUMN'],
    ],
    [
      'unit of a category',
      { maps: { lu: { sex: { column: 'x', unit: '%' } } } },
      ['/maps/lu/sex/unit UNIT_NOT_ALLOWED'],
    ],
    [
      'column read from the person',
      { maps: { lu: { age: { column: 'patient_id' } } } },
      ['/maps/lu/age PERSON_IS_COLUMN'],
    ],
    [
      'person read from a column',
      { maps: { lu: { patient_id: { column: 'age' } } } },
      ['/maps/lu/age PERSON_IS_COLUMN'],
    ],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    const section = present({ ...exampleSection(), ...change });
    deepStrictEqual(
      refused(() => parse(section)),
      [...expected].sort(),
    );
  });

  test('not an object', () => {
    for (const value of [null, 7, [], 'x'])
      deepStrictEqual(
        refused(() => parse(value)),
        ['WRONG_TYPE'],
      );
  });

  test('everything found is reported at once', () => {
    const section = { ...exampleSection(), nulls: ['', ''], declaredSize: { lu: 1 } };
    deepStrictEqual(
      refused(() => parse(section)),
      ['/declaredSize/jp MISSING_FIELD', '/nulls/1 DUPLICATE_NULL'],
    );
  });
});

test('the person may have another header at each holder', () => {
  const section = parse({
    ...exampleSection(),
    maps: { jp: { patient_id: { column: 'patient_nbr' } } },
  });
  deepStrictEqual(section.maps?.jp?.patient_id, { column: 'patient_nbr' });
});
