/** Packed signed sums against plain ones, and the overflow that must not pass. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import {
  decryptPacked,
  encryptPacked,
  multiplePacked,
  packing,
  sumPacked,
} from '../../../src/he/paillier/packing.ts';
import { refusal } from '../../support/refusal.ts';
import { key, owner, rng } from './keys.ts';

const BOUND = 1_000_000n;
const layout = packing(key.publicKey, BOUND, 20_000);

const value = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, BOUND, -BOUND),
  fc.bigInt({ min: -BOUND, max: BOUND }),
);
const rows = fc.integer({ min: 1, max: layout.slots }).chain((width) =>
  fc.array(fc.array(value, { minLength: width, maxLength: width }), {
    minLength: 1,
    maxLength: 4,
  }),
);

test('sums and multiples of packed rows are the plain ones', () => {
  fc.assert(
    fc.property(rows, fc.bigInt({ min: -1000n, max: 1000n }), (given, factor) => {
      const parts = given.map((row) => encryptPacked(owner, layout, row, rng));
      const total = sumPacked(owner, parts, rng);
      const expected = given[0]!.map((_, i) => given.reduce((s, row) => s + row[i]!, 0n));
      deepStrictEqual(decryptPacked(key, total, rng), expected);
      deepStrictEqual(
        decryptPacked(key, multiplePacked(owner, total, factor, rng), rng),
        expected.map((x) => x * factor),
      );
    }),
    { numRuns: 12 },
  );
});

test('the largest sums of 20,000 rows fill every slot and no more', () => {
  for (const extreme of [BOUND, -BOUND]) {
    const row = Array.from({ length: layout.slots }, (_, i) => (i % 3 === 0 ? -extreme : extreme));
    const all = multiplePacked(owner, encryptPacked(owner, layout, row, rng), 20_000n, rng);
    deepStrictEqual(
      decryptPacked(key, all, rng),
      row.map((x) => x * 20_000n),
    );
    throws(() => sumPacked(owner, [all, all], rng), refusal('PLAINTEXT_RANGE'));
    throws(() => multiplePacked(owner, all, 2n, rng), refusal('PLAINTEXT_RANGE'));
  }
});

test('a value that a stranger packed over the bound shows', () => {
  // The stranger uses a layout of the same width with a larger bound and says it is ours.
  const wide = { ...layout, bound: BOUND * 2n };
  const forged = { ...encryptPacked(owner, wide, [5n, BOUND * 2n, -5n], rng), packing: layout };
  throws(() => decryptPacked(key, forged, rng), refusal('PLAINTEXT_RANGE'));
  const honest = { ...encryptPacked(owner, wide, [5n, BOUND, -5n], rng), packing: layout };
  deepStrictEqual(decryptPacked(key, honest, rng), [5n, BOUND, -5n], 'control: within it passes');
});

test('refusals', () => {
  const one = encryptPacked(owner, layout, [1n], rng);
  equal(decryptPacked(key, one, rng)[0], 1n);
  throws(() => encryptPacked(owner, layout, [BOUND + 1n], rng), refusal('PLAINTEXT_RANGE'));
  throws(() => encryptPacked(owner, layout, [], rng), refusal('PLAINTEXT_RANGE'));
  const tooMany = Array.from({ length: layout.slots + 1 }, () => 0n);
  throws(() => encryptPacked(owner, layout, tooMany, rng), refusal('PLAINTEXT_RANGE'));
  const two = encryptPacked(owner, layout, [1n, 2n], rng);
  throws(() => sumPacked(owner, [one, two], rng), refusal('INVALID_PARAMETER'));
  throws(() => sumPacked(owner, [], rng), refusal('INVALID_PARAMETER'));
  throws(() => packing(key.publicKey, 1n << 2040n, 1), refusal('PLAINTEXT_RANGE'));
  throws(() => packing(key.publicKey, 0n, 1), refusal('INVALID_PARAMETER'));
  throws(() => packing(key.publicKey, 1n, 0.5), refusal('INVALID_PARAMETER'));
});
