/** The code's steps: the kernel equals its twin, on one lane and on each of two. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { ExpandConvolute, type Stream } from '../../src/kernels/expand-convolute.ts';
import { convolve, expand } from '../../src/kernels/reference/expand-convolute.ts';
import { elements } from '../../src/kernels/reference/gf128.ts';
import { refusal } from '../support/refusal.ts';

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
      const sizes = { length, sums: vectors.map(() => outputs), slots: 2 };
      using code = new ExpandConvolute(sizes);
      vectors.forEach((vector, lane) => code.vector(lane, 0, length).set(vector));
      // Another thread's view of the same memory convolves the second vector.
      const other = new ExpandConvolute(sizes, code.memory);
      vectors.forEach((_, lane) => [code, other][lane]!.convolve(lane, [stream(seed)], lane));
      const start = vectors.map((_, lane) => bytes(seed + 9 + lane, 16 * outputs));
      start.forEach((lane, l) => code.sums(l, 0, outputs).set(lane));
      const words = stream(seed + 5);
      const parts = Array.from({ length: WEIGHT }, () => words(4 * outputs));
      // In two ranges, of which the first is a multiple of four.
      const first = outputs - (outputs % 4);
      for (const [from, count] of [
        [0, first],
        [first, outputs - first],
      ] as const) {
        code.expand(
          vectors.map(() => from),
          count,
          parts.map((part) => () => part.subarray(4 * from, 4 * (from + count))),
          1,
        );
      }
      vectors.forEach((vector, lane) => {
        const convolved = convolve(elements(vector), bytes(seed, 4 * length));
        const expected = expand(elements(start[lane]!), convolved, parts);
        deepStrictEqual(elements(code.sums(lane, 0, outputs).slice()), expected);
      });
    }),
    { numRuns: 40 },
  );
});

test('expand-convolute: the history of each pass crosses batches', () => {
  const length = BATCH + 40;
  const vector = new Uint8Array(16 * length);
  vector.set(bytes(3, 16 * 30), 16 * (BATCH - 30));
  using code = new ExpandConvolute({ length, sums: [50], slots: 1 });
  code.vector(0, 0, length).set(vector);
  code.convolve(0, [stream(4), stream(6)]);
  code.expand([0], 50, [stream(5)]);
  const once = convolve(elements(vector), bytes(4, 4 * length));
  const twice = convolve(once, bytes(6, 4 * length));
  const expected = expand(new Array<bigint>(50).fill(0n), twice, [bytes(5, 200)]);
  deepStrictEqual(elements(code.sums(0, 0, 50).slice()), expected);
});

test('expand-convolute: what does not fit is refused', () => {
  const sizes = { length: 40, sums: [10], slots: 1 };
  using code = new ExpandConvolute(sizes);
  const invalid = refusal('INVALID_PARAMETER');
  throws(() => code.vector(0, 39, 2), invalid);
  throws(() => code.vector(1, 0, 1), invalid);
  throws(() => code.sums(0, 0, 11), invalid);
  throws(() => code.sums(1, 0, 1), invalid);
  throws(() => code.expand([0], 6, [stream(1)]), invalid);
  throws(() => code.expand([4], 8, [stream(1)]), invalid);
  throws(() => code.convolve(0, [stream(1), stream(2), stream(3)]), invalid);
  throws(() => new ExpandConvolute({ ...sizes, length: 20 }), invalid);
  throws(() => new ExpandConvolute({ ...sizes, slots: 3 }, code.memory), invalid);
});
