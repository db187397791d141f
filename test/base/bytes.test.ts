/** Strict decoders of text forms, and bytes that are views of larger buffers. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64Url,
  toHex,
  uint64,
  utf8,
} from '../../src/base/bytes.ts';
import { refusal } from '../support/refusal.ts';

const malformed = refusal('MALFORMED_MESSAGE');

describe('hexadecimal', () => {
  test('round trip, also of a view into a larger buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat({ max: 5 }), (bytes, skip) => {
        deepStrictEqual(fromHex(toHex(bytes)), bytes);
        equal(toHex(bytes.subarray(skip)), toHex(bytes.slice(skip)));
      }),
    );
  });
  for (const bad of ['0', 'AB', 'aB', '0g', ' 00', '00 ', '0x00', '00\n', '００']) {
    test(`refuses ${JSON.stringify(bad)}`, () => throws(() => fromHex(bad), malformed));
  }
});

describe('base64url (RFC 4648 section 5)', () => {
  test('section 10, in this alphabet and without padding', () => {
    equal(toBase64Url(utf8('foobar')), 'Zm9vYmFy');
    equal(toBase64Url(utf8('fo')), 'Zm8');
    equal(toBase64Url(Uint8Array.of(0xfb, 0xff)), '-_8');
  });
  test('round trip', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (b) => deepStrictEqual(fromBase64Url(toBase64Url(b)), b)),
    );
  });
  for (const bad of ['Zg==', 'Z', 'Zh', '+/8', 'Zm 8', 'Zm8\n', 'Zm8!', 'Z', 'é']) {
    test(`refuses ${JSON.stringify(bad)}`, () => throws(() => fromBase64Url(bad), malformed));
  }
});

describe('UTF-8', () => {
  test('round trip, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => equal(fromUtf8(utf8(text)), text)),
    );
    equal(fromUtf8(utf8('\ufeffx')), '\ufeffx');
  });
  for (const bad of ['ff', 'c0af', 'c3', 'eda080', 'f4908080', 'e28082ff']) {
    test(`refuses ${bad}`, () => throws(() => fromUtf8(fromHex(bad)), malformed));
  }
});

test('concat and equalBytes', () => {
  deepStrictEqual(concat(), new Uint8Array(0));
  deepStrictEqual(
    concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)),
    Uint8Array.of(1, 2, 3),
  );
  equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
  equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0)), false);
  equal(equalBytes(new Uint8Array(0), new Uint8Array(0)), true);
});

test('uint64 is big endian and takes safe integers only', () => {
  equal(toHex(uint64(258)), '0000000000000102');
  equal(toHex(uint64(Number.MAX_SAFE_INTEGER)), '001fffffffffffff');
  for (const bad of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    throws(() => uint64(bad), refusal('INVALID_PARAMETER'));
  }
});
