/** BLAKE2s: RFC 7693's vector, and kernel, twin and @noble/hashes agree on every length and option. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { blake2s as noble } from '@noble/hashes/blake2.js';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { Blake2s } from '../../src/kernels/blake2s.ts';
import { blake2s as reference } from '../../src/kernels/reference/blake2s.ts';
import { refusal } from '../support/refusal.ts';

const options = fc.record({
  digestBytes: fc.constantFrom(16 as const, 32 as const),
  person: fc.constantFrom('kk-test1', 'kk-other', '~~~~~~~~'),
  key: fc.uint8Array({ minLength: 0, maxLength: 32 }),
});

describe('BLAKE2s', () => {
  test('RFC 7693 appendix B, "abc" without a personalisation', () => {
    // The parameter block of the RFC has zeros there: the noble function carries the vector over.
    deepStrictEqual(
      toHex(noble(utf8('abc'))),
      '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
    );
    const person = 'kk-test1';
    const expected = noble(utf8('abc'), { dkLen: 32, personalization: utf8(person) });
    deepStrictEqual(reference(utf8('abc'), 32, person), expected);
  });

  test('messages of 16 bytes: kernel, twin and noble', () => {
    fc.assert(
      fc.property(options, fc.integer({ min: 0, max: 9 }), fc.nat(), (given, n, seed) => {
        const messages = Uint8Array.from({ length: 16 * n }, (_, i) => Math.imul(i + 1, seed));
        using hash = new Blake2s(given);
        const digests = hash.hash16(messages);
        const { digestBytes, person, key } = given;
        for (let i = 0; i < n; i += 1) {
          const message = messages.slice(16 * i, 16 * i + 16);
          const ours = digests.slice(digestBytes * i, digestBytes * (i + 1));
          deepStrictEqual(ours, reference(message, digestBytes, person, key));
          const named = { dkLen: digestBytes, personalization: utf8(person) };
          const theirs = key.length === 0 ? named : { ...named, key };
          deepStrictEqual(ours, noble(message, theirs));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('messages of 0 to 64 bytes in one call, and more than one batch', () => {
    const lengths = Uint32Array.from({ length: 4099 }, (_, i) => i % 65);
    const blocks = new Uint8Array(64 * lengths.length);
    lengths.forEach((length, i) => {
      for (let k = 0; k < length; k += 1) blocks[64 * i + k] = i * 7 + k;
    });
    using hash = new Blake2s({ digestBytes: 16, person: 'kk-test1' });
    const digests = hash.hashBlocks(blocks, lengths);
    for (const i of [...Array(65).keys(), 4095, 4096, 4098]) {
      const message = blocks.slice(64 * i, 64 * i + (lengths[i] as number));
      deepStrictEqual(
        digests.slice(16 * i, 16 * i + 16),
        noble(message, { dkLen: 16, personalization: utf8('kk-test1') }),
      );
    }
  });

  test('refuses what it has no meaning for', () => {
    const given = { digestBytes: 16, person: 'kk-test1' } as const;
    throws(() => new Blake2s({ ...given, person: 'short' }), refusal('INVALID_PARAMETER'));
    throws(() => new Blake2s({ ...given, key: new Uint8Array(33) }), refusal('INVALID_PARAMETER'));
    using hash = new Blake2s(given);
    throws(() => hash.hash16(new Uint8Array(17)), refusal('INVALID_PARAMETER'));
    throws(
      () => hash.hashBlocks(new Uint8Array(63), new Uint32Array(1)),
      refusal('INVALID_PARAMETER'),
    );
  });
});
