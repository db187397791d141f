/**
 * Composition of loss distributions against exact laws: never below, and within 1 % (mostly within
 * 1e-4). Ten thousand Gaussian and Laplace releases, exact sums by direct convolution, δ down to 1e-20.
 */
import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Composition } from '../../../src/dp/accountant/composition.ts';
import { answersWithin } from '../../../src/dp/accountant/conversions.ts';
import { Fourier } from '../../../src/dp/accountant/fourier.ts';
import { gaussianDelta, gaussianEpsilon } from '../../../src/dp/accountant/gaussian-dp.ts';
import { LatticeBuilder, LatticeLoss } from '../../../src/dp/accountant/lattice-loss.ts';
import {
  discreteGaussianLoss,
  discreteLaplaceLoss,
  gaussianLoss,
  laplaceLoss,
  type Mechanism,
  noiseLoss,
  pairLoss,
} from '../../../src/dp/accountant/loss-of.ts';
import { normalBetween, normalTail, normalUpperPoint } from '../../../src/dp/accountant/normal.ts';
import { twoLaplaceLaw } from '../../../src/dp/accountant/outsider-law.ts';
import { Tilt } from '../../../src/dp/accountant/tilt.ts';
import { deltaAt } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');
const times = (mechanism: Mechanism, count: number) => new Composition([{ mechanism, count }]);
/** At least `exact`, and above it by at most the part `most`. */
const above = (actual: number, exact: number, most: number) => {
  ok(actual >= exact * (1 - 1e-13) && actual <= exact * (1 + most), `${actual} for ${exact}`);
};

describe('Fourier transform', () => {
  test('against the sum of its definition, and back', () => {
    const n = 16;
    const transform = new Fourier(n);
    const [x, y] = [0, 5].map((k) =>
      Float64Array.from({ length: n }, (_, i) => ((i * 7 + k) % 11) - 4),
    );
    const [re, im] = [x!.slice(), y!.slice()];
    transform.forward(re, im);
    for (let k = 0; k < n; k++) {
      let [a, b] = [0, 0];
      for (let i = 0; i < n; i++) {
        const angle = (-2 * Math.PI * i * k) / n;
        a += x![i]! * Math.cos(angle) - y![i]! * Math.sin(angle);
        b += x![i]! * Math.sin(angle) + y![i]! * Math.cos(angle);
      }
      ok(Math.abs(a - re[k]!) < 1e-12 && Math.abs(b - im[k]!) < 1e-12);
    }
    transform.inverse(re, im);
    re.forEach((v, i) => ok(Math.abs(v - x![i]!) < 1e-14));
  });
  test('refuses sizes that are no power of two', () => {
    for (const bad of [0, 1, 3, 2 ** 23, Number.NaN]) throws(() => new Fourier(bad), invalid);
    throws(() => new Fourier(4).forward(new Float64Array(3), new Float64Array(4)), invalid);
  });
});

test('normal law: digits of tables, symmetry, quantiles', () => {
  for (const [x, tail] of [
    [0.5, 0.3085375387259869],
    [1.9999999, 0.0227501373472763984],
    [2, 0.0227501319481792072],
    [3, 0.00134989803163009453],
    [8, 6.22096057427178412e-16],
    [20, 2.75362411860623369e-89],
  ] as const) {
    ok(Math.abs(normalTail(x) / tail - 1) < 1e-13, `${x}`);
    ok(Math.abs(normalTail(-x) + normalTail(x) - 1) < 1e-15);
  }
  ok(Math.abs(normalBetween(1, 2) - normalBetween(-2, -1)) < 1e-16);
  ok(Math.abs(normalUpperPoint(0.025) - 1.959963984540054) < 1e-12);
  throws(() => normalUpperPoint(0), invalid);
});

