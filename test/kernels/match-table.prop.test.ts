/** Repeated keys and matches: the kernel equals its twin, also where many keys want one slot. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { MatchTable } from '../../src/kernels/match-table.ts';
import { found, repeated } from '../../src/kernels/reference/match-table.ts';

/** Keys of `width` bytes that differ in few places, so that they collide and repeat. */
const key = (width: number): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 2 }), fc.nat({ max: 15 })).map(([a, b, at]) => {
    const bytes = new Uint8Array(width);
    bytes[0] = a;
    bytes[at % width]! ^= b;
    return bytes;
  });

const given = fc.integer({ min: 1, max: 16 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    keys: fc.array(key(width), { maxLength: 40 }),
    probes: fc.array(fc.array(key(width), { maxLength: 10 }), { maxLength: 3 }),
  }),
);

test('match-table: kernel equals its twin', () => {
  fc.assert(
    fc.property(given, ({ width, keys, probes }) => {
      const padded = keys.map((bytes) => concat(bytes, new Uint8Array(16 - width)));
      using table = new MatchTable(concat(...padded));
      deepStrictEqual(table.repeated, repeated(padded));
      for (const list of probes) table.find(concat(...list), width);
      deepStrictEqual(table.found, found(padded, probes.flat()));
    }),
    { numRuns: 100 },
  );
});
