/**
 * The law of the number of dummies: its delta against the law summed up in doubles, the hockey-stick divergence
 * of neighbouring cardinalities, the smallest reach, and draws (chi-square, alpha = 10^-6).
 */
import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { drawDummies, dummyDelta, dummyLaw } from '../../../src/dp/mechanism/dummies.ts';
import { bytesOf } from '../../../src/dp/sampler/byte-source.ts';
import { rejects } from '../chi-square.ts';

/** P(D = 0), ..., P(D = 2T). */
function law(epsilon: number, reach: number): Float64Array {
  const mass = Float64Array.from({ length: 2 * reach + 1 }, (_, d) =>
    Math.exp(-epsilon * Math.abs(d - reach)),
  );
  const total = mass.reduce((sum, p) => sum + p, 0);
  return mass.map((p) => p / total);
}

/** Σ max(0, P(k) − e^ε Q(k)) for cardinalities c and c + 1. */
function hockeyStick(epsilon: number, reach: number): number {
  const p = law(epsilon, reach);
  return Math.max(
    p.reduce((sum, x, d) => sum + Math.max(0, x - Math.exp(epsilon) * (p[d - 1] ?? 0)), 0),
    p.reduce((sum, x, d) => sum + Math.max(0, x - Math.exp(epsilon) * (p[d + 1] ?? 0)), 0),
  );
}

describe('dummies', () => {
  test.each([
    [1, 1, 1],
    [1, 2, 3],
    [1, 2, 20],
    [1, 10, 60],
    [9, 10, 25],
  ])('delta of ε = %i/%i and reach %i is the mass of one end, rounded up', (n, d, reach) => {
    const exact = law(n / d, reach)[0] ?? 0;
    const charged = dummyDelta(Rational.of(n, d), reach).toNumber();
    ok(charged >= exact * (1 - 1e-12) && charged <= exact * (1 + 1e-9) + 1e-18);
    ok(Math.abs(hockeyStick(n / d, reach) - exact) <= 1e-12);
  });

  test('control: a law that is shorter by one does not have this delta', () => {
    const charged = dummyDelta(Rational.of(1, 2), 20).toNumber();
    ok(hockeyStick(0.5, 19) > 1.5 * charged);
  });

  test('the reach is the smallest that keeps delta', () => {
    const most = Rational.of(1, 100_000_000);
    const { reach, delta } = dummyLaw(Rational.of(1, 2), most);
    ok(delta.atMost(most));
    ok(!dummyDelta(Rational.of(1, 2), reach - 1).atMost(most));
    // q^T (1 − q)/(1 + q) = 10^-8 at T = 2 ln(0.245·10^8).
    equal(reach, 35);
  });

  test('draws have the law and never leave it', () => {
    const given = { epsilon: Rational.of(1, 2), reach: 4, delta: Rational.ONE };
    const bytes = bytesOf(systemRng);
    const samples = Array.from({ length: 20_000 }, () => drawDummies(given, bytes) - 4);
    ok(samples.every((x) => x >= -4 && x <= 4));
    ok(!rejects(samples, { radius: 4, mass: law(0.5, 4) }));
    ok(rejects(samples, { radius: 4, mass: law(0.7, 4) }), 'control: another law is noticed');
  });

  test('amounts outside the range are refused', () => {
    for (const [n, d] of [
      [0, 1],
      [-1, 2],
      [3, 2],
    ] as const) {
      throws(() => dummyDelta(Rational.of(n, d), 5), { code: 'NOISE_RANGE' });
    }
    for (const reach of [0, 1.5, 2 ** 21]) {
      throws(() => dummyDelta(Rational.of(1, 2), reach), { code: 'NOISE_RANGE' });
    }
    throws(() => dummyLaw(Rational.of(1, 2), Rational.ZERO), { code: 'NOISE_RANGE' });
    throws(() => dummyLaw(Rational.of(1, 10_000_000), Rational.of(1, 10n ** 15n)), {
      code: 'NOISE_RANGE',
    });
  });
});
