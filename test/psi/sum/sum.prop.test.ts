/** The private intersection-sum equals the plain one, with a toy scheme and with Paillier. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { distinctItems } from '../../../src/psi/items.ts';
import { type AdditiveScheme, LARGEST_VALUE } from '../../../src/psi/sum/additive.ts';
import { type IntersectionSums, receiveSums } from '../../../src/psi/sum/receiver.ts';
import { sendSums } from '../../../src/psi/sum/sender.ts';
import { both, ChannelPair } from '../ecdh/channel-pair.ts';
import { smallPaillier, toyScheme } from './schemes.ts';

type Case = {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly values: readonly (readonly bigint[])[];
};

const hashes = (people: readonly number[]): Uint8Array =>
  distinctItems(
    people.map((id) => `person ${id}`),
    people.length,
  ).hashes;

const amount = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, LARGEST_VALUE, -LARGEST_VALUE),
  fc.bigInt({ min: -LARGEST_VALUE, max: LARGEST_VALUE }),
);

const cases = fc
  .record({
    x: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 24 }),
    y: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 24 }),
    columns: fc.integer({ min: 1, max: 5 }),
  })
  .chain(({ x, y, columns }) =>
    fc.record({
      x: fc.constant(x),
      y: fc.constant(y),
      values: fc.array(fc.array(amount, { minLength: columns, maxLength: columns }), {
        minLength: y.length,
        maxLength: y.length,
      }),
    }),
  );

function plain({ x, y, values }: Case): IntersectionSums {
  const matching = values.filter((_, row) => x.includes(y[row]!));
  const sums = values[0]!.map((_, column) => matching.reduce((sum, row) => sum + row[column]!, 0n));
  return { cardinality: matching.length, sums };
}

async function run({ x, y, values }: Case, scheme: AdditiveScheme): Promise<IntersectionSums> {
  const { left, right } = new ChannelPair();
  const options = { scheme, rng: systemRng };
  return both(receiveSums(left, hashes(x), options), sendSums(right, hashes(y), values, options));
}

test('toy scheme: cardinality and sums are the plain ones', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (input) => {
      deepStrictEqual(await run(input, toyScheme), plain(input));
    }),
    { numRuns: 60 },
  );
});

test('Paillier: cardinality and sums are the plain ones', async () => {
  const scheme = smallPaillier();
  await fc.assert(
    fc.asyncProperty(cases, async (input) => {
      deepStrictEqual(await run(input, scheme), plain(input));
    }),
    { numRuns: 10 },
  );
});

test('nobody in both: zero, and the comparison can fail', async () => {
  const none: Case = { x: [1, 2], y: [3], values: [[7n, -7n]] };
  deepStrictEqual(await run(none, toyScheme), { cardinality: 0, sums: [0n, 0n] });
  const one: Case = { ...none, x: [3] };
  expect(await run(one, toyScheme)).not.toEqual(plain(none));
});

test('the largest values of many rows neither wrap nor carry', async () => {
  const people = Array.from({ length: 300 }, (_, i) => i);
  const values = people.map(() => [LARGEST_VALUE, -LARGEST_VALUE, LARGEST_VALUE, 1n]);
  const input = { x: people, y: people, values };
  deepStrictEqual(await run(input, toyScheme), plain(input));
});
