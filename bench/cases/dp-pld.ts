/**
 * ε of many-fold composition at δ = 1e-6, from parameters to the figure: Gaussian and Laplace noise by
 * the tilted transform, and randomised response by exact binomial sums in bigints (its twin for
 * Laplace noise with sensitivity 1). Size: releases.
 */
import { ok } from 'node:assert/strict';
import { Composition } from '../../src/dp/accountant/composition.ts';
import { gaussianEpsilon } from '../../src/dp/accountant/gaussian-dp.ts';
import {
  discreteLaplaceLoss,
  gaussianLoss,
  type Mechanism,
} from '../../src/dp/accountant/loss-of.ts';
import { defineCase } from '../case.ts';

const DELTA = 1e-6;
const BITS = 200n;

const epsilonOf = (mechanism: Mechanism, count: number): number =>
  new Composition([{ mechanism, count }]).epsilonUp(DELTA);
const gaussian = (count: number): number => epsilonOf(gaussianLoss(Math.sqrt(count), 1), count);
const laplace = (count: number): number =>
  epsilonOf(discreteLaplaceLoss(1 / Math.sqrt(count), 1), count);

/** The least total ε = (2j − k)·a whose δ is at most DELTA, weights in integers of 200 bits. */
function binomial(count: number): number {
  const a = 1 / Math.sqrt(count);
  const scaled = BigInt(Math.round(Math.exp(-a) * 2 ** 52)) << (BITS - 52n);
  let weight = 1n << (BITS * 4n);
  const weights = [weight];
  for (let j = 0; j < count; j++) {
    weight = (((weight * BigInt(count - j)) / BigInt(j + 1)) * scaled) >> BITS;
    weights.push(weight); // j answers against the person
  }
  const total = weights.reduce((sum, w) => sum + w, 0n);
  let [tail, loss] = [0, 0];
  for (let j = 0; j <= count; j++) {
    const p = Number(((weights[j] ?? 0n) * (1n << 100n)) / total) / 2 ** 100;
    const epsilon = (count - 2 * j) * a;
    const delta = tail - Math.exp(epsilon) * loss;
    if (delta > DELTA) return epsilon + 2 * a;
    tail += p;
    loss += p * Math.exp(-epsilon);
  }
  return 0;
}

export default defineCase<number>({
  name: 'dp/pld',
  timed: 'From parameters to the figure. Size: releases.',
  sizes: [10_000],
  unit: 'ms',
  setup: (size) => size,
  check: (size) => {
    const [found, exact] = [gaussian(size), gaussianEpsilon(1, DELTA)];
    ok(found >= exact && found <= 1.01 * exact, `${found} for ${exact}`);
    const [ours, twin] = [laplace(size), binomial(size)];
    ok(Math.abs(ours / twin - 1) < 0.01, `${ours} and ${twin}`);
  },
  contenders: { gaussian, laplace, 'bigint binomial': binomial },
});
