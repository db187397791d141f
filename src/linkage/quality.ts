/**
 * How good a linkage is against a truth: precision, recall and their harmonic mean F1 over pairs
 * of identifiers. Ratios of counts, for reading; nothing is charged by them.
 * @module
 */

/** Left and right identifier. */
export type IdPair = readonly [string, string];

export type Quality = {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Pairs found, true pairs, and pairs that are both. */
  readonly found: number;
  readonly truth: number;
  readonly correct: number;
};

const keyOf = ([left, right]: IdPair): string => JSON.stringify([left, right]);

/** A ratio that is 1 where nothing could be got wrong. */
const ratio = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

export function quality(found: Iterable<IdPair>, truth: Iterable<IdPair>): Quality {
  const wanted = new Set(Array.from(truth, keyOf));
  const got = new Set(Array.from(found, keyOf));
  const correct = [...got].filter((pair) => wanted.has(pair)).length;
  return {
    precision: ratio(correct, got.size),
    recall: ratio(correct, wanted.size),
    f1: ratio(2 * correct, got.size + wanted.size),
    found: got.size,
    truth: wanted.size,
    correct,
  };
}
