/** Identifiers: the hash is the one the header names, by both ways of computing it, and rows are counted once. */
import { deepStrictEqual, notDeepStrictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { concat, toHex, utf8 } from '../../src/base/bytes.ts';
import { distinctItems, hashIdentifiers, itemHash } from '../../src/psi/items.ts';
import { blake2s } from '../../src/kernels/reference/blake2s.ts';
import { refusal } from '../support/refusal.ts';

describe('identifiers', () => {
  test('hashes are pinned', () => {
    deepStrictEqual(
      ['', 'patient-000000001', '久保田'].map((id) => toHex(itemHash(utf8(id)))),
      ['', 'patient-000000001', '久保田'].map((id) => toHex(blake2s(utf8(id), 16, 'kk-id-01'))),
    );
    deepStrictEqual(toHex(itemHash(utf8('abc'))), 'd969e9b67867075a82b7748535caf937');
  });

  test('every length, plain and not, in texts and bytes, alone and in a list', () => {
    const plain = Array.from({ length: 140 }, (_, length) => 'x'.repeat(length));
    const mixed = [...plain, 'é', '山', '🙂'.repeat(20), 'z'];
    for (const list of [plain.slice(0, 65), plain, mixed]) {
      const expected = concat(...list.map((id) => itemHash(utf8(id))));
      deepStrictEqual(hashIdentifiers(list), expected);
      deepStrictEqual(hashIdentifiers(list.map(utf8)), expected);
    }
  });

  test('lists longer than a batch', () => {
    const ids = Array.from({ length: 9000 }, (_, i) => (i === 8500 ? 'ü' : `id ${i}`));
    const hashes = hashIdentifiers(ids);
    for (const i of [0, 4095, 4096, 8499, 8500, 8999]) {
      deepStrictEqual(hashes.slice(16 * i, 16 * i + 16), itemHash(utf8(ids[i]!)));
    }
  });

  test('nothing is normalised', () => {
    notDeepStrictEqual(itemHash(utf8('é')), itemHash(utf8('e\u0301')));
    deepStrictEqual(distinctItems(['A', 'a', ' a'], 3).duplicates.length, 0);
  });

  test('first rows count, later ones are duplicates', () => {
    const { hashes, rows, duplicates } = distinctItems(['a', 'b', 'a', 'c', 'b', 'a'], 10);
    deepStrictEqual(
      [[...rows], [...duplicates]],
      [
        [0, 1, 3],
        [2, 4, 5],
      ],
    );
    deepStrictEqual(hashes, concat(...['a', 'b', 'c'].map((id) => itemHash(utf8(id)))));
  });

  test('too many rows and lone surrogates are refused', () => {
    throws(() => distinctItems(['a', 'b'], 1), refusal('INVALID_PARAMETER'));
    throws(() => distinctItems(['a', 'x\udc00'], 2), refusal('INVALID_PARAMETER'));
    // Joined, these two would be one well-formed pair.
    throws(() => distinctItems(['\ud83d', '\ude42'], 2), refusal('INVALID_PARAMETER'));
  });
});
