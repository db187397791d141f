/**
 * What discrete Laplace noise costs, and its law.
 *
 * Contract     a vector of integers that one person moves by at most Δ in L1 norm, plus independent
 *              noise P(X = n) = (1 − q)/(1 + q)·q^|n| on every coordinate, q = e^(−1/scale).
 * Cost         pure ε = Δ/scale, exactly: the ratio of two neighbouring laws is e^(±n/scale) with
 *              |n| ≤ Δ. In zCDP rho = ε·tanh(ε/2) (accountant/zcdp.ts).
 * Paper        Ghosh, Roughgarden, Sundararajan, STOC 2009 (arXiv 0811.2841).
 * Doubles      mass, variance and half-width are for display and tests; epsilon is a fraction.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import type { Law } from './gaussian-law.ts';

function checkAmounts(l1: bigint, amount: Rational): void {
  check(l1 > 0n, 'INVALID_PARAMETER', 'L1 sensitivity is not positive');
  check(amount.sign() > 0, 'INVALID_PARAMETER', 'scale or epsilon is not positive');
}

/** The scale that makes a release of sensitivity `l1` cost `epsilon`. */
export function laplaceScaleFor(l1: bigint, epsilon: Rational): Rational {
  checkAmounts(l1, epsilon);
  return Rational.of(l1).dividedBy(epsilon);
}

/** The pure epsilon of a release of sensitivity `l1` with noise of `scale`. */
export function laplaceEpsilon(l1: bigint, scale: Rational): Rational {
  checkAmounts(l1, scale);
  return Rational.of(l1).dividedBy(scale);
}

/** a = 1/scale in doubles; refuses what is none. */
function checkRate(rate: number): void {
  check(rate > 0 && Number.isFinite(rate), 'NOISE_RANGE', 'rate of the law in doubles');
}

/** P(X = n) for a = 1/scale; tanh(a/2) = (1 − q)/(1 + q) without cancellation. */
export function laplaceMass(rate: number, n: number): number {
  checkRate(rate);
  return Math.tanh(rate / 2) * Math.exp(-rate * Math.abs(n));
}

/** 2q/(1 − q)² = 1/(2·sinh²(a/2)). */
export function laplaceVariance(rate: number): number {
  checkRate(rate);
  return 1 / (2 * Math.sinh(rate / 2) ** 2);
}

/** The law, cut where q^n is below 1e−17 of the mass. */
export function laplaceLaw(rate: number): Law {
  checkRate(rate);
  const radius = Math.ceil(40 / rate) + 1;
  check(radius <= 2 ** 24, 'NOISE_RANGE', 'scale outside the range of the law in doubles');
  const mass = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    laplaceMass(rate, i - radius),
  );
  return { radius, mass };
}

/** The smallest t with P(|X| ≥ t) ≤ alpha, P(|X| ≥ t) = 2q^t/(1 + q) for t ≥ 1. */
export function laplaceAccuracy(rate: number, alpha: number): number {
  checkRate(rate);
  check(alpha > 0 && alpha < 1, 'INVALID_PARAMETER', 'alpha');
  const tail = (t: number): number => (2 * Math.exp(-rate * t)) / (1 + Math.exp(-rate));
  let t = Math.max(1, Math.floor(-Math.log((alpha * (1 + Math.exp(-rate))) / 2) / rate) - 1);
  while (tail(t) > alpha) t += 1;
  return t;
}
