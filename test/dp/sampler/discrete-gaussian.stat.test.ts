/**
 * Goodness of fit and the privacy of one release, from samples. Every test has alpha = 1e-6 and a
 * fixed seed, and every one of them must also reject a broken sampler.
 */
import { equal } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { deltaAt, gaussianLaw, type Law } from '../../../src/dp/mechanism/gaussian-law.ts';
import { bernoulliExp } from '../../../src/dp/sampler/bernoulli-exp.ts';
import { type ByteSource, seededBytes } from '../../../src/dp/sampler/byte-source.ts';
import { discreteGaussianVector } from '../../../src/dp/sampler/discrete-gaussian.ts';
import { discreteLaplace } from '../../../src/dp/sampler/discrete-laplace.ts';
import { rejects } from '../chi-square.ts';

const Z = 4.753424;

const stream = (label: number): ByteSource =>
  seededBytes(new Secret('seed', new Uint8Array(32).fill(label)));

const discrete = (variance: Rational, count: number, label: number): number[] =>
  Array.from(discreteGaussianVector(variance, count, stream(label)), Number);

/** What must not be used: a continuous Gaussian, rounded (Box and Muller). */
function rounded(sigma: number, count: number, label: number): number[] {
  const bytes = stream(label);
  const unit = (): number => (bytes.word() + 0.5) / 2 ** 32;
  return Array.from({ length: count }, () =>
    Math.round(sigma * Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit())),
  );
}

describe('chi-square, alpha = 1e-6', () => {
  const cases: [Rational, number][] = [
    [Rational.of(1, 4), 20_000],
    [Rational.of(2), 60_000],
    [Rational.of(350, 3), 20_000],
    [Rational.of(10n ** 9n, 1_234_567n), 20_000], // in bigints
  ];
  cases.forEach(([variance, count], i) => {
    const sigma2 = variance.toNumber();
    test(`σ² = ${variance.toString()}`, () => {
      equal(rejects(discrete(variance, count, i), gaussianLaw(sigma2)), false);
    });
    test(`control: σ off by 5 %, σ² = ${variance.toString()}`, () => {
      const off = variance.times(Rational.of(441, 400));
      equal(rejects(discrete(off, count, i), gaussianLaw(sigma2)), true);
    });
  });

  test('control: a rounded continuous Gaussian', () => {
    equal(rejects(rounded(Math.SQRT2, 200_000, 9), gaussianLaw(2)), true);
  });

  test('discrete Laplace of scale 5/2; control: −0 kept', () => {
    const q = Math.exp(-2 / 5);
    const radius = 100;
    const mass = Float64Array.from(
      { length: 2 * radius + 1 },
      (_, n) => ((1 - q) / (1 + q)) * q ** Math.abs(n - radius),
    );
    const law: Law = { radius, mass };
    const bytes = stream(20);
    const samples = Array.from({ length: 20_000 }, () =>
      Number(discreteLaplace(Rational.of(5, 2), bytes)),
    );
    equal(rejects(samples, law), false);
    // Without the rejection zero has twice its odds: the magnitude is geometric, the sign fair.
    const broken = samples.concat(samples.filter((x) => x === 0));
    equal(rejects(broken, law), true);
  });

  test('Bernoulli(e^−x): binomial, x below and above one', () => {
    const bytes = stream(21);
    for (const [n, d] of [
      [1n, 3n],
      [1n, 1n],
      [7n, 2n],
    ] as const) {
      const p = Math.exp(-Number(n) / Number(d));
      const count = 20_000;
      let heads = 0;
      for (let i = 0; i < count; i++) heads += bernoulliExp(n, d, bytes) ? 1 : 0;
      equal(Math.abs(heads - count * p) < (Z + 0.2) * Math.sqrt(count * p * (1 - p)), true);
    }
  });
});

/**
 * Neighbours whose count differs by Δ: P[Y > a] − e^ε·P[Y' > a] on the worst event of theorem 7
 * may not exceed delta(ε). True when it does, at alpha = 1e-6 (one-sided normal approximation).
 */
function violates(noise: number[], other: number[], delta: number, a: number, epsilon: number) {
  const shifted = other.map((x) => x - 1);
  const [p, q] = [noise, shifted].map((xs) => xs.filter((x) => x > a).length / xs.length);
  const [seen, scaled] = [p ?? 0, q ?? 0];
  const e = Math.exp(epsilon);
  const spread = Math.sqrt(
    (seen * (1 - seen)) / noise.length + (e * e * scaled * (1 - scaled)) / shifted.length,
  );
  return seen - e * scaled > delta + Z * spread;
}

describe('hockey-stick on neighbouring counts, alpha = 1e-6', () => {
  const [sigma2, epsilon] = [4, 0.25];
  const event = epsilon * sigma2 - 0.5;
  const delta = deltaAt(sigma2, 1, epsilon);
  test('the mechanism keeps delta(ε)', () => {
    const [x, y] = [discrete(Rational.of(4), 40_000, 30), discrete(Rational.of(4), 40_000, 31)];
    equal(violates(x, y, delta, event, epsilon), false);
  });
  test('control: half the variance does not', () => {
    const [x, y] = [discrete(Rational.of(2), 40_000, 30), discrete(Rational.of(2), 40_000, 31)];
    equal(violates(x, y, delta, event, epsilon), true);
  });
});

test('moments, σ² = 100, 125,000 draws (tolerances of google/differential-privacy)', () => {
  const samples = discrete(Rational.of(100), 125_000, 40);
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length;
  equal(Math.abs(mean) <= 0.12493643442615128, true);
  equal(Math.abs(variance - 100) <= 1.766868, true);
});
