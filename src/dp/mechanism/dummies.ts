/**
 * The number of dummies that hide a cardinality: shifted truncated discrete Laplace noise, never negative.
 *
 *     D = T + X,  X discrete Laplace of scale 1/ε given |X| ≤ T,  q = e^−ε
 *     P(X = x) = q^|x| / N,  N = (1 + q − 2 q^(T+1)) / (1 − q)
 *
 * Two cardinalities that differ by one give laws of c + D that are shifted by one: on the 2T values that
 * both can take, the probabilities differ by exactly e^±ε, and one end is possible under one of them
 * only. That end has
 *
 *     delta = q^T / N = q^T (1 − q) / (1 + q − 2 q^(T+1)),
 *
 * so the law is (ε, delta)-DP, and delta-approximate rho-zCDP with the rho of pure ε (Bun, Steinke, TCC 2016,
 * definition 8.1: given that the end is not drawn, both laws are one shifted pure one). delta is computed here in
 * fixed-point integers, every step rounded against the analyst, because it is charged (rulings 16).
 *
 * Sampler   discrete Laplace by rejection (sampler/discrete-laplace.ts): running time depends on the
 *           draw; the caller's answer leaves at a deadline.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { divideUp, expNegative, FIXED_ONE, powerUp } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { laplaceSampler } from '../sampler/discrete-laplace.ts';

export type DummyLaw = {
  readonly epsilon: Rational;
  /** T: there are 0 to 2T dummies. */
  readonly reach: number;
  /** At least the probability that one end gives a cardinality away. */
  readonly delta: Rational;
};

const LONGEST_REACH = 1 << 20;
/** Digits of a charged delta. */
const GRID = 10n ** 18n;

/** delta of reach T, rounded up. */
export function dummyDelta(epsilon: Rational, reach: number): Rational {
  const small = epsilon.sign() > 0 && epsilon.atMost(Rational.ONE);
  check(small, 'NOISE_RANGE', 'epsilon of the dummies is not in (0, 1]');
  const valid = Number.isSafeInteger(reach) && reach >= 1 && reach <= LONGEST_REACH;
  check(valid, 'NOISE_RANGE', 'reach of the dummies');
  const { low, high } = expNegative(epsilon);
  const tail = powerUp(high, reach);
  const further = divideUp(tail * high, FIXED_ONE);
  const denominator = FIXED_ONE + low - 2n * further;
  check(denominator > 0n, 'NOISE_RANGE', 'reach of the dummies');
  return Rational.of(tail * (FIXED_ONE - low), denominator * FIXED_ONE).roundUpTo(GRID);
}

/** The law with the smallest reach whose delta is at most `most`. */
export function dummyLaw(epsilon: Rational, most: Rational): DummyLaw {
  check(most.sign() > 0, 'NOISE_RANGE', 'delta of the dummies is not positive');
  let [low, high] = [0, 1];
  while (!dummyDelta(epsilon, high).atMost(most)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (dummyDelta(epsilon, middle).atMost(most)) high = middle;
    else low = middle;
  }
  return { epsilon, reach: high, delta: dummyDelta(epsilon, high) };
}

/** One draw of D. */
export function drawDummies({ epsilon, reach }: DummyLaw, bytes: ByteSource): number {
  const noise = laplaceSampler(Rational.ONE.dividedBy(epsilon), bytes);
  for (;;) {
    const x = Number(noise.draw());
    if (Math.abs(x) <= reach) return reach + x;
  }
}
