/** Values that do not fit a slot, as two digits that add up (flows/pooled/digits.ts). */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import type { Block } from '../../src/cohort/plan.ts';
import { carriedLength } from '../../src/cohort/blocks.ts';
import { fromDigits, toDigits } from '../../src/flows/pooled/digits.ts';
import { refusal } from '../support/refusal.ts';
import { throws } from 'node:assert/strict';

const block = (...digits: (1 | 2)[]): Block => ({
  content: { kind: 'moments', column: 'x', min: 0n, max: 9n },
  runs: digits.map((own, i) => ({
    components: i + 1,
    variance: Rational.ONE,
    largest: 1n,
    digits: own,
  })),
  sensitivity: { l0: 1n, linf: 1n, l1: 1n, squaredL2: 1n },
  rho: Rational.ONE,
});
const layout = (cells: number, ...blocks: Block[]) => ({
  cells,
  blocks,
  values:
    cells * blocks.flatMap(({ runs }) => runs).reduce((sum, { components }) => sum + components, 0),
});

/** What the sandbox adds: slot by slot modulo 2^32, centred, as combineShares gives it. */
const summed = (vectors: readonly BigInt64Array[]): BigInt64Array =>
  vectors
    .reduce((a, b) => a.map((value, i) => BigInt.asUintN(32, value + b[i]!)))
    .map((value) => BigInt.asIntN(32, value));

test('digits add up to the sum of the values, for 2 to 16 holders and values of any sign', () => {
  const wide = layout(3, block(1, 2), block(2));
  const large = fc.oneof(
    fc.constantFrom(0n, -1n, 1n, (1n << 48n) - 1n, -(1n << 48n), 1n << 24n, -(1n << 24n)),
    fc.bigInt({ min: -(1n << 48n), max: 1n << 48n }),
  );
  const small = fc.bigInt({ min: -(1n << 26n), max: 1n << 26n });
  const vector = fc
    .tuple(
      fc.array(small, { minLength: 3, maxLength: 3 }),
      fc.array(large, { minLength: wide.values - 3, maxLength: wide.values - 3 }),
    )
    .map(([a, b]) => BigInt64Array.from([...a, ...b]));
  fc.assert(
    fc.property(fc.array(vector, { minLength: 2, maxLength: 16 }), (vectors) => {
      const carried = vectors.map((own) => toDigits(wide, own));
      deepStrictEqual(
        fromDigits(wide, summed(carried)),
        vectors.reduce((a, b) => a.map((value, i) => value + b[i]!)),
      );
    }),
  );
});

test('lengths: one slot a value, or two', () => {
  const plan = layout(5, block(1, 2));
  deepStrictEqual([plan.values, carriedLength(plan)], [15, 25]);
  throws(() => toDigits(plan, new BigInt64Array(14)), refusal('INTERNAL'));
  throws(() => fromDigits(plan, new BigInt64Array(24)), refusal('INTERNAL'));
});

test('control: one digit of a wide value wraps', () => {
  const plan = layout(1, block(1));
  const value = BigInt64Array.of(1n << 33n);
  deepStrictEqual(fromDigits(plan, summed([toDigits(plan, value)]))[0] === value[0], false);
});
