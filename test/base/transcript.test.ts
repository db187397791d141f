/** Different lists of parts never give the same bytes. */
import { equal, notEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { concat, equalBytes, toHex, utf8 } from '../../src/base/bytes.ts';
import { transcriptBytes, transcriptDigest } from '../../src/base/transcript.ts';
import { refusal } from '../support/refusal.ts';

/** Short parts over a small alphabet, with the length bytes themselves among the letters. */
const part = fc
  .array(fc.constantFrom(0, 1, 2, 8, 97), { maxLength: 10 })
  .map((b) => Uint8Array.from(b));
const parts = fc.array(part, { maxLength: 5 });

/** Reads the encoding back: that this is possible is what injective means. */
function decode(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at));
    out.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return out;
}

describe('transcript', () => {
  test('the encoding can be read back, so it is injective', () => {
    fc.assert(
      fc.property(fc.string(), parts, (domain, list) => {
        const [first, ...rest] = decode(transcriptBytes(domain, list));
        equal(toHex(first ?? new Uint8Array(0)), toHex(utf8(domain)));
        equal(rest.map(toHex).join(), list.map(toHex).join());
      }),
    );
  });

  test('two different lists differ, and moving a boundary is a difference', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same =
          a.length === b.length && a.every((item, i) => toHex(item) === toHex(b[i] ?? item));
        equal(equalBytes(transcriptBytes('d', a), transcriptBytes('d', b)), same);
      }),
      { numRuns: 500 },
    );
    notEqual(transcriptDigest('d', ['ab', 'c']), transcriptDigest('d', ['a', 'bc']));
    notEqual(transcriptDigest('d', ['a']), transcriptDigest('d', ['a', '']));
    notEqual(transcriptDigest('d', []), transcriptDigest('d', ['']));
    notEqual(transcriptDigest('da', ['b']), transcriptDigest('d', ['ab']));
  });

  test('control: plain concatenation fails the same property', () => {
    equal(equalBytes(concat(utf8('ab'), utf8('c')), concat(utf8('a'), utf8('bc'))), true);
  });

  test('the digest is pinned', () => {
    equal(
      toHex(transcriptBytes('d', ['é', 258, Uint8Array.of(9)])),
      '0000000000000001' +
        '64' +
        '0000000000000002' +
        'c3a9' +
        '0000000000000008' +
        '0000000000000102' +
        '0000000000000001' +
        '09',
    );
    equal(
      transcriptDigest('kakehashi', []),
      '55b858bb15b8c8470348ec4209ba0fa4b78a7918fd01331f8cf66dff0278ce4b',
    );
  });

  test('refuses numbers that are not safe, and text without UTF-8', () => {
    for (const bad of [-1, 0.5, Number.NaN, 2 ** 53, '\ud800']) {
      throws(() => transcriptBytes('d', [bad]), refusal('INVALID_PARAMETER'));
    }
  });
});
