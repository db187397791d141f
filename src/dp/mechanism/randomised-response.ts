/**
 * Randomised response over k categories: each person's own answer is noised.
 *
 * Contract     neighbours differ in the answer of one person. The true answer is given with
 *              probability p, else one of the k − 1 others, each as likely.
 * Cost         pure ε = ln(p·(k − 1)/(1 − p)), the ratio of the two probabilities; charged rounded up.
 *              In zCDP ε·tanh(ε/2), which for k = 2 is the exact Rényi divergence of order one.
 * Needs        1/k < p < 1.
 * Paper        Warner, JASA 1965; Kairouz, Bonawitz, Ramage, ICML 2016 (arXiv 1602.07387), k-RR.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { lnUp } from '../exponential.ts';
import { bernoulli } from '../sampler/bernoulli-exp.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { uniformBelow32 } from '../sampler/uniform.ts';

export type RandomisedResponse = {
  readonly categories: number;
  /** p. */
  readonly truth: Rational;
};

function checkResponse({ categories, truth }: RandomisedResponse): void {
  const valid = Number.isSafeInteger(categories) && categories >= 2 && categories <= 2 ** 24;
  check(valid, 'INVALID_PARAMETER', 'categories of randomised response');
  const proper = truth.compare(Rational.of(1, categories)) > 0 && truth.compare(Rational.ONE) < 0;
  check(proper, 'INVALID_PARAMETER', 'probability of a true answer');
}

/** ε, rounded up to a multiple of 1e−12. */
export function responseEpsilon(response: RandomisedResponse): Rational {
  checkResponse(response);
  const { categories, truth } = response;
  const lie = Rational.ONE.minus(truth).dividedBy(Rational.of(categories - 1));
  return lnUp(truth.dividedBy(lie));
}

/** One answer for a true category of 0, ..., k − 1. */
export function respond(response: RandomisedResponse, category: number, bytes: ByteSource): number {
  checkResponse(response);
  const { categories, truth } = response;
  const inside = Number.isSafeInteger(category) && category >= 0 && category < categories;
  check(inside, 'INVALID_PARAMETER', 'category of randomised response');
  if (bernoulli(truth.numerator, truth.denominator, bytes)) return category;
  const other = uniformBelow32(categories - 1, bytes);
  return other < category ? other : other + 1;
}

/** Unbiased numbers of true answers from the numbers of given ones: (n_j − n·l)/(p − l). */
export function responseEstimates(
  response: RandomisedResponse,
  given: readonly bigint[],
): Rational[] {
  checkResponse(response);
  const { categories, truth } = response;
  check(given.length === categories, 'INVALID_PARAMETER', 'categories of randomised response');
  const lie = Rational.ONE.minus(truth).dividedBy(Rational.of(categories - 1));
  const all = Rational.of(given.reduce((sum, n) => sum + n, 0n));
  return given.map((n) => Rational.of(n).minus(all.times(lie)).dividedBy(truth.minus(lie)));
}
