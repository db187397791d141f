/** Check slots and check rows: distinct, inside the bounds, the same from the same key only. */
import { deepStrictEqual, equal, notDeepStrictEqual, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { checkCodes, slotLayout } from '../../../src/he/seal/check-rows.ts';
import { CHECK_SLOTS, N, ROWS_PER_BLOCK } from '../../../src/he/seal/parameters.ts';
import { type Column, codeRange } from '../../../src/he/seal/schema.ts';

const key = (byte: number): Secret => new Secret('check', new Uint8Array(32).fill(byte));

test('slots: every one is for a person or a check', () => {
  const { people, checks } = slotLayout(key(1));
  deepStrictEqual([people.length, checks.length], [ROWS_PER_BLOCK, CHECK_SLOTS]);
  deepStrictEqual(
    [...people, ...checks].sort((a, b) => a - b),
    Array.from({ length: N }, (_, i) => i),
  );
  deepStrictEqual(slotLayout(key(1)), { people, checks });
  notDeepStrictEqual(slotLayout(key(2)).checks, checks);
});

test('codes: in bounds, and others in another block, column or table', () => {
  const column: Column = { type: 'integer', min: -3, max: 4, nullable: true };
  const codes = checkCodes(key(1), 'x', column, 0);
  equal(codes.length, CHECK_SLOTS);
  const [low, high] = codeRange(column);
  ok(codes.every((code) => code === null || (code >= low && code <= high)));
  ok(codes.includes(null) && new Set(codes).size > 5);
  deepStrictEqual(checkCodes(key(1), 'x', column, 0), codes);
  notDeepStrictEqual(checkCodes(key(1), 'x', column, 1), codes);
  notDeepStrictEqual(checkCodes(key(1), 'y', column, 0), codes);
  notDeepStrictEqual(checkCodes(key(2), 'x', column, 0), codes);
});
