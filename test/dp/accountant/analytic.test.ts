/** Closed forms: Gaussian DP, Rényi DP, groups, homogeneous composition, outsider's laws. */
import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import {
  groupPrivacy,
  groupRho,
  homogeneousEpsilon,
} from '../../../src/dp/accountant/conversions.ts';
import {
  gaussianDelta,
  gaussianEpsilon,
  gaussianMu,
  gaussianSigma,
  gaussianTruePositives,
} from '../../../src/dp/accountant/gaussian-dp.ts';
import { lawDelta, lawEpsilon, twoLaplaceLaw } from '../../../src/dp/accountant/outsider-law.ts';
import {
  RDP_ORDERS,
  rdpEpsilon,
  rdpOfLaplace,
  rdpOfPure,
  rdpOfResponse,
  rdpOfRho,
  rdpSum,
} from '../../../src/dp/accountant/rdp.ts';
import { laplaceLaw } from '../../../src/dp/mechanism/discrete-laplace.ts';
import {
  convolve,
  gaussianLaw,
  gaussianSharesLaw,
} from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');
const BAD = [0, -1, Number.NaN, Number.POSITIVE_INFINITY];
const close = (a: number, b: number, relative = 1e-9) => {
  ok(Math.abs(a - b) <= relative * Math.abs(b), `${a}, not ${b}`);
};

describe('Gaussian DP', () => {
  test('δ and ε are inverse, σ as well; the textbook σ is larger', () => {
    for (const [mu, delta] of [
      [1, 1e-6],
      [0.1, 1e-3],
      [3, 1e-12],
    ] as const) {
      const epsilon = gaussianEpsilon(mu, delta);
      close(gaussianDelta(mu, epsilon), delta, 1e-6);
      close(gaussianSigma(epsilon, delta, mu), 1, 1e-6);
    }
    equal(gaussianEpsilon(0.001, 0.5), 0);
    ok(gaussianSigma(1, 1e-5, 1) < Math.sqrt(2 * Math.log(1.25e5)));
    close(gaussianMu(20, 1, 100), 0.5);
    close(gaussianTruePositives(1, 0.001), 0.0182985, 1e-4);
  });
  test('refusals', () => {
    for (const bad of BAD) {
      throws(() => gaussianDelta(bad, 1), invalid);
      throws(() => gaussianEpsilon(bad, 0.1), invalid);
      throws(() => gaussianSigma(bad, 0.1, 1), invalid);
      throws(() => gaussianSigma(1, 0.1, bad), invalid);
      throws(() => gaussianMu(bad, 1), invalid);
      throws(() => gaussianMu(1, bad), invalid);
      throws(() => gaussianTruePositives(bad, 0.1), invalid);
    }
    for (const bad of [0, 1, -0.1, 1.0000000000001, Number.NaN]) {
      throws(() => gaussianEpsilon(1, bad), invalid);
      throws(() => gaussianSigma(1, bad, 1), invalid);
      throws(() => gaussianTruePositives(1, bad), invalid);
    }
    throws(() => gaussianDelta(1, Number.NaN), invalid);
  });
});

describe('Rényi DP', () => {
  test('curves of rho and of pure ε; sums; the order that gives ε', () => {
    const [order] = RDP_ORDERS;
    equal(rdpOfRho(Rational.of(1, 5))[0]?.toString(), order?.dividedBy(Rational.of(5)).toString());
    for (const value of rdpOfPure(Rational.of(2))) ok(value.atMost(Rational.of(2)));
    const sum = rdpSum(rdpOfRho(Rational.of(1, 5)), rdpOfRho(Rational.of(2, 5)));
    ok(sum.every((value, i) => value.equals(rdpOfRho(Rational.of(3, 5))[i] ?? Rational.ZERO)));
    equal(rdpEpsilon([2, 32], [1.1, 1.1], 1e-5).order, 32);
  });
  test('Laplace and randomised response against the sums of their definition', () => {
    const [p, q] = [0.73, 0.03];
    for (const order of [1.5, 5, 50]) {
      const sum = p ** order * q ** (1 - order) + q ** order * p ** (1 - order) + 8 * q;
      close(rdpOfResponse(0.73, 10, order), Math.log(sum) / (order - 1));
    }
    // ∫ P^α Q^(1−α) in steps; b = 2.
    let integral = 0;
    const step = 1e-3;
    for (let x = -80; x < 80; x += step) {
      const at = x + step / 2;
      integral += (step / 4) * Math.exp((-3 * Math.abs(at)) / 2 + (2 * Math.abs(at - 1)) / 2);
    }
    close(rdpOfLaplace(2, 3), Math.log(integral) / 2, 1e-6);
  });
  test('refusals', () => {
    throws(() => rdpOfRho(Rational.of(-1)), invalid);
    throws(() => rdpOfPure(Rational.of(-1)), invalid);
    throws(() => rdpSum(rdpOfRho(Rational.ONE), []), invalid);
    throws(() => rdpEpsilon([2], [1, 2], 0.1), invalid);
    throws(() => rdpEpsilon([1], [1], 0.1), invalid);
    throws(() => rdpEpsilon([2], [-1], 0.1), invalid);
    for (const bad of [0, 1, Number.NaN]) throws(() => rdpEpsilon([2], [1], bad), invalid);
    throws(() => rdpOfLaplace(0, 2), invalid);
    throws(() => rdpOfLaplace(1, 1), invalid);
    throws(() => rdpOfResponse(0.1, 10, 2), invalid);
  });
});

