/**
 * The best of several candidates: permute-and-flip, and the exponential mechanism. For one holder on
 * its own data (rulings 12).
 *
 * Contract     integer scores, which one person moves by at most Δ each. `monotone` promises that a
 *              person moves all of them in one direction (counts do). Exponents are
 *              x_r = ε·(max − score_r)/(2Δ), without the 2 where monotone.
 * Laws         permute-and-flip: candidates in random order, the first whose coin of e^−x_r shows
 *              heads. Exponential mechanism: with replacement, so P(r) is proportional to e^−x_r.
 *              Permute-and-flip never has the larger expected error.
 * Cost         pure ε both. In zCDP permute-and-flip is ε·tanh(ε/2), as any pure ε; the exponential
 *              mechanism ε²/8, because its range of losses is at most ε (Cesar, Rogers, ALT 2021,
 *              arXiv 2004.07223).
 * Paper        McKenna, Sheldon, "Permute-and-Flip", NeurIPS 2020 (arXiv 2010.12603), algorithms 1, 2.
 * Exact        coins of sampler/bernoulli-exp.ts on fractions; no probability is ever a double.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { bernoulliExp } from '../sampler/bernoulli-exp.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { uniformBelow32 } from '../sampler/uniform.ts';

export type Selection = {
  readonly scores: readonly bigint[];
  readonly epsilon: Rational;
  /** Δ: how far one person moves any score. */
  readonly sensitivity: bigint;
  readonly monotone: boolean;
};

const MOST_CANDIDATES = 2 ** 24;

/** x_r of every candidate. */
export function selectionExponents(selection: Selection): Rational[] {
  const { scores, epsilon, sensitivity, monotone } = selection;
  const size = scores.length > 0 && scores.length <= MOST_CANDIDATES;
  check(size, 'INVALID_PARAMETER', 'number of candidates');
  check(epsilon.sign() > 0, 'INVALID_PARAMETER', 'epsilon is not positive');
  check(sensitivity > 0n, 'INVALID_PARAMETER', 'sensitivity is not positive');
  const best = scores.reduce((most, score) => (score > most ? score : most));
  const unit = epsilon.dividedBy(Rational.of(monotone ? sensitivity : 2n * sensitivity));
  return scores.map((score) => unit.times(Rational.of(best - score)));
}

const flip = (exponent: Rational | undefined, bytes: ByteSource): boolean =>
  exponent !== undefined && bernoulliExp(exponent.numerator, exponent.denominator, bytes);

/** The index of one candidate, by permute-and-flip. */
export function permuteAndFlip(selection: Selection, bytes: ByteSource): number {
  const exponents = selectionExponents(selection);
  const order = exponents.map((_, i) => i);
  // The best one's coin shows heads for certain, so the loop ends.
  for (let left = order.length; ; left--) {
    const at = uniformBelow32(left, bytes);
    const candidate = order[at] ?? 0;
    if (flip(exponents[candidate], bytes)) return candidate;
    order[at] = order[left - 1] ?? 0;
  }
}

/** The index of one candidate, by the exponential mechanism. */
export function exponentialMechanism(selection: Selection, bytes: ByteSource): number {
  const exponents = selectionExponents(selection);
  for (;;) {
    const candidate = uniformBelow32(exponents.length, bytes);
    if (flip(exponents[candidate], bytes)) return candidate;
  }
}

/** P(r) of the exponential mechanism, in doubles; for display and tests. */
export function exponentialProbabilities(selection: Selection): number[] {
  const weights = selectionExponents(selection).map((x) => Math.exp(-x.toNumber()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The rho of an exponential mechanism of pure epsilon: ε²/8. */
export function exponentialRho(epsilon: Rational): Rational {
  check(epsilon.sign() >= 0, 'INVALID_PARAMETER', 'epsilon is negative');
  return epsilon.times(epsilon).dividedBy(Rational.of(8));
}

/**
 * Scores of the candidates for the quantile `alpha` = n/d of values counted below and above each:
 * −|(d − n)·below − n·above|. One person moves it by at most max(n, d − n) rows' worth.
 */
export function quantileScores(
  alpha: Rational,
  below: readonly bigint[],
  above: readonly bigint[],
): { scores: bigint[]; sensitivity: bigint } {
  const inside = alpha.sign() > 0 && alpha.compare(Rational.ONE) < 0;
  check(inside, 'INVALID_PARAMETER', 'alpha of a quantile');
  check(below.length === above.length, 'INVALID_PARAMETER', 'candidates of a quantile');
  const { numerator: n, denominator: d } = alpha;
  const scores = below.map((count, i) => {
    const distance = (d - n) * count - n * (above[i] ?? 0n);
    return distance < 0n ? distance : -distance;
  });
  return { scores, sensitivity: n > d - n ? n : d - n };
}