describe('one mechanism', () => {
  test('discrete Gaussian: its own δ(ε), a little above', () => {
    for (const [variance, shift, epsilon] of [
      [4, 1, 1],
      [100, 10, 1],
      [0.3, 1, 0.1],
      [25, 2, 2],
    ] as const) {
      above(
        times(discreteGaussianLoss(variance, shift), 1).deltaUp(epsilon),
        deltaAt(variance, shift, epsilon),
        1e-4,
      );
    }
  });
  test('continuous Gaussian, down to a δ of 1e-20', () => {
    for (const [mu, epsilon] of [
      [1, 1],
      [0.2, 1],
      [0.5, 4.6],
    ] as const) {
      above(times(gaussianLoss(1, mu), 1).deltaUp(epsilon), gaussianDelta(mu, epsilon), 1e-4);
    }
  });
  test('Laplace noise keeps its ε for every δ, and δ = 1 − e^((ε − top)/2) below', () => {
    const laplace = times(laplaceLoss(2, 4), 1);
    equal(laplace.deltaUp(2), 0);
    above(laplace.deltaUp(0.5), -Math.expm1(-0.75), 1e-4);
    const discrete = times(discreteLaplaceLoss(0.5, 4), 1);
    above(discrete.deltaUp(1), 0.39346934028736658, 1e-3);
    equal(times(pairLoss(1, 0.25), 1).deltaUp(7), times(pairLoss(1, 0.25), 1).infinite);
  });
});

