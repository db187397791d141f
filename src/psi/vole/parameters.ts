/**
 * All sizes of VOLE-PSI from the two list lengths, statistical security 2^-40, computational security 128 bits.
 *
 * Failure   An honest run is wrong or refused with probability at most 2^-40 in all, shared out as
 *             2^-41  two different items get equal masks: nx ny pairs, 8 maskBytes bits;
 *             2^-42  a bin of the key-value store cannot be encoded;
 *             2^-43  a bin of the receiver overflows, and as much for the sender's.
 * Store     [RR22] Raghuraman, Rindal, "Blazing Fast PSI from Improved OKVS and Subfield VOLE",
 *           CCS 2022 (ePrint 2022/320), equation 3 with the constants of its implementation:
 *           columns over rows e = (λ + 9.2) / slope + 1.223. That is fitted to experiments and
 *           extrapolated, not proved. Below `LEAST_ROWS` rows the sizes are those of LEAST_ROWS.
 *           With b bins λ is 42 + log2 b for each. Of the gap that peeling may leave, at most
 *           λ / log2(e n) ≤ 3 rows, 48 random binary columns miss one with 2^(3 − 48), times the
 *           chance of a gap at all, about 1 / n.
 * Noise     Parameter set `vole-1`: systematic expand-convolute code of rate 1/2, 21 taps a row,
 *           convolution over 24 values twice, field-mixed (see code.ts), regular noise of weight
 *           t = 384. By the rule for a large field, t = max(128, ceil(64 / −log2(1 − d))), that holds against linear tests
 *           if the code's relative distance d is at least 0.11. Literature takes 0.20 for this code
 *           (t = 200) as a heuristic; the excess is the margin for that. The assumption is dual LPN
 *           with regular noise over GF(2^128) for this code: heuristic, as for every fast code.
 * @module
 */
import { check } from '../../base/errors.ts';
import { DENSE_COLUMNS } from '../../kernels/okvs.ts';

/** The version of this choice; goes over the wire. */
export const PARAMETER_SET = 1;
/** The most items a side: the end of the range for which the store's sizes were published. */
export const MOST_ITEMS = 2 ** 24;
export const TREES = 384;
export const CODE_WEIGHT = 21;
const LEAST_ROWS = 4096;
const MOST_SPARSE = 65536;
const [MASK_SHARE, STORE_SHARE, OVERFLOW_SHARE] = [41, 42, 43];

export type VoleParameters = {
  readonly receiverItems: number;
  readonly senderItems: number;
  readonly bins: number;
  /** Columns of a bin without the dense ones. */
  readonly sparse: number;
  /** Columns of a bin. */
  readonly columns: number;
  /** The most rows of a bin, for each party. */
  readonly receiverCapacity: number;
  readonly senderCapacity: number;
  readonly maskBytes: number;
  /** Leaves of each of the `TREES` trees. */
  readonly leaves: number;
  /** Correlations that the code gives: half of all leaves, at least bins · columns. */
  readonly correlations: number;
};

/** ceil(log2(value)) for a safe integer ≥ 1, exactly. */
const log2Up = (value: number): number => (value === 1 ? 0 : BigInt(value - 1).toString(2).length);

/**
 * A load that a bin exceeds with probability 2^-43 / bins when n items fall into bins at random: the
 * Chernoff bound exp(−n D(c/n ‖ 1/bins)), D the Kullback-Leibler divergence.
 */
export function mostLoad(n: number, bins: number): number {
  if (bins === 1) return n;
  const p = 1 / bins;
  const wanted = (OVERFLOW_SHARE + Math.log2(bins)) * Math.LN2;
  const holds = (load: number): boolean => {
    const q = load / n;
    const other = q === 1 ? 0 : (1 - q) * Math.log((1 - q) / (1 - p));
    return n * (q * Math.log(q / p) + other) >= wanted;
  };
  let [low, high] = [Math.floor(n * p), n];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Columns for `rows` rows so that encoding fails with probability 2^-lambda: [RR22], equation 3. */
export function sparseColumns(rows: number, lambda: number): number {
  const weight = Math.log2(3);
  const slope =
    2 **
    (0.555 * Math.log2(rows) + 0.093 * weight ** 3 - 1.01 * weight ** 2 + 2.925 * weight - 0.133);
  return Math.ceil(((lambda + 9.2) / slope + 1.223) * rows);
}

/** The fewest bins whose columns have 16-bit numbers. */
function binning(rows: number): { bins: number; sparse: number; capacity: number } {
  for (let bins = 1; ; bins += 1) {
    const capacity = mostLoad(rows, bins);
    const sparse = sparseColumns(capacity, STORE_SHARE + Math.log2(bins));
    if (sparse <= MOST_SPARSE) return { bins, sparse, capacity };
  }
}

/** Bytes of a mask: two different items of nx · ny pairs are equal with probability 2^-41. */
export const maskLength = (nx: number, ny: number): number =>
  Math.ceil((MASK_SHARE + log2Up(Math.max(1, nx * ny))) / 8);

/** Refuses lengths that are not integers from 0 to 2^24. */
export function voleParameters(receiverItems: number, senderItems: number): VoleParameters {
  for (const items of [receiverItems, senderItems]) {
    check(
      Number.isInteger(items) && items >= 0 && items <= MOST_ITEMS,
      'INVALID_PARAMETER',
      `${items} items`,
    );
  }
  const { bins, sparse, capacity } = binning(Math.max(receiverItems, LEAST_ROWS));
  const columns = sparse + DENSE_COLUMNS;
  const leaves = Math.ceil((2 * bins * columns) / TREES);
  return Object.freeze({
    receiverItems,
    senderItems,
    bins,
    sparse,
    columns,
    receiverCapacity: capacity,
    senderCapacity: mostLoad(Math.max(1, senderItems), bins),
    maskBytes: maskLength(receiverItems, senderItems),
    leaves,
    correlations: (TREES / 2) * leaves,
  });
}
