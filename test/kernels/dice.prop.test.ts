/** wasm/dice against its twin, its refusals, and the arena after a call. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { ENCODING_BYTES, LIST_TILE, overlaps, QUERY_TILE } from '../../src/kernels/dice.ts';
import { overlaps as reference } from '../../src/kernels/reference/dice.ts';
import { refusal } from '../support/refusal.ts';

/** Encodings, some of them empty or full: where counts are smallest and largest. */
const encodings = (most: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(0, 255).map((byte) => new Uint8Array(ENCODING_BYTES).fill(byte)),
        fc.uint8Array({ minLength: ENCODING_BYTES, maxLength: ENCODING_BYTES }),
      ),
      { maxLength: most },
    )
    .map((list) => Uint8Array.from(list.flatMap((one) => [...one])));

describe('wasm/dice', () => {
  test('equals its reference twin, and inputs survive', () => {
    fc.assert(
      fc.property(encodings(5), encodings(9), (queries, list) => {
        const before = [queries.slice(), list.slice()];
        deepStrictEqual(overlaps(queries, list), reference(queries, list));
        deepStrictEqual([queries, list], before);
      }),
      { numRuns: 60 },
    );
  });

  test('every bit counts, in its own place only', () => {
    const bits = 8 * ENCODING_BYTES;
    const list = new Uint8Array(bits * ENCODING_BYTES);
    for (let bit = 0; bit < bits; bit++) list[bit * ENCODING_BYTES + (bit >> 3)] = 1 << (bit & 7);
    const full = new Uint8Array(ENCODING_BYTES).fill(255);
    deepStrictEqual(overlaps(full, list), new Uint16Array(bits).fill(1));
    const single = list.slice(700 * ENCODING_BYTES, 701 * ENCODING_BYTES);
    deepStrictEqual(
      overlaps(single, list),
      Uint16Array.from({ length: bits }, (_, i) => (i === 700 ? 1 : 0)),
    );
  });

  test('a full tile, and nothing of it in the next call', () => {
    const ones = (count: number): Uint8Array => new Uint8Array(count * ENCODING_BYTES).fill(255);
    const most = overlaps(ones(QUERY_TILE), ones(LIST_TILE));
    equal(most.length, QUERY_TILE * LIST_TILE);
    equal(
      most.every((count) => count === 1024),
      true,
    );
    deepStrictEqual(overlaps(new Uint8Array(ENCODING_BYTES), ones(2)), new Uint16Array(2));
    deepStrictEqual(overlaps(new Uint8Array(0), ones(2)), new Uint16Array(0));
  });

  test.each([
    [ENCODING_BYTES - 1, ENCODING_BYTES],
    [ENCODING_BYTES, ENCODING_BYTES + 1],
    [(QUERY_TILE + 1) * ENCODING_BYTES, ENCODING_BYTES],
    [ENCODING_BYTES, (LIST_TILE + 1) * ENCODING_BYTES],
  ])('%i bytes against %i are refused', (m, n) => {
    throws(() => overlaps(new Uint8Array(m), new Uint8Array(n)), refusal('INVALID_PARAMETER'));
  });
});
