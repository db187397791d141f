/** The code's steps: the kernel equals its twin, on one lane and on each of two. */
import { deepStrictEqual } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { ExpandConvolute, type Stream } from '../../src/kernels/expand-convolute.ts';
import { convolve, expand } from '../../src/kernels/reference/expand-convolute.ts';
import { elements } from '../../src/kernels/reference/gf128.ts';

const WEIGHT = 21;
/** Steps that the binding hands over at once. */
const BATCH = 16384;

/** A public stream, and all of it at once. */
function stream(seed: number): Stream {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  return (bytes) => new Uint8Array(cipher.update(new Uint8Array(bytes)));
}
const bytes = (seed: number, length: number): Uint8Array => stream(seed)(length);

const given = fc.record({
  length: fc.integer({ min: 21, max: 120 }),
  outputs: fc.integer({ min: 0, max: 21 }),
  lanes: fc.constantFrom(1 as const, 2 as const),
  seed: fc.nat({ max: 255 }),
});

test('expand-convolute: kernel equals its twin', () => {
  fc.assert(
    fc.property(given, ({ length, outputs, lanes, seed }) => {
      const vectors = Array.from({ length: lanes }, (_, lane) =>
        bytes(seed + lane + 1, 16 * length),
      );
      using code = new ExpandConvolute(length, lanes);
      vectors.forEach((vector, lane) => {
        code.load(lane as 0 | 1, 0, vector.slice(0, 16));
        code.load(lane as 0 | 1, 1, vector.slice(16));
      });
      code.convolve(stream(seed));
      const start = vectors.map((_, lane) => bytes(seed + 9 + lane, 16 * outputs));
      const sums = start.map((lane) => lane.slice());
      const words = stream(seed + 5);
      const parts = Array.from({ length: WEIGHT }, () => words(4 * outputs));
      code.expand(
        sums,
        parts.map((part) => () => part),
      );
      vectors.forEach((vector, lane) => {
        const convolved = convolve(elements(vector), bytes(seed, 4 * length));
        const expected = expand(elements(start[lane]!), convolved, parts);
        deepStrictEqual(elements(sums[lane]!), expected);
      });
    }),
    { numRuns: 40 },
  );
});

test('expand-convolute: the history crosses batches', () => {
  const length = BATCH + 40;
  const vector = new Uint8Array(16 * length);
  vector.set(bytes(3, 16 * 30), 16 * (BATCH - 30));
  using code = new ExpandConvolute(length, 1);
  code.load(0, 0, vector);
  code.convolve(stream(4));
  const sums = new Uint8Array(16 * 50);
  code.expand([sums], [stream(5)]);
  const convolved = convolve(elements(vector), bytes(4, 4 * length));
  const expected = expand(new Array<bigint>(50).fill(0n), convolved, [bytes(5, 200)]);
  deepStrictEqual(elements(sums), expected);
});
