import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { outsiderRho, tauUp } from '../../../src/dp/accountant/shares.ts';
import { convolve, gaussianLaw, type Law } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

/** τ as printed by Kairouz, Liu, Steinke 2021, in doubles. */
const tau = (variance: number, shares: number): number => {
  let sum = 0;
  for (let k = 1; k < shares; k++) sum += Math.exp((-2 * Math.PI ** 2 * variance * k) / (k + 1));
  return 10 * sum;
};

/** Rényi divergence of order alpha between a law and itself moved by `shift`. */
function divergence({ radius, mass }: Law, shift: number, alpha: number): number {
  let sum = 0;
  for (let n = -radius; n <= radius - shift; n++) {
    const [p, q] = [mass[radius + n] ?? 0, mass[radius + n + shift] ?? 0];
    if (p > 1e-290 && q > 1e-290) sum += Math.exp(alpha * Math.log(p) + (1 - alpha) * Math.log(q));
  }
  return Math.log(sum) / (alpha - 1);
}

describe('tau', () => {
  test('is never below the printed formula, and at most four times above', () => {
    for (const variance of [1, 2, 3]) {
      for (const shares of [2, 3, 16]) {
        const bound = tauUp(Rational.of(variance), shares).toNumber();
        ok(bound >= tau(variance, shares) && bound <= 4 * tau(variance, shares));
      }
    }
  });
  test('two shares of 2: 2.675287991e-8 in the published code', () => {
    ok(Math.abs(tau(2, 2) / 2.675287991e-8 - 1) < 1e-8);
  });
});

describe('outsider', () => {
  const rho = Rational.of(1, 8); // Δ = 1, σ² = 4
  const variance = Rational.of(4);

  test('two shares of variance 4: half the rho and a little', () => {
    const joint = outsiderRho({ rho, shares: 2, variance, touchedCells: 1n });
    equal(joint.toString(), '62500000001/1000000000000');
  });
  test('bounds the exact divergence of the sum of two and of three shares', () => {
    const two = convolve(gaussianLaw(4), gaussianLaw(4));
    const three = convolve(two, gaussianLaw(4));
    for (const [law, shares] of [
      [two, 2],
      [three, 3],
    ] as const) {
      const joint = outsiderRho({ rho, shares, variance, touchedCells: 1n }).toNumber();
      for (const alpha of [1.1, 1.5, 2, 4, 8]) {
        const exact = divergence(law, 1, alpha);
        ok(exact <= alpha * joint * (1 + 1e-9));
        ok(exact > 0.9 * alpha * joint); // control: the bound is not vacuous
      }
    }
  });
  test('one share, and shares that are too small: the rho of one', () => {
    const small = { rho, variance: Rational.of(399, 100), touchedCells: 1n };
    equal(outsiderRho({ ...small, shares: 2 }), rho);
    equal(outsiderRho({ rho, shares: 1, variance, touchedCells: 1n }), rho);
  });
  test('never above the rho of one, however many cells; huge variances are quick', () => {
    const touchedCells = 1n << 60n;
    ok(outsiderRho({ rho, shares: 2, variance, touchedCells }).atMost(rho));
    const huge = Rational.of(1n << 80n);
    ok(outsiderRho({ rho, shares: 16, variance: huge, touchedCells: 1n }).sign() > 0);
  });
  test('refusals', () => {
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => outsiderRho({ rho, shares: 0, variance, touchedCells: 1n }), invalid);
    throws(() => outsiderRho({ rho, shares: 2, variance, touchedCells: 0n }), invalid);
    throws(
      () => outsiderRho({ rho: Rational.ZERO, shares: 2, variance, touchedCells: 1n }),
      invalid,
    );
    throws(
      () => outsiderRho({ rho, shares: 2, variance: Rational.of(-4), touchedCells: 1n }),
      invalid,
    );
  });
});
