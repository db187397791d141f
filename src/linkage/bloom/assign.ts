/**
 * From similar pairs to matches: each encoding in at most one pair.
 *
 * `greedy` takes the most similar pair first, as anonlink does; ties go to the smaller left, then
 * the smaller right index, so that the answer does not depend on the order of the candidates.
 * `mutual` takes a pair only where each is the other's single best: fewer pairs, and safer ones.
 * Similarities are compared as fractions, by products of integers below 2^22.
 * @module
 */
import type { Candidate } from './similarity.ts';

/** Left and right index. */
type Match = readonly [number, number];

/** Positive where `a` is more similar than `b`. */
const compare = (a: Candidate, b: Candidate): number => a.twice * b.total - b.twice * a.total;

export function greedy(candidates: readonly Candidate[]): Match[] {
  const [left, right] = [new Set<number>(), new Set<number>()];
  const matches: Match[] = [];
  const sorted = [...candidates].sort(
    (a, b) => compare(b, a) || a.left - b.left || a.right - b.right,
  );
  for (const pair of sorted) {
    if (left.has(pair.left) || right.has(pair.right)) continue;
    left.add(pair.left);
    right.add(pair.right);
    matches.push([pair.left, pair.right]);
  }
  return matches.sort((x, y) => x[0] - y[0]);
}

/** For each index its best candidate; undefined where two are equally good. */
function best(
  candidates: readonly Candidate[],
  index: (pair: Candidate) => number,
): Map<number, Candidate | undefined> {
  const top = new Map<number, { pair: Candidate; tied: boolean }>();
  for (const pair of candidates) {
    const known = top.get(index(pair));
    const order = known === undefined ? 1 : compare(pair, known.pair);
    if (known !== undefined && order === 0) known.tied = true;
    if (order > 0) top.set(index(pair), { pair, tied: false });
  }
  return new Map(Array.from(top, ([at, { pair, tied }]) => [at, tied ? undefined : pair]));
}

export function mutual(candidates: readonly Candidate[]): Match[] {
  const right = best(candidates, (pair) => pair.right);
  return Array.from(best(candidates, (pair) => pair.left).values())
    .flatMap((pair): Match[] =>
      pair !== undefined && right.get(pair.right) === pair ? [[pair.left, pair.right]] : [],
    )
    .sort((x, y) => x[0] - y[0]);
}
