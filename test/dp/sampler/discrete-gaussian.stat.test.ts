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
import { geometricSampler, laplaceSampler } from '../../../src/dp/sampler/discrete-laplace.ts';
import { drawVector } from '../../../src/dp/sampler/integer-sampler.ts';
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

  test('over many variances, each also against the law of the next', () => {
    const parameters = [
      ...[Rational.of(1, 16), Rational.of(1, 3), Rational.of(3, 4), Rational.of(1)],
      ...[Rational.of(7, 5), Rational.of(3), Rational.of(81, 4), Rational.of(1000, 7)],
    ];
    parameters.forEach((sigma2, i) => {
      const samples = discrete(sigma2, 15_000, 50 + i);
      equal(rejects(samples, gaussianLaw(sigma2.toNumber())), false);
      const next = parameters[(i + 1) % parameters.length] ?? sigma2;
      equal(rejects(samples, gaussianLaw(next.toNumber())), true);
    });
  });

  /** P(−radius), ..., P(radius); the geometric law is zero below 0. */
  const ratioLaw = (scale: Rational, sides: 1 | 2): Law => {
    const q = Math.exp(-1 / scale.toNumber());
    const radius = Math.ceil(40 * scale.toNumber()) + 2;
    const total = sides === 2 ? (1 + q) / (1 - q) : 1 / (1 - q);
    const mass = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
      sides === 1 && i < radius ? 0 : q ** Math.abs(i - radius) / total,
    );
    return { radius, mass };
  };
  const scales = [
    ...[Rational.of(1, 7), Rational.of(1, 2), Rational.ONE, Rational.of(5, 2)],
    ...[Rational.of(10), Rational.of(355, 113), Rational.of(2n ** 40n, 2n ** 38n + 1n)],
  ];
  test('discrete Laplace over many scales; control: −0 kept', () => {
    scales.forEach((scale, i) => {
      const drawn = drawVector(laplaceSampler(scale, stream(20 + i)), 15_000);
      const samples = Array.from(drawn, Number);
      equal(rejects(samples, ratioLaw(scale, 2)), false);
      // Without the rejection zero has twice its odds: the magnitude is geometric, the sign fair.
      const broken = samples.concat(samples.filter((x) => x === 0));
      if (i > 0) equal(rejects(broken, ratioLaw(scale, 2)), true); // at 1/7 nearly all are zero
    });
  });
  test('geometric over many scales; control: moved by one', () => {
    scales.slice(1).forEach((scale, i) => {
      const drawn = drawVector(geometricSampler(scale, stream(30 + i)), 15_000);
      const samples = Array.from(drawn, Number);
      equal(rejects(samples, ratioLaw(scale, 1)), false);
      equal(
        rejects(
          samples.map((x) => x + 1),
          ratioLaw(scale, 1),
        ),
        true,
      );
    });
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
