/** Findings of the schema validator as pointers and codes that do not depend on its version. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { Type } from 'typebox';
import { describe, test } from 'vitest';
import { isPlainLine, pointerTo, shapeErrors } from '../../src/base/input.ts';

const SCHEMA = Type.Object(
  {
    format: Type.Literal('kakehashi/test/1'),
    name: Type.String({ minLength: 2, maxLength: 4, pattern: '^[a-z]*$' }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    list: Type.Optional(
      Type.Array(Type.Object({ 'a/b': Type.Boolean() }, { additionalProperties: false }), {
        minItems: 1,
        maxItems: 2,
      }),
    ),
  },
  { additionalProperties: false },
);
const GOOD = { format: 'kakehashi/test/1', name: 'ab' };

describe('shapeErrors', () => {
  const cases: readonly (readonly [string, unknown, string, string])[] = [
    ['an unknown field', { ...GOOD, extra: 1 }, '/extra', 'UNKNOWN_FIELD'],
    ['an unknown field with a slash', { ...GOOD, 'x/y~z': 1 }, '/x~1y~0z', 'UNKNOWN_FIELD'],
    ['a missing field', { format: 'kakehashi/test/1' }, '/name', 'MISSING_FIELD'],
    ['a wrong type', { ...GOOD, name: 7 }, '/name', 'WRONG_TYPE'],
    ['a wrong constant', { ...GOOD, format: 'other' }, '/format', 'UNKNOWN_VALUE'],
    ['a pattern', { ...GOOD, name: 'AB' }, '/name', 'WRONG_FORMAT'],
    ['too short', { ...GOOD, name: 'a' }, '/name', 'WRONG_LENGTH'],
    ['too long', { ...GOOD, name: 'abcde' }, '/name', 'WRONG_LENGTH'],
    ['too small', { ...GOOD, count: 0 }, '/count', 'OUT_OF_RANGE'],
    ['too large', { ...GOOD, count: 10 }, '/count', 'OUT_OF_RANGE'],
    ['not whole', { ...GOOD, count: 1.5 }, '/count', 'WRONG_TYPE'],
    ['too few', { ...GOOD, list: [] }, '/list', 'TOO_FEW_ITEMS'],
    ['deep inside', { ...GOOD, list: [{ 'a/b': 1 }] }, '/list/0/a~1b', 'WRONG_TYPE'],
    [
      'unknown deep inside',
      { ...GOOD, list: [{ 'a/b': true, c: 1 }] },
      '/list/0/c',
      'UNKNOWN_FIELD',
    ],
  ];
  for (const [name, value, pointer, code] of cases) {
    test(name, () => deepStrictEqual(shapeErrors(SCHEMA, value), [{ pointer, code }]));
  }

  test('nothing for a good value; everything that is wrong at once; below a base', () => {
    deepStrictEqual(shapeErrors(SCHEMA, GOOD), []);
    const errors = shapeErrors(SCHEMA, { format: 1, name: 'ab', extra: 1 }, '/study');
    const pointers = new Set(errors.map(({ pointer }) => pointer));
    deepStrictEqual([...pointers].sort(), ['/study/extra', '/study/format']);
  });

  test('a code never carries the value', () => {
    const errors = JSON.stringify(shapeErrors(SCHEMA, { ...GOOD, name: 'CANARY', count: 424242 }));
    equal(errors.includes('CANARY') || errors.includes('424242'), false);
  });
});

test('pointerTo escapes ~ before / (RFC 6901 section 3)', () => {
  equal(pointerTo('/a', 'b/c', '~1', 0), '/a/b~1c/~01/0');
});

describe('isPlainLine', () => {
  const good = ['a', 'HbA1c by age', '糖尿病', 'Lëtzebuerg', 'a'.repeat(20)];
  for (const text of good) test(`takes ${text}`, () => equal(isPlainLine(text, 20), true));

  const bad = {
    nothing: '',
    'too long': 'a'.repeat(21),
    'a line end': 'a\nb',
    'an escape': 'a\u001b[2Jb',
    'a bell': 'a\u0007',
    'a C1 control': 'a\u009bb',
    'a right-to-left override': 'a\u202eb',
    'a zero-width joiner': 'a\u200db',
    'a line separator': 'a\u2028b',
    'a space in front': ' a',
    'a space behind': 'a ',
    'a lone surrogate': 'a\ud800',
    'not NFC': 'e\u0301',
  };
  for (const [name, text] of Object.entries(bad)) {
    test(`refuses ${name}`, () => equal(isPlainLine(text, 20), false));
  }
});
