/**
 * Small exact facts about (ε, δ): groups, homogeneous composition, budgets in answers.
 *
 * Groups       k people together: (kε, δ·(e^(kε) − 1)/(e^ε − 1)) (Vadhan, "The Complexity of
 *              Differential Privacy", 2017, lemma 2.2), k²·rho in zCDP (Bun, Steinke 2016).
 * Homogeneous  k mechanisms of (ε, δ): for i = 0, ..., ⌊k/2⌋ they are ((k − 2i)·ε, 1 − (1 − δ)^k·(1 −
 *              δ_i))-DP with δ_i = Σ_{l<i} C(k, l)·(e^((k−l)ε) − e^((k−2i+l)ε))/(1 + e^ε)^k, and no
 *              better (Kairouz, Oh, Viswanath, ICML 2015, arXiv 1311.0776, theorem 3.3).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { Composition } from './composition.ts';
import type { Mechanism } from './loss-of.ts';

function checkSize(size: number): void {
  const valid = Number.isSafeInteger(size) && size > 0 && size <= 2 ** 20;
  check(valid, 'INVALID_PARAMETER', 'number of people or mechanisms');
}

function checkPair(epsilon: number, delta: number): void {
  const valid = epsilon > 0 && Number.isFinite(epsilon) && delta >= 0 && delta < 1;
  check(valid, 'INVALID_PARAMETER', 'epsilon and delta');
}

/** (ε, δ) of one person, for `size` people together. */
export function groupPrivacy(
  size: number,
  epsilon: number,
  delta: number,
): { readonly epsilon: number; readonly delta: number } {
  checkSize(size);
  checkPair(epsilon, delta);
  const growth = delta === 0 ? 0 : delta * (Math.expm1(size * epsilon) / Math.expm1(epsilon));
  return { epsilon: size * epsilon, delta: Math.min(1, growth * (1 + 1e-12)) };
}

/** rho of one person, for `size` people together. */
export function groupRho(size: number, rho: Rational): Rational {
  checkSize(size);
  check(rho.sign() >= 0, 'INVALID_PARAMETER', 'rho is negative');
  return rho.times(Rational.of(BigInt(size) ** 2n));
}

/** The least (k − 2i)·ε of `count` mechanisms at `totalDelta`; undefined where there is none. */
export function homogeneousEpsilon(
  epsilon: number,
  delta: number,
  count: number,
  totalDelta: number,
): number | undefined {
  checkSize(count);
  checkPair(epsilon, delta);
  check(totalDelta >= 0 && totalDelta < 1, 'INVALID_PARAMETER', 'total delta');
  let best: number | undefined;
  for (let i = 0; i <= count / 2; i++) {
    let [given, lnChoose] = [0, 0];
    for (let l = 0; l < i; l++) {
      const ln = lnChoose - count * Math.log1p(Math.exp(-epsilon)) - l * epsilon;
      given += Math.exp(ln) * -Math.expm1((2 * l - 2 * i) * epsilon);
      lnChoose += Math.log((count - l) / (l + 1));
    }
    const total = 1 - Math.exp(count * Math.log1p(-delta)) * (1 - given);
    if (total * (1 - 1e-12) <= totalDelta) best = (count - 2 * i) * epsilon;
  }
  return best;
}

/** How many answers with this noise fit into (ε, δ): their number fixed beforehand, their content not. */
export function answersWithin(mechanism: Mechanism, epsilon: number, delta: number): number {
  checkPair(epsilon, delta);
  const fits = (count: number): boolean =>
    new Composition([{ mechanism, count }]).deltaUp(epsilon) <= delta;
  if (!fits(1)) return 0;
  let [low, high] = [1, 2];
  while (high <= 2 ** 20 && fits(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
