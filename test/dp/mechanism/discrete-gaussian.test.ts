import { equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { noiseHalfWidth } from '../../../src/analysis/interval.ts';
import { Rational } from '../../../src/base/rational.ts';
import {
  rhoFor,
  rhoForHalfWidth,
  tailAtMost,
  varianceFor,
} from '../../../src/dp/mechanism/discrete-gaussian.ts';
import { sumLaw } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');

const amounts = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 10 ** 6 }))
  .map(([n, d]) => Rational.of(n, d));

describe('rho and variance', () => {
  test('one person, one cell, rho 1/200 is variance 100', () => {
    equal(varianceFor(1n, Rational.of(1, 200)).toString(), '100/1');
    equal(varianceFor(9n, Rational.of(1, 7)).toString(), '63/2');
    equal(rhoFor(1n, Rational.of(1, 4)).toString(), '2/1');
  });
  test('are inverse to each other, exactly', () => {
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 1n, max: 10n ** 6n }), (rho, squared) => {
        equal(rhoFor(squared, varianceFor(squared, rho)).equals(rho), true);
      }),
    );
  });
  test('refuse zero and negative numbers', () => {
    throws(() => varianceFor(0n, Rational.ONE), invalid);
    throws(() => varianceFor(-1n, Rational.ONE), invalid);
    throws(() => varianceFor(1n, Rational.ZERO), invalid);
    throws(() => varianceFor(1n, Rational.of(-1, 3)), invalid);
    throws(() => rhoFor(1n, Rational.ZERO), invalid);
  });
});

describe('tail', () => {
  test('holds for the exact law, single shares and sums', () => {
    for (const [variance, shares] of [
      [0.25, 1],
      [1, 2],
      [4, 1],
      [4, 5],
      [100, 2],
    ] as const) {
      const { radius, mass } = sumLaw(variance, shares);
      for (const bits of [1, 5, 10, 20, 40]) {
        const t = Number(tailAtMost(Rational.of(4 * variance * shares, 4), bits));
        let outside = 0;
        for (let n = t; n <= radius; n++) outside += 2 * (mass[radius + n] ?? 0);
        equal(outside <= 2 ** -bits, true);
      }
    }
  });
  test('is the root rounded up: t² covers, (t − 1)² does not', () => {
    const ln2 = Rational.parseDecimal('0.69314718055994531');
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 128 }), (variance, bits) => {
        const need = Rational.of(2 * (bits + 1))
          .times(variance)
          .times(ln2);
        const t = tailAtMost(variance, bits);
        equal(need.atMost(Rational.of(t * t)), true);
        equal(Rational.of((t - 1n) * (t - 1n)).compare(need) < 0, true);
      }),
    );
    equal(tailAtMost(Rational.of(100), 80), 106n);
  });
  test('refusals', () => {
    throws(() => tailAtMost(Rational.ZERO, 80), invalid);
    throws(() => tailAtMost(Rational.ONE, -1), invalid);
    throws(() => tailAtMost(Rational.ONE, 0.5), invalid);
  });
});

describe('rho for a half-width', () => {
  test('the noise of that rho is not wider, and close to what was asked', () => {
    for (const shares of [1, 2, 3, 16]) {
      for (const width of [1, 2, 3, 5, 10, 37, 100, 1000, 20_000]) {
        const rho = rhoForHalfWidth(Rational.of(width), 4n, shares);
        const reached = noiseHalfWidth(varianceFor(4n, rho), shares);
        equal(reached <= width, true);
        if (width >= 3) equal(reached >= width * 0.999 - 1, true);
      }
    }
  });
  test('is short: four significant digits', () => {
    equal(rhoForHalfWidth(Rational.of(20), 1n, 2).toString(), '9141/1000000');
  });
  test('ten times the rho buys what a tenth cannot: control', () => {
    const rho = rhoForHalfWidth(Rational.of(20), 1n, 2);
    const tenth = rho.dividedBy(Rational.of(10));
    equal(noiseHalfWidth(varianceFor(1n, tenth), 2) > 20, true);
  });
  test('fractions of a person are rounded down, zero is refused', () => {
    const whole = rhoForHalfWidth(Rational.of(20), 1n, 2);
    equal(rhoForHalfWidth(Rational.of(209, 10), 1n, 2).equals(whole), true);
    throws(() => rhoForHalfWidth(Rational.ZERO, 1n, 2), invalid);
    throws(() => rhoForHalfWidth(Rational.of(20), 0n, 2), invalid);
    throws(() => rhoForHalfWidth(Rational.of(20), 1n, 0), invalid);
  });
});