describe('many', () => {
  test('10,000 Gaussian releases in less than a second: within 1 % and never below', () => {
    const exact = gaussianEpsilon(1, 1e-6);
    const start = performance.now();
    above(times(gaussianLoss(100, 1), 10_000).epsilonUp(1e-6), exact, 1e-3);
    const continuous = performance.now() - start;
    // From σ² = 10^4 on the composition of discrete and continuous noise agree to all digits.
    above(times(discreteGaussianLoss(10_000, 1), 10_000).epsilonUp(1e-6), exact, 1e-3);
    ok(continuous < 5000, `${continuous} ms`); // five times the aim: machines are shared
  });
  test('10,000 Laplace releases: as randomised response by exact binomial sums', () => {
    // With sensitivity 1 every discrete Laplace loss is ±a: k-fold is k-fold randomised response.
    const [a, k, delta] = [0.01, 10_000, 1e-6];
    const exact = binomialDelta(a, k);
    const epsilon = times(discreteLaplaceLoss(a, 1), k).epsilonUp(delta);
    ok(exact(epsilon) <= delta && exact(epsilon * (1 - 1e-6)) > delta);
    // Continuous Laplace has losses between ±1/b as well: less than this, and close to it.
    const continuous = times(laplaceLoss(100, 1), k).epsilonUp(delta);
    ok(continuous < epsilon && continuous > 0.99 * epsilon);
  });
  test('pure mechanisms by the exact sum', () => {
    for (const [epsilon, k, delta] of [
      [0.1, 100, 1e-6],
      [0.5, 30, 1e-9],
      [1, 10, 1e-3],
      [0.001953125, 700, 2.98e-8],
    ] as const) {
      const exact = binomialDelta(epsilon, k);
      const total = times(pairLoss(epsilon, 0), k).epsilonUp(delta);
      ok(exact(total) <= delta && exact(total * (1 - 1e-6)) > delta, `${epsilon} ${k}`);
    }
  });
  test('Gaussians of any number: never below the closed form, over random parameters', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.double({ min: 0.05, max: 3, noNaN: true }),
        fc.integer({ min: 3, max: 18 }),
        (k, mu, digits) => {
          const delta = 10 ** -digits;
          const sigma = Math.sqrt(k) / mu;
          above(
            times(gaussianLoss(sigma, 1), k).epsilonUp(delta),
            gaussianEpsilon(mu, delta),
            1e-2,
          );
        },
      ),
      { numRuns: 12 },
    );
  });
  test('mixtures: the transform against direct convolution of the same lattice', () => {
    const parts = [
      { mechanism: discreteLaplaceLoss(0.25, 1), count: 3 },
      { mechanism: discreteGaussianLoss(9, 1), count: 2 },
      { mechanism: pairLoss(0.5, 0.01), count: 1 },
    ];
    const grid = 1 / 64;
    const composed = new Composition(parts, grid);
    const direct = parts
      .flatMap(({ mechanism, count }) => Array.from({ length: count }, () => mechanism.on(grid)))
      .reduce((a, b) => a.with(b));
    for (const epsilon of [0, 0.1, 0.7, 1.5, 2.5]) {
      above(composed.deltaUp(epsilon), direct.delta(epsilon), 1e-7);
    }
  });
  test('a coarser lattice never gives less', () => {
    const parts = [{ mechanism: discreteGaussianLoss(16, 1), count: 20 }];
    const fine = new Composition(parts, 1 / 512).epsilonUp(1e-6);
    for (const grid of [1 / 64, 1 / 16, 1 / 5])
      ok(new Composition(parts, grid).epsilonUp(1e-6) >= fine * (1 - 1e-9));
  });
  test('control: losses rounded down would report less than is true', () => {
    const down = (k: number) => {
      const atoms = new LatticeBuilder(0.05, 0.2);
      const a = 0.1499;
      const p = 1 / (1 + Math.exp(-a));
      return new Composition(
        [
          {
            mechanism: {
              spread: a,
              top: 0.1,
              on: () =>
                atoms
                  .atom(0.1, p)
                  .atom(-0.15, 1 - p)
                  .build(0),
            },
            count: k,
          },
        ],
        0.05,
      );
    };
    ok(binomialDelta(0.1499, 50)(down(50).epsilonUp(1e-6)) > 1e-6);
  });
  test('answers with fixed noise: the next one would not fit', () => {
    const noise = discreteGaussianLoss(400, 1);
    const k = answersWithin(noise, 1, 1e-6);
    ok(times(noise, k).deltaUp(1) <= 1e-6 && times(noise, k + 1).deltaUp(1) > 1e-6);
    ok(k > 10 && answersWithin(discreteGaussianLoss(1, 1), 0.5, 1e-9) === 0);
  });
  test('an attacker: randomised response exactly, Gaussian by its trade-off curve', () => {
    const two = new Composition([
      { mechanism: pairLoss(1, 0), count: 1 },
      { mechanism: pairLoss(2, 0), count: 1 },
    ]);
    ok(Math.abs(two.truePositivesUp(0.1) - 0.8286) < 1e-3);
    for (const rate of [0.1, 0.01, 1e-7]) {
      const exact = normalTail(normalUpperPoint(rate) - 1);
      above(times(gaussianLoss(1, 1), 1).truePositivesUp(rate), exact, 1e-3);
    }
  });
  test('what is outside of a window is bounded on both sides', () => {
    const mechanism = discreteGaussianLoss(4, 1);
    const loss = mechanism.on(1 / 16);
    let composed = loss;
    for (let k = 1; k < 16; k++) composed = composed.with(loss);
    const { low, high, outside } = new Tilt([{ loss, count: 16 }]).window(4 * mechanism.spread);
    let [above, below] = [0, 0];
    composed.mass.forEach((p, i) => {
      if (composed.loss(i) > high) above += p;
      if (composed.loss(i) < low) below += p;
    });
    ok(above > 0 && above <= outside.above, `${above} above ${high}`);
    ok(below > 0 && below <= outside.below, `${below} below ${low}`);
    ok(outside.above < 1e-14 && outside.below < 1e-14);
  });
  test('what noise cannot reach without the person is a loss without bound', () => {
    const third = { radius: 1, mass: Float64Array.of(1 / 3, 1 / 3, 1 / 3) };
    const loss = noiseLoss({ radius: 2, mass: Float64Array.of(0.1, 0.2, 0.4, 0.2, 0.1) }, 1);
    above(times(loss, 2).deltaUp(50), 1 - 0.9 ** 2, 1e-9);
    equal(times(loss, 1).epsilonUp(0.05), Number.POSITIVE_INFINITY);
    // All of its finite losses are zero.
    throws(() => noiseLoss(third, 1), invalid);
  });
  test('the law of any noise: two Laplace shares cost an outsider less than one share', () => {
    const one = times(discreteLaplaceLoss(0.5, 1), 20).epsilonUp(1e-6);
    const both = times(noiseLoss(twoLaplaceLaw(0.5), 1), 20).epsilonUp(1e-6);
    ok(both < 0.8 * one);
  });
});

