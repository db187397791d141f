/**
 * Coverage. First exactly, by summing the law of Poisson plus noise over every value it can take;
 * then by simulation with the sampler itself, alpha = 1e-6 for each cell of the grid. Controls:
 * the noise interval alone, and an interval from half the variance, cover too little.
 */
import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { countInterval, noiseHalfWidth } from '../../src/analysis/interval.ts';
import { Rational } from '../../src/base/rational.ts';
import { Secret } from '../../src/base/secret.ts';
import { type Law, sumLaw } from '../../src/dp/mechanism/gaussian-law.ts';
import { type ByteSource, seededBytes } from '../../src/dp/sampler/byte-source.ts';
import { gaussianSampler } from '../../src/dp/sampler/discrete-gaussian.ts';
import { refusal } from '../support/refusal.ts';

const LAMBDAS = [0, 1, 5, 20, 100, 10_000];
const VARIANCES = [4, 50, 1000];
const Z = 4.753424;

/** P(Poisson = k) for k = from, from + 1, ..., cut where negligible. */
function poisson(lambda: number): { from: number; mass: number[] } {
  if (lambda === 0) return { from: 0, mass: [1] };
  const reach = 10 * Math.sqrt(lambda) + 30;
  const from = Math.max(0, Math.floor(lambda - reach));
  // Outwards from the mode, then normalised: no factorials.
  const mode = Math.floor(lambda);
  const mass: number[] = [];
  mass[mode - from] = 1;
  for (let k = mode; k > from; k--) mass[k - 1 - from] = ((mass[k - from] ?? 0) * k) / lambda;
  for (let k = mode; k < lambda + reach; k++) {
    mass[k + 1 - from] = ((mass[k - from] ?? 0) * lambda) / (k + 1);
  }
  const total = mass.reduce((sum, p) => sum + p, 0);
  return { from, mass: mass.map((p) => p / total) };
}

type Interval = (value: number) => readonly [number, number];

/** P(the interval of Poisson(λ) + noise holds λ), exactly. */
function coverage(lambda: number, noise: Law, interval: Interval): number {
  const counts = poisson(lambda);
  const values = new Map<number, number>();
  counts.mass.forEach((p, k) => {
    if (p < 1e-14) return;
    noise.mass.forEach((q, n) => {
      const value = counts.from + k + n - noise.radius;
      if (q > 1e-14) values.set(value, (values.get(value) ?? 0) + p * q);
    });
  });
  let inside = 0;
  for (const [value, p] of values) {
    const [low, high] = interval(value);
    if (low <= lambda && lambda <= high) inside += p;
  }
  return inside;
}

describe('noise alone', () => {
  test('covers at least 95 %, within 94 to 97 % where 2σ² ≥ 50, and is the smallest', () => {
    for (const [n, d] of [
      [1, 4],
      [1, 1],
      [4, 1],
      [25, 1],
      [50, 1],
      [350, 3],
      [1000, 1],
      [10 ** 6, 1],
    ] as const) {
      for (const shares of [1, 2, 5]) {
        const h = noiseHalfWidth(Rational.of(n, d), shares);
        const { radius, mass } = sumLaw(n / d, shares);
        const edge = mass[radius + h] ?? 0;
        let inside = 0;
        for (let x = -h; x <= h; x++) inside += mass[radius + x] ?? 0;
        ok(inside >= 0.95, `${n}/${d}, ${shares} shares: ${inside}`);
        if ((2 * n) / d >= 50) ok(inside <= 0.97);
        ok(h === 0 || inside - 2 * edge < 0.95);
      }
    }
  });
  test('the normal law takes over without a step', () => {
    const [below, above] = [
      noiseHalfWidth(Rational.of(99_999_999), 1),
      noiseHalfWidth(Rational.of(100_000_001), 1),
    ];
    ok(above - below <= 1 && above >= below);
    equal(noiseHalfWidth(Rational.of(1n << 60n), 1), Math.ceil(1.959963985 * 2 ** 30 - 0.5));
  });
  test('refusals', () => {
    throws(() => noiseHalfWidth(Rational.ZERO, 1), refusal('NOISE_RANGE'));
    throws(() => noiseHalfWidth(Rational.of(-4), 1), refusal('NOISE_RANGE'));
    throws(() => noiseHalfWidth(Rational.of(4), 0), refusal('INVALID_PARAMETER'));
  });
});

describe('exact coverage of the full interval', () => {
  for (const variance of VARIANCES) {
    test(`σ² = ${variance}, one share and two, λ from 0 to 10^4`, () => {
      for (const shares of [1, 2]) {
        const noise = sumLaw(variance, shares);
        for (const lambda of [...LAMBDAS, 0.5, 2.7, 300.5]) {
          const share = coverage(lambda, noise, (v) => countInterval(v, variance * shares));
          ok(share >= 0.95, `λ = ${lambda}: ${share}`);
          if (lambda + variance * shares >= 50) ok(share <= 0.975, `λ = ${lambda}: ${share}`);
        }
      }
    });
  }
  test('control: noise alone does not cover the parameter', () => {
    const h = noiseHalfWidth(Rational.of(50), 1);
    ok(coverage(100, sumLaw(50, 1), (v) => [v - h, v + h]) < 0.9);
  });
  test('control: half the noise variance does not cover', () => {
    ok(coverage(1, sumLaw(50, 1), (v) => countInterval(v, 25)) < 0.9);
  });
});

/** Poisson by products of uniforms (Knuth), large parameters as sums of small ones. */
function drawPoisson(lambda: number, bytes: ByteSource): number {
  if (lambda > 50) return drawPoisson(50, bytes) + drawPoisson(lambda - 50, bytes);
  const least = Math.exp(-lambda);
  let count = 0;
  for (let p = (bytes.word() + 0.5) / 2 ** 32; p > least; p *= (bytes.word() + 0.5) / 2 ** 32) {
    count += 1;
  }
  return count;
}

describe('simulated coverage with the sampler', () => {
  for (const variance of VARIANCES) {
    test(`σ² = ${variance}`, () => {
      for (const lambda of LAMBDAS) {
        const bytes = seededBytes(new Secret('seed', new Uint8Array(32).fill(lambda % 251)));
        const noise = gaussianSampler(Rational.of(variance), bytes);
        const draws = lambda > 1000 ? 300 : 3000;
        let inside = 0;
        for (let i = 0; i < draws; i++) {
          const [low, high] = countInterval(
            drawPoisson(lambda, bytes) + Number(noise.draw()),
            variance,
          );
          if (low <= lambda && lambda <= high) inside += 1;
        }
        ok(inside / draws >= 0.95 - Z * Math.sqrt((0.95 * 0.05) / draws), `λ = ${lambda}`);
      }
    });
  }
});

test('the interval holds the value, also a negative one, and its ends have one decimal', () => {
  for (const noise of [0, 0.25, 4, 50, 1e6]) {
    for (let value = -300; value <= 300; value++) {
      const [low, high] = countInterval(value, noise);
      ok(low < value && value < high);
      for (const end of [low, high]) equal(Math.round(end * 10) / 10, end);
    }
  }
  throws(() => countInterval(0.5, 4), refusal('INVALID_PARAMETER'));
  throws(() => countInterval(2 ** 53, 4), refusal('INVALID_PARAMETER'));
  throws(() => countInterval(1, Number.NaN), refusal('INVALID_PARAMETER'));
  throws(() => countInterval(1, -1), refusal('INVALID_PARAMETER'));
});
