/**
 * Gaussian DP: what one number μ = Δ/σ means, for continuous Gaussian noise and for anything that is
 * dominated by it.
 *
 * Papers   Balle, Wang, ICML 2018 (arXiv 1805.06530), theorem 8: δ(ε) = P(Z > ε/μ − μ/2) − e^ε·P(Z >
 *          ε/μ + μ/2), the exact curve, and not σ = √(2 ln(1.25/δ))/ε. Dong, Roth, Su, JRSS B 2022
 *          (arXiv 1905.02383): k-fold composition is μ·√k; a test with a false positive rate of α
 *          detects with probability Φ(Φ^−1(α) + μ) at most.
 * Not      discrete Gaussian noise: its curve lies above in places (gaussian-law.ts).
 * Doubles  for display, pricing and calibration; nothing here is charged.
 * @module
 */
import { check } from '../../base/errors.ts';
import { normalTail, normalUpperPoint } from './normal.ts';

/** Halvings of an interval that holds the answer. */
const HALVINGS = 200;

const checkMu = (mu: number): void => {
  check(mu > 0 && Number.isFinite(mu), 'INVALID_PARAMETER', 'mu is not positive');
};

const checkDelta = (delta: number): void => {
  check(delta > 0 && delta < 1, 'INVALID_PARAMETER', 'delta');
};

/** μ of `count` releases with noise `sigma` and sensitivity `l2`. */
export function gaussianMu(sigma: number, l2: number, count = 1): number {
  const valid = [sigma, l2, count].every((x) => x > 0 && Number.isFinite(x));
  check(valid, 'INVALID_PARAMETER', 'sigma, sensitivity and count are positive');
  return (l2 / sigma) * Math.sqrt(count);
}

/** δ at ε, any real number. */
export function gaussianDelta(mu: number, epsilon: number): number {
  checkMu(mu);
  check(Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon is not finite');
  const first = normalTail(epsilon / mu - mu / 2);
  const second = normalTail(epsilon / mu + mu / 2);
  return Math.max(0, first - (second === 0 ? 0 : Math.exp(epsilon + Math.log(second))));
}

/** The largest x in an interval where `holds` still does not, moved to where it does. */
function bisect(low: number, high: number, holds: (x: number) => boolean): number {
  let [no, yes] = [low, high];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (no + yes) / 2;
    if (middle === no || middle === yes) break;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}

/** The smallest ε ≥ 0 at δ. */
export function gaussianEpsilon(mu: number, delta: number): number {
  checkMu(mu);
  checkDelta(delta);
  const holds = (epsilon: number): boolean => gaussianDelta(mu, epsilon) <= delta;
  if (holds(0)) return 0;
  // P(loss > ε) bounds δ, and the loss is normal of mean μ²/2.
  return bisect(0, (mu * mu) / 2 + mu * normalUpperPoint(delta), holds);
}

/** The smallest σ for which a release of sensitivity `l2` is (ε, δ)-DP. */
export function gaussianSigma(epsilon: number, delta: number, l2: number): number {
  check(epsilon > 0 && Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon is not positive');
  checkDelta(delta);
  check(l2 > 0 && Number.isFinite(l2), 'INVALID_PARAMETER', 'sensitivity is not positive');
  const holds = (sigma: number): boolean => gaussianDelta(l2 / sigma, epsilon) <= delta;
  let high = l2 / epsilon;
  while (!holds(high)) high *= 2;
  let low = high;
  while (holds(low)) low /= 2;
  return bisect(low, high, holds);
}

/** How often a test detects a person at most, at a rate of false positives. */
export function gaussianTruePositives(mu: number, falsePositives: number): number {
  checkMu(mu);
  return normalTail(normalUpperPoint(falsePositives) - mu);
}
