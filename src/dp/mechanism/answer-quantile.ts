/**
 * A quantile of n integer answers within public bounds, by the exponential mechanism over every integer
 * between them: the private median of sample-and-aggregate. For one holder on its own data (rulings 12).
 *
 * Contract  n is public; neighbours differ in one answer, which may become any other within the bounds
 *           (dp/mechanism/sample-aggregate.ts: one person is in one block of a cell).
 * Score     of x: −d(x), d(x) = how far the rank r is from those of x, max(0, #below − r, r − #below −
 *           #equal). One answer moves #below and #below + #equal by at most 1, and so d; not all one
 *           way, so the exponent is ε·d/2.
 * Cost      pure ε, and ε²/8 in zCDP (selection.ts).
 * Error     d(x) = 0 somewhere, so P(d ≥ t) ≤ N·e^(−εt/2) for N integers between the bounds: known before
 *           anything is run.
 * Paper     McSherry, Talwar, FOCS 2007; Smith, STOC 2011, algorithm 2 (for this use of it).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { lnUp } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { uniformBelow } from '../sampler/uniform.ts';
import { chooseLevel } from './level-choice.ts';

export type Answers = {
  /** In any order; within the bounds. */
  readonly answers: readonly bigint[];
  readonly min: bigint;
  readonly max: bigint;
};

/** Integers that are all as far from the rank. */
type Segment = { readonly from: bigint; readonly count: bigint; readonly distance: number };

function segmentsOf({ answers, min, max }: Answers, rank: number): Segment[] {
  const sorted = [...answers].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const segments: Segment[] = [];
  const distance = (below: number, equal: number): number =>
    Math.max(0, below - rank, rank - below - equal);
  let next = min;
  for (let below = 0; below < sorted.length; ) {
    const value = sorted[below] ?? min;
    let end = below;
    while (sorted[end] === value) end += 1;
    segments.push({ from: next, count: value - next, distance: distance(below, 0) });
    segments.push({ from: value, count: 1n, distance: distance(below, end - below) });
    next = value + 1n;
    below = end;
  }
  segments.push({ from: next, count: max - next + 1n, distance: distance(sorted.length, 0) });
  return segments;
}

/** Refuses answers outside of the bounds, and a rank that is none of 0 to n. */
export function privateQuantile(
  given: Answers,
  rank: number,
  epsilon: Rational,
  bytes: ByteSource,
): bigint {
  const { answers, min, max } = given;
  const inside = min <= max && answers.every((answer) => answer >= min && answer <= max);
  check(inside && answers.length > 0, 'INVALID_PARAMETER', 'answers of a quantile');
  const ranked = Number.isSafeInteger(rank) && rank >= 0 && rank <= answers.length;
  check(ranked && epsilon.sign() > 0, 'INVALID_PARAMETER', 'rank or epsilon');
  const segments = segmentsOf(given, rank);
  const counts = Array.from({ length: answers.length + 1 }, () => 0n);
  for (const { distance, count } of segments) counts[distance] = (counts[distance] ?? 0n) + count;
  const level = chooseLevel(counts, epsilon.dividedBy(Rational.of(2)), bytes);
  let left = uniformBelow(counts[level] ?? 1n, bytes);
  for (const { from, count, distance } of segments) {
    if (distance !== level) continue;
    if (left < count) return from + left;
    left -= count;
  }
  return max;
}

/** The chosen integer is fewer ranks than this away, but with probability `failure` at most. */
export function quantileReach(
  { min, max }: Pick<Answers, 'min' | 'max'>,
  epsilon: Rational,
  failure: Rational,
): number {
  const proper = failure.sign() > 0 && failure.compare(Rational.ONE) < 0;
  check(proper && epsilon.sign() > 0 && min <= max, 'INVALID_PARAMETER', 'reach of a quantile');
  const log = lnUp(Rational.of(max - min + 1n).dividedBy(failure));
  return Number(log.times(Rational.of(2)).dividedBy(epsilon).ceil());
}
