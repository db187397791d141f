/**
 * Pairs of similar encodings: Dice coefficient 2|a AND b| / (|a| + |b|) at least a threshold.
 *
 * Every pair is compared, in tiles that fit a cache; the threshold is a fraction and the comparison
 * is exact, in integers. Costs |left|·|right| overlaps: see `kakehashi bench linkage/dice`.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { ENCODING_BYTES, LIST_TILE, overlaps, QUERY_TILE } from '../../kernels/dice.ts';

/** Left encoding, right encoding, and 2|a AND b| over |a| + |b| as two integers. */
export type Candidate = {
  readonly left: number;
  readonly right: number;
  readonly twice: number;
  readonly total: number;
};

const FULL = new Uint8Array(ENCODING_BYTES).fill(255);
const BITS = 8 * ENCODING_BYTES;
/** Above every overlap. */
const NEVER = BITS + 1;

/** The number of ones of each encoding. */
export function weights(encodings: Uint8Array): Uint16Array {
  const out = new Uint16Array(encodings.length / ENCODING_BYTES);
  for (let at = 0; at < out.length; at += LIST_TILE) {
    out.set(overlaps(FULL, tile(encodings, at, LIST_TILE)), at);
  }
  return out;
}

const tile = (encodings: Uint8Array, from: number, size: number): Uint8Array =>
  encodings.subarray(from * ENCODING_BYTES, (from + size) * ENCODING_BYTES);

/** The smallest overlap that reaches the threshold, for every sum of two weights. */
function leastOverlaps(threshold: Rational): Uint16Array {
  const half = threshold.dividedBy(Rational.of(2n));
  return Uint16Array.from({ length: 2 * BITS + 1 }, (_, total) =>
    // Two empty encodings have nothing in common: never a pair.
    total === 0 ? NEVER : Math.max(1, Number(half.times(Rational.of(total)).ceil())),
  );
}

/**
 * Every pair of an encoding of `left` and one of `right` whose Dice coefficient is at least
 * `threshold`, 0 < threshold ≤ 1. Encodings of 1,024 bits lie end to end.
 */
export function similarPairs(
  left: Uint8Array,
  right: Uint8Array,
  threshold: Rational,
): readonly Candidate[] {
  check(
    threshold.sign() > 0 && threshold.atMost(Rational.ONE),
    'INVALID_PARAMETER',
    'threshold outside (0, 1]',
  );
  for (const { length } of [left, right]) {
    check(length % ENCODING_BYTES === 0, 'INVALID_PARAMETER', `${length} bytes of encodings`);
  }
  const least = leastOverlaps(threshold);
  const [ours, theirs] = [weights(left), weights(right)];
  const found: Candidate[] = [];
  for (let j = 0; j < theirs.length; j += LIST_TILE) {
    const list = tile(right, j, LIST_TILE);
    const listWeights = theirs.subarray(j, j + LIST_TILE);
    for (let i = 0; i < ours.length; i += QUERY_TILE) {
      const common = overlaps(tile(left, i, QUERY_TILE), list);
      const rows = ours.subarray(i, i + QUERY_TILE);
      collect({ common, rows, listWeights, least, at: [i, j] }, found);
    }
  }
  return found;
}

type Tile = {
  readonly common: Uint16Array;
  readonly rows: Uint16Array;
  readonly listWeights: Uint16Array;
  readonly least: Uint16Array;
  readonly at: readonly [number, number];
};

/** The hot loop. What the lightest encoding of the list would need is asked first: one load a pair. */
function collect({ common, rows, listWeights, least, at }: Tile, found: Candidate[]): void {
  const width = listWeights.length;
  const lightest = listWeights.reduce((low, weight) => Math.min(low, weight), BITS);
  for (let i = 0; i < rows.length; i++) {
    const weight = rows[i] as number;
    const bound = least[weight + lightest] as number;
    const row = common.subarray(i * width, (i + 1) * width);
    for (let j = 0; j < width; j++) {
      const overlap = row[j] as number;
      if (overlap < bound) continue;
      const total = weight + (listWeights[j] as number);
      if (overlap < (least[total] as number)) continue;
      found.push({ left: at[0] + i, right: at[1] + j, twice: 2 * overlap, total });
    }
  }
}
