/** What strict reading and canonical writing refuse, and that the two are inverse on what they accept. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { canonicalJson, parseStrict } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { Secret } from '../../src/base/secret.ts';
import { refusal } from '../support/refusal.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseStrict refuses', () => {
  const bad: Record<string, string> = {
    'a duplicate key': '{"a":1,"a":1}',
    'a duplicate key behind an escape': String.raw`{"a":1,"\u0061":2}`,
    'a duplicate key in a nested object': '{"x":[{"a":1,"b":2,"a":3}]}',
    __proto__: '{"__proto__":{"polluted":true}}',
    'a lone high surrogate': String.raw`"\ud83d"`,
    'a lone low surrogate as a key': String.raw`{"\ude00":1}`,
    'surrogates in the wrong order': String.raw`"\ude00\ud83d"`,
    'a string that is not in NFC': '"e\u0301"',
    'a key that is not in NFC': '{"e\u0301":1}',
    'an integer above 2^53': '9007199254740993',
    'an integer below -2^53': '-9007199254740993',
    '2^53, which 2^53 + 1 would read as': '9007199254740992',
    'a number beyond the doubles': '1e400',
    'text behind the document': '{} {}',
    'a bracket behind the document': '[]]',
    'an empty text': '',
    'white space only': ' \n',
    'a byte order mark': '\ufeff{}',
    'a trailing comma in an array': '[1,]',
    'a trailing comma in an object': '{"a":1,}',
    'a leading comma': '[,1]',
    'a missing colon': '{"a" 1}',
    'an unquoted key': '{a:1}',
    'single quotes': "'a'",
    'a comment': '[1/* */]',
    'a leading zero': '01',
    'a leading plus': '+1',
    'a bare point': '1.',
    'a bare fraction': '.5',
    'a bare exponent': '1e',
    hexadecimal: '0x10',
    NaN: 'NaN',
    Infinity: '-Infinity',
    'a capital literal': 'True',
    'a half literal': 'nul',
    'an unfinished string': '"abc',
    'an unfinished escape': '"\\',
    'an unknown escape': String.raw`"\x41"`,
    'a short unicode escape': String.raw`"\u12"`,
    'a raw control character': '"a\nb"',
    'a raw tab': '"a\tb"',
    'an unfinished object': '{"a":1',
    'an unfinished array': '[1',
    'a non-breaking space': '\u00a0[]',
    'an array too deep': nested(34),
    'an object too deep': '{"a":'.repeat(33) + '1' + '}'.repeat(33),
  };
  for (const [name, text] of Object.entries(bad)) {
    test(name, () => throws(() => parseStrict(text), refusal('MALFORMED_MESSAGE')));
  }
});

describe('parseStrict accepts', () => {
  test('every kind of value, with white space anywhere', () => {
    deepStrictEqual(
      parseStrict(' { "a" : [ 1 , -2.5e1 , true , false , null ] ,\r\n\t"b" : { } , "" : [ ] } '),
      { a: [1, -25, true, false, null], b: {}, '': [] },
    );
  });
  test('every escape', () => {
    equal(parseStrict(String.raw`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`), '"\\/\b\f\n\r\té😀');
  });
  test('the largest safe integers', () => {
    equal(parseStrict('9007199254740991'), Number.MAX_SAFE_INTEGER);
    equal(parseStrict('-9007199254740991'), Number.MIN_SAFE_INTEGER);
  });
  test('32 levels', () => deepStrictEqual(parseStrict(nested(33)), JSON.parse(nested(33))));
  test('names that objects inherit are ordinary keys', () => {
    const text = '{"constructor":1,"hasOwnProperty":2,"toString":3}';
    equal(canonicalJson(parseStrict(text)), text);
  });
  test('a string of 16 MiB, plain and escaped throughout', () => {
    equal((parseStrict(`"${'a'.repeat(2 ** 24)}"`) as string).length, 2 ** 24);
    equal((parseStrict(`"${'\\n'.repeat(2 ** 21)}"`) as string).length, 2 ** 21);
  });
});

describe('canonicalJson refuses', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const bad: Record<string, unknown> = {
    'a lone surrogate': '\ud800',
    'a string that is not in NFC': ['e\u0301'],
    'a key that is not in NFC': { 'e\u0301': 1 },
    NaN: Number.NaN,
    Infinity: { x: Number.POSITIVE_INFINITY },
    undefined: undefined,
    'undefined in an array': [undefined],
    'a hole in an array': [1, , 3],
    'a bigint': 1n,
    'a function': () => 1,
    'a symbol': Symbol('x'),
    'a date': new Date(0),
    'a map': new Map([['a', 1]]),
    'a set': new Set([1]),
    bytes: new Uint8Array(2),
    'a secret': new Secret('s', new Uint8Array(2)),
    'a fraction as an object': Rational.ONE,
    'a cycle': cyclic,
  };
  for (const [name, value] of Object.entries(bad)) {
    test(name, () => throws(() => canonicalJson(value), refusal('MALFORMED_MESSAGE')));
  }

  test('but leaves out an undefined member, as JSON does', () => {
    equal(canonicalJson({ b: undefined, a: 1 }), '{"a":1}');
  });
});

const WELL_FORMED = fc
  .string({ unit: 'binary' })
  .map((text) => text.toWellFormed().normalize('NFC'));
const jsonValue = fc.jsonValue({ maxDepth: 5 }).map((value) => normalised(value));

/** NFC everywhere, and no integer that a double cannot hold. */
function normalised(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().normalize('NFC');
  if (typeof value === 'number') {
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value + 0;
  }
  if (Array.isArray(value)) return value.map(normalised);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== '__proto__')
      .map(([key, item]) => [key.toWellFormed().normalize('NFC'), normalised(item)]),
  );
}

describe('properties', () => {
  test('parseStrict is inverse to canonicalJson, and agrees with JSON.parse', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = canonicalJson(value);
        deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
        equal(canonicalJson(parseStrict(text)), text);
        equal(canonicalJson(parseStrict(JSON.stringify(value, null, 2))), text);
      }),
    );
  });

  test('the order of members does not matter', () => {
    fc.assert(
      fc.property(fc.dictionary(WELL_FORMED, fc.integer()), (members) => {
        const entries = Object.entries(members).filter(([key]) => key !== '__proto__');
        equal(
          canonicalJson(Object.fromEntries(entries.toReversed())),
          canonicalJson(Object.fromEntries(entries)),
        );
      }),
    );
  });

  test('any text is read or refused, never anything else', () => {
    const pieces = fc.constantFrom(
      ...['{', '}', '[', ']', ',', ':', '"', '\\', 'a', '1', '-', '.', 'e', 'true', 'null', ' '],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 24 }), (parts) => {
        const text = parts.join('');
        try {
          deepStrictEqual(parseStrict(text), JSON.parse(text));
        } catch (error) {
          ok(refusal('MALFORMED_MESSAGE')(error), text);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
