/** RFC 8949 section 4.2.1: one encoding for each value, and every other spelling is refused. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.ts';
import { type Cbor, decodeCbor, encodeCbor, splitCborSequence } from '../../src/base/codec.ts';
import { refusal } from '../support/refusal.ts';

describe('RFC 8949 appendix A', () => {
  const vectors: readonly (readonly [string, Cbor])[] = [
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['18ff', 255],
    ['190100', 256],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['1bffffffffffffffff', 18446744073709551615n],
    ['3bffffffffffffffff', -18446744073709551616n],
    ['20', -1],
    ['3903e7', -1000],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['40', new Uint8Array(0)],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['60', ''],
    ['62c3bc', 'ü'],
    ['64f0908591', '𐅑'],
    ['80', []],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a0', {}],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
  ];
  for (const [hex, value] of vectors) {
    test(hex, () => {
      equal(toHex(encodeCbor(value)), hex);
      deepStrictEqual(decodeCbor(fromHex(hex)), value);
    });
  }

  test('keys sort by their encoded bytes (section 4.2.1)', () => {
    equal(toHex(encodeCbor({ bb: 0, a: 1, c: 2 })), 'a3616101616302626262' + '00');
  });
});

describe('decodeCbor refuses', () => {
  const bad: Record<string, string> = {
    'nothing at all': '',
    'a byte behind the item': '0000',
    '0 in two bytes': '1800',
    '23 in two bytes': '1817',
    '255 in three bytes': '1900ff',
    '65535 in five bytes': '1a0000ffff',
    '1 in nine bytes': '1b0000000000000001',
    '-1 in two bytes': '3800',
    'a length in two bytes': '580101',
    'a text length in two bytes': '780161',
    'an array length in two bytes': '980100',
    'a map length in two bytes': 'b801616100',
    'indefinite bytes': '5f4101ff',
    'indefinite text': '7f6161ff',
    'an indefinite array': '9f01ff',
    'an indefinite map': 'bf616101ff',
    'a break alone': 'ff',
    'a duplicate key': 'a2616101616102',
    'keys out of order': 'a2616201616101',
    'a longer key before a shorter one': 'a262616101616201',
    'an integer key': 'a10101',
    'a bytes key': 'a1416101',
    __proto__: 'a1695f5f70726f746f5f5fa0',
    'a half-precision float': 'f93e00',
    'a half-precision integer': 'f93c00',
    'a single-precision float': 'fa47c35000',
    'a double-precision float': 'fb3ff199999999999a',
    'negative zero as a float': 'f98000',
    NaN: 'f97e00',
    Infinity: 'f97c00',
    undefined: 'f7',
    'a simple value': 'f0',
    'a simple value in two bytes': 'f8ff',
    'a date tag': 'c074323031332d30332d32315432303a30343a30305a',
    'an epoch tag': 'c11a514b67b0',
    'a bignum tag': 'c249010000000000000000',
    'a self-described tag': 'd9d9f700',
    'truncated bytes': '440102',
    'a truncated array': '8201',
    'a truncated map': 'a16161',
    'a truncated head': '19ff',
    'text that is not UTF-8': '61ff',
    'text with an encoded surrogate': '63eda080',
    'an array that claims 2^32 items': '9b0000000100000000',
    'bytes that claim 2^62': '5b4000000000000000',
    'a reserved head': '1c',
    'depth without end': '81'.repeat(200_000),
  };
  for (const [name, hex] of Object.entries(bad)) {
    test(name, () => throws(() => decodeCbor(fromHex(hex)), refusal('MALFORMED_MESSAGE')));
  }
});

describe('encodeCbor refuses what the type excludes', () => {
  const bad: Record<string, unknown> = {
    'a float': 1.5,
    'a float inside': { a: [0.1] },
    NaN: Number.NaN,
    undefined: undefined,
    'undefined inside': { a: undefined },
    'a lone surrogate': 'a\ud800',
    'a lone surrogate in a key': { '\udfff': 1 },
  };
  for (const [name, value] of Object.entries(bad)) {
    test(name, () => throws(() => encodeCbor(value as Cbor), refusal('MALFORMED_MESSAGE')));
  }
});

const text = fc.string({ unit: 'grapheme' });
const { item } = fc.letrec<{ item: Cbor }>((tie) => ({
  item: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Cbor>(null, true, false, 0, 23, 24, 255, 256, 65536, 2 ** 32, -1, -25),
    fc.maxSafeInteger(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    text,
    fc.uint8Array(),
    fc.array(tie('item')),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('item'),
      { noNullPrototype: true },
    ),
  ),
}));

describe('properties', () => {
  test('decoding is inverse to encoding', () => {
    fc.assert(fc.property(item, (value) => deepStrictEqual(decodeCbor(encodeCbor(value)), value)));
  });

  test('whatever decodes encodes to the same bytes; anything else is refused', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        let value: Cbor;
        try {
          value = decodeCbor(bytes);
        } catch (error) {
          return refusal('MALFORMED_MESSAGE')(error);
        }
        accepted += 1;
        return toHex(encodeCbor(value)) === toHex(bytes);
      }),
      { numRuns: 3000 },
    );
    equal(accepted > 20, true, 'the generator reaches acceptable bytes');
  });

  test('a sequence splits into the items that were joined (RFC 8742)', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (values) => {
        const items = values.map(encodeCbor);
        deepStrictEqual(splitCborSequence(concat(...items)).map(toHex), items.map(toHex));
      }),
    );
  });

  test('a truncated sequence is refused', () => {
    throws(() => splitCborSequence(fromHex('014401')), refusal('MALFORMED_MESSAGE'));
    deepStrictEqual(splitCborSequence(new Uint8Array(0)), []);
  });
});
