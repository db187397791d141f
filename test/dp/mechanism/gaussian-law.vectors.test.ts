/**
 * The law in doubles against values derived with 40 digits from Canonne, Kamath, Steinke 2020,
 * theorem 7 (a few are kept here, the others are read where the shared data lies beside the
 * checkout).
 */
import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { noiseHalfWidth } from '../../../src/analysis/interval.ts';
import { Rational } from '../../../src/base/rational.ts';
import {
  convolve,
  deltaAt,
  gaussianLaw,
  gaussianMass,
  type Law,
  sumLaw,
} from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';
import { referenceCases, within } from '../reference-cases.ts';

const close = (actual: number, expected: number, relative = 1e-9): void => {
  ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, not ${expected}`);
};

const variance = ({ radius, mass }: Law): number =>
  mass.reduce((sum, p, i) => sum + p * (i - radius) ** 2, 0);

describe('discrete Gaussian', () => {
  test('delta(ε), and not the curve of the continuous law', () => {
    close(deltaAt(4, 1, 1), 0.007248776845952578);
    close(deltaAt(100, 1, 0.5), 6.9343703475178676e-9);
    close(deltaAt(100, 10, 1), 0.12664336207480267);
    ok(Math.abs(deltaAt(4, 1, 1) - 0.00682959498311) > 1e-4);
  });
  test('delta(ε) equals the hockey-stick divergence summed over all values, also for ε ≤ 0', () => {
    for (const [sigma2, shift, epsilon] of [
      [4, 3, 0.7],
      [0.3, 1, 0.1],
      [50, 2, 0],
      [9, 1, -0.5],
    ] as const) {
      let direct = 0;
      for (let n = -200; n <= 200; n++) {
        direct += Math.max(
          0,
          gaussianMass(sigma2, n) - Math.exp(epsilon) * gaussianMass(sigma2, n + shift),
        );
      }
      close(deltaAt(sigma2, shift, epsilon), direct, 1e-8);
    }
  });
  test('mass, variance, sums', () => {
    close(gaussianMass(1, 0), 0.3989422782668617, 1e-12);
    close(variance(gaussianLaw(0.25)), 0.21501267508813848);
    close(variance(gaussianLaw(4)), 4);
    for (const law of [gaussianLaw(0.01), gaussianLaw(7), sumLaw(0.5, 3), sumLaw(4, 3)]) {
      close(
        law.mass.reduce((sum, p) => sum + p, 0),
        1,
        1e-12,
      );
    }
  });
  test('from σ² = 4 on a sum of shares is one share of the sum, to 1e-15', () => {
    const exact = convolve(gaussianLaw(4), gaussianLaw(4));
    const taken = sumLaw(4, 2);
    for (let n = -30; n <= 30; n++) {
      const [a, b] = [exact.mass[exact.radius + n] ?? 0, taken.mass[taken.radius + n] ?? 0];
      ok(Math.abs(a - b) < 1e-15);
    }
  });
  test('95 % half-widths: smallest t with P(|X| ≥ t) ≤ 5 % is one more', () => {
    equal(noiseHalfWidth(Rational.of(25), 1), 10);
  });
});

const SHARED: Record<string, (each: ReturnType<typeof referenceCases>[number]) => number> = {
  'discreteGaussian.delta': ({ input: { sigma2 = 0, sens = 0, epsilon = 0 } }) =>
    deltaAt(sigma2, sens, epsilon),
  'discreteGaussian.variance': ({ input }) => variance(gaussianLaw(input['sigma2'] ?? 0)),
  'discreteGaussian.pmf': ({ input }) => gaussianMass(input['sigma2'] ?? 0, input['n'] ?? 0),
};

describe('shared reference cases', () => {
  for (const [kind, computed] of Object.entries(SHARED)) {
    const cases = referenceCases(kind);
    test.skipIf(cases.length === 0)(kind, () => {
      for (const each of cases) ok(within(computed(each), each), each.id);
    });
  }
});

test('refusals', () => {
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    throws(() => gaussianLaw(bad), refusal('NOISE_RANGE'));
    throws(() => gaussianMass(bad, 0), refusal('NOISE_RANGE'));
  }
  throws(() => deltaAt(4, 0, 1), refusal('INVALID_PARAMETER'));
  throws(() => deltaAt(4, 0.5, 1), refusal('INVALID_PARAMETER'));
  throws(() => deltaAt(4, 1, Number.NaN), refusal('INVALID_PARAMETER'));
  throws(() => sumLaw(4, 0), refusal('INVALID_PARAMETER'));
});