/** δ of k-fold randomised response of ε: Σ C(k, j) p^j (1 − p)^(k−j) (1 − e^(total − (2j − k)ε))⁺. */
function binomialDelta(epsilon: number, k: number): (total: number) => number {
  const lnP = -Math.log1p(Math.exp(-epsilon));
  const lnQ = lnP - epsilon;
  const mass = [k * lnQ];
  for (let j = 1; j <= k; j++) mass.push(mass[j - 1]! + Math.log((k - j + 1) / j) + lnP - lnQ);
  return (total) => {
    let delta = 0;
    for (let j = 0; j <= k; j++) {
      const excess = (2 * j - k) * epsilon - total;
      if (excess > 0) delta -= Math.exp(mass[j]!) * Math.expm1(-excess);
    }
    return delta;
  };
}

describe('refusals', () => {
  test('lattices, mechanisms, questions', () => {
    const a = new LatticeLoss(0.1, 0, Float64Array.of(1), 0);
    throws(() => a.with(new LatticeLoss(0.2, 0, Float64Array.of(1), 0)), invalid);
    throws(() => a.with(a, -0.1), invalid);
    throws(() => a.delta(Number.NaN), invalid);
    for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      throws(() => new LatticeLoss(bad, 0, Float64Array.of(1), 0), invalid);
      throws(() => gaussianLoss(bad, 1), invalid);
      throws(() => gaussianLoss(1, bad), invalid);
      throws(() => laplaceLoss(bad, 1), invalid);
      throws(() => laplaceLoss(1, bad), invalid);
      throws(() => discreteLaplaceLoss(bad, 1), invalid);
      throws(() => pairLoss(bad, 0), invalid);
      throws(() => discreteGaussianLoss(bad, 1), refusal('NOISE_RANGE'));
    }
    for (const bad of [0, -1, 0.5, Number.NaN]) {
      throws(() => discreteGaussianLoss(4, bad), invalid);
      throws(() => discreteLaplaceLoss(1, bad), invalid);
      throws(() => times(pairLoss(1, 0), bad), invalid);
    }
    throws(() => new LatticeLoss(1, 0, Float64Array.of(-0.1), 0), invalid);
    throws(() => new LatticeLoss(1, 0, Float64Array.of(1), 2), invalid);
    throws(() => pairLoss(1, 1), invalid);
    throws(() => new Composition([]), invalid);
    throws(() => new LatticeBuilder(1e-9, 10), invalid);
    throws(() => new LatticeBuilder(0.1, 1).atom(2, 0.5), invalid);
    const one = times(pairLoss(1, 0.1), 1);
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      throws(() => one.deltaUp(bad), invalid);
    for (const bad of [-1, 1, Number.NaN]) throws(() => one.epsilonUp(bad), invalid);
    for (const bad of [0, 1, Number.NaN]) throws(() => one.truePositivesUp(bad), invalid);
    equal(one.epsilonUp(0.05), Number.POSITIVE_INFINITY); // 1/10 is given away for certain
    throws(() => answersWithin(pairLoss(1, 0), 0, 0.1), invalid);
  });
  test('direct composition cuts upwards', () => {
    const a = new LatticeLoss(1, -1, Float64Array.of(0.2, 0.7), 0.1);
    const b = new LatticeLoss(1, -2, Float64Array.of(0.3, 0.5), 0.2);
    const { lower, mass, infinite } = a.with(b, 0.15);
    deepEqual(
      [lower, ...Array.from(mass, (p) => p.toFixed(12)), infinite.toFixed(12)],
      [...[-2, '0.370000000000', '0.350000000000', '0.280000000000']],
    );
  });
});
