/**
 * The winsorised mean of n integer answers: private quartiles set a fence, answers are cut to it, and
 * their sum gets noise for the width of the fence instead of the declared range. For one holder on its
 * own data (rulings 12).
 *
 * Contract  as of answer-quantile.ts: n is public, one answer may become any other within the bounds.
 * Fence     [a − 2·(b − a), b + 2·(b − a)] about the private quartiles a ≤ b, within the bounds, and at
 *           least 1 wide. Smith takes 4·n^(1/3 + η) interquartile ranges, for his limit theorem; two
 *           leave out 0.1 % of a normal law, and any choice is as private.
 * Noise     given the fence, an answer moves the sum of cut answers by its width w at most: a discrete
 *           Gaussian of variance w²·v costs 1/(2v). The fence is released, so w is public by then
 *           (adaptive composition).
 * Cost      2·ε²/8 + 1/(2v) in zCDP.
 * Paper     Smith, "Privacy-preserving statistical estimation with optimal convergence rates", STOC 2011,
 *           algorithm 2, on the block answers of Nissim, Raskhodnikova, Smith, STOC 2007.
 * @module
 */
import { Rational } from '../../base/rational.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { gaussianSampler } from '../sampler/discrete-gaussian.ts';
import { type Answers, privateQuantile } from './answer-quantile.ts';

/** Interquartile ranges beyond a quartile. */
const FENCE = 2n;

/** Where answers are cut, from the released quartiles in any order. */
export function winsorFence(
  quartiles: readonly [bigint, bigint],
  { min, max }: Pick<Answers, 'min' | 'max'>,
): { readonly low: bigint; readonly high: bigint } {
  const [first, second] = quartiles;
  const [a, b] = first <= second ? [first, second] : [second, first];
  const reach = b > a ? FENCE * (b - a) : 1n;
  const [low, high] = [a - reach, b + reach];
  return { low: low > min ? low : min, high: high < max ? high : max };
}

export type WinsorCost = {
  /** Of each of the two quartiles. */
  readonly epsilon: Rational;
  /** Variance of the noise over the squared width of the fence. */
  readonly noise: Rational;
};

/** What is released: the quartiles, and Σ (cut answer − low) with noise. */
export type Winsorised = {
  readonly quartiles: readonly [bigint, bigint];
  readonly sum: bigint;
};

export function winsorisedSum(
  given: Answers,
  { epsilon, noise }: WinsorCost,
  bytes: ByteSource,
): Winsorised {
  const n = given.answers.length;
  const rank = Math.floor(n / 4);
  const quartiles = [
    privateQuantile(given, rank, epsilon, bytes),
    privateQuantile(given, n - rank, epsilon, bytes),
  ] as const;
  const { low, high } = winsorFence(quartiles, given);
  const cut = (answer: bigint): bigint => (answer < low ? low : answer > high ? high : answer);
  const sum = given.answers.reduce((all, answer) => all + cut(answer) - low, 0n);
  const width = high - low;
  const variance = noise.times(Rational.of(width * width));
  return { quartiles, sum: sum + gaussianSampler(variance, bytes).draw() };
}