describe('groups and homogeneous composition', () => {
  test('pairs of people pay four times the rho; δ grows with e^ε', () => {
    equal(groupRho(3, Rational.of(1, 9)).toString(), '1/1');
    const { epsilon, delta } = groupPrivacy(2, 1, 1e-6);
    equal(epsilon, 2);
    close(delta, 1e-6 * (Math.E + 1));
    equal(groupPrivacy(5, 1, 0).delta, 0);
    equal(groupPrivacy(1000, 1, 0.5).delta, 1);
  });
  test('published values', () => {
    equal(homogeneousEpsilon(1, 0, 30, 0), 30);
    equal(homogeneousEpsilon(1, 0.001, 30, 0.06), 22);
    equal(homogeneousEpsilon(1, 0.001, 30, 0.1), 20);
    equal(homogeneousEpsilon(1, 0.2, 1, 0.1), undefined);
    equal(homogeneousEpsilon(1, 0.01, 30, 0.26), undefined);
  });
  test('refusals', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) {
      throws(() => groupPrivacy(bad, 1, 0), invalid);
      throws(() => groupRho(bad, Rational.ONE), invalid);
      throws(() => homogeneousEpsilon(1, 0, bad, 0), invalid);
    }
    throws(() => groupPrivacy(2, 0, 0), invalid);
    throws(() => groupPrivacy(2, 1, 1), invalid);
    throws(() => groupRho(2, Rational.of(-1)), invalid);
    throws(() => homogeneousEpsilon(1, 0, 2, 1), invalid);
  });
});

describe("the outsider's law", () => {
  test('two Laplace shares: the closed form is the convolution', () => {
    const exact = convolve(laplaceLaw(0.5), laplaceLaw(0.5));
    const { radius, mass } = twoLaplaceLaw(0.5);
    for (let n = -30; n <= 30; n++) {
      close(mass[radius + n] ?? 0, exact.mass[exact.radius + n] ?? 1, 1e-10);
    }
    close(
      mass.reduce((sum, x) => sum + x, 0),
      1,
      1e-12,
    );
  });
  test('δ and ε of a law; one share is worse', () => {
    const both = twoLaplaceLaw(0.5);
    const epsilon = lawEpsilon(both, 1, 1e-6);
    ok(lawDelta(both, 1, epsilon) <= 1e-6 && epsilon < 0.5);
    equal(lawEpsilon(both, 1, 0.5), 0);
    // The table of the law ends before the neighbour's begins.
    equal(lawEpsilon(gaussianLaw(0.01), 30, 1e-9), Number.POSITIVE_INFINITY);
    ok(lawDelta(gaussianSharesLaw(4, 2), 1, 1) < lawDelta(gaussianLaw(4), 1, 1));
  });
  test('refusals', () => {
    for (const bad of BAD) throws(() => twoLaplaceLaw(bad), refusal('NOISE_RANGE'));
    throws(() => gaussianSharesLaw(4, 0), invalid);
    throws(() => gaussianSharesLaw(1e6, 2), invalid);
    throws(() => lawDelta(gaussianLaw(4), 0.5, 1), invalid);
    throws(() => lawDelta(gaussianLaw(4), 1, Number.NaN), invalid);
    for (const bad of [0, 1, Number.NaN]) throws(() => lawEpsilon(gaussianLaw(4), 1, bad), invalid);
  });
});
