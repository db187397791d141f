/**
 * The k best of several candidates, in order: the exponential mechanism k times, each time without those
 * that were chosen. For one holder on its own data (rulings 12).
 *
 * Contract  as of selection.ts; scores that a person moves in one direction, by at most Δ each.
 * Cost      pure k·ε; in zCDP k·ε²/8, for each choice has a range of losses of at most ε (selection.ts).
 *           At the same rho permute-and-flip has half this ε, since it costs ε·tanh(ε/2), and its
 *           expected error is at best half of the exponential mechanism's at equal ε: under the filter
 *           that decides here (rulings 16) it is never ahead.
 * Error     a candidate t rows below the best left is chosen with probability e^(−εt/Δ) at most, so all
 *           k of m are within (Δ/ε)·ln(k·m/β) but with probability β.
 * Paper     McSherry, Talwar, FOCS 2007; Durfee, Rogers, "Practical Differentially Private Top-k
 *           Selection", NeurIPS 2019 (peeling).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { lnUp } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { exponentialMechanism } from './selection.ts';

export type TopSelection = {
  readonly scores: readonly bigint[];
  readonly k: number;
  /** Of each of the k choices. */
  readonly epsilon: Rational;
  readonly sensitivity: bigint;
};

const checkSizes = (k: number, candidates: number): void => {
  const valid = Number.isSafeInteger(k) && k > 0 && k <= candidates;
  check(valid, 'INVALID_PARAMETER', 'number of choices');
};

/** Indices of k candidates, the first choice first. */
export function topCandidates(
  { scores, k, epsilon, sensitivity }: TopSelection,
  bytes: ByteSource,
): number[] {
  checkSizes(k, scores.length);
  const left = scores.map((score, index) => ({ score, index }));
  return Array.from({ length: k }, () => {
    const chosen = exponentialMechanism(
      { scores: left.map(({ score }) => score), epsilon, sensitivity, monotone: true },
      bytes,
    );
    return left.splice(chosen, 1)[0]?.index ?? 0;
  });
}

/** No chosen candidate is this many rows below one that was passed over, but with probability `failure`. */
export function topReach(
  { k, epsilon, sensitivity }: Omit<TopSelection, 'scores'>,
  candidates: number,
  failure: Rational,
): bigint {
  checkSizes(k, candidates);
  const log = lnUp(Rational.of(k * candidates).dividedBy(failure));
  return log.times(Rational.of(sensitivity)).dividedBy(epsilon).ceil();
}
