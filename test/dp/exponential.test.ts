/** Bounds on e^−x and ln x: they enclose the value, and closely. */
import { equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import { expNegative, FIXED_ONE, lnUp, powerUp } from '../../src/dp/exponential.ts';
import { refusal } from '../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');
const fractions = fc
  .tuple(fc.integer({ min: 0, max: 10 ** 6 }), fc.integer({ min: 1, max: 10 ** 4 }))
  .map(([n, d]) => Rational.of(n, d));

describe('e^−x', () => {
  test('encloses the double, and the width is below 2^−230 of one', () => {
    fc.assert(
      fc.property(fractions, (x) => {
        const { low, high } = expNegative(x);
        ok(low <= high && high <= FIXED_ONE && high - low < 1n << 26n);
        const exact = Math.exp(-x.toNumber());
        const value = Rational.of(high, FIXED_ONE).toNumber();
        ok(Math.abs(value - exact) <= 1e-12 * exact + 2 ** -255);
      }),
    );
  });
  test('of one, to 40 digits', () => {
    const { low, high } = expNegative(Rational.ONE);
    const digits = 367_879_441_171_442_321_595_523_770_161_460_867_445n; // 39 places
    const scaled = (x: bigint): bigint => (x * 10n ** 39n) / FIXED_ONE;
    equal(scaled(low), digits);
    equal(scaled(high), digits);
  });
  test('e^−(x+y) is inside the product of the bounds', () => {
    fc.assert(
      fc.property(fractions, fractions, (x, y) => {
        const [a, b, both] = [expNegative(x), expNegative(y), expNegative(x.plus(y))];
        ok((a.low * b.low) / FIXED_ONE <= both.high);
        ok(a.high * b.high + FIXED_ONE * (1n << 30n) >= both.low * FIXED_ONE);
      }),
    );
  });
  test('zero is one exactly, a huge exponent is nothing, a negative one is refused', () => {
    equal(expNegative(Rational.ZERO).low, FIXED_ONE);
    equal(expNegative(Rational.of(10n ** 30n)).low, 0n);
    throws(() => expNegative(Rational.of(-1)), invalid);
  });
  test('powers', () => {
    equal(powerUp(FIXED_ONE, 1000), FIXED_ONE);
    equal(powerUp(FIXED_ONE / 2n, 10), FIXED_ONE / 1024n);
    equal(powerUp(0n, 0), FIXED_ONE);
  });
});

describe('ln', () => {
  test('is rounded up, by less than one step', () => {
    fc.assert(
      fc.property(fractions, (x) => {
        const value = x.plus(Rational.ONE);
        const up = lnUp(value).toNumber();
        const exact = Math.log(value.toNumber());
        ok(up >= exact * (1 - 1e-15) && up <= exact + 1.001e-12 + 1e-15 * exact);
      }),
      { numRuns: 40 },
    );
    equal(lnUp(Rational.ONE).toString(), '0/1');
    equal(lnUp(Rational.of(9), 10n ** 6n).toString(), Rational.of(2_197_225, 10 ** 6).toString());
  });
  test('refusals', () => {
    throws(() => lnUp(Rational.of(1, 2)), invalid);
    throws(() => lnUp(Rational.of(1n << 300n)), invalid);
  });
});
