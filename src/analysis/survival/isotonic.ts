/**
 * The nearest monotone sequence in weighted least squares: pool adjacent violators.
 *
 * Ayer, Brunk, Ewing, Reid, Silverman 1955; weighted form Barlow et al. 1972. A
 * sequence that is monotone already comes back bit for bit: only blocks of several values are
 * averaged.
 * @module
 */

type Block = { mean: number; weight: number; size: number };

/** The non-decreasing sequence that minimises Σ weight·(out − value)². Weights are positive. */
export function nonDecreasing(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: Block[] = [];
  values.forEach((value, i) => {
    let last: Block = { mean: value, weight: weights[i] ?? 1, size: 1 };
    for (let before = blocks.at(-1); before && before.mean > last.mean; before = blocks.at(-1)) {
      blocks.pop();
      const weight = before.weight + last.weight;
      const mean = before.mean + (last.mean - before.mean) * (last.weight / weight);
      last = { mean, weight, size: before.size + last.size };
    }
    blocks.push(last);
  });
  return blocks.flatMap(({ mean, size }) => Array.from({ length: size }, () => mean));
}

/** The non-increasing one. */
export const nonIncreasing = (values: readonly number[], weights: readonly number[]): number[] =>
  nonDecreasing(values.toReversed(), weights.toReversed()).toReversed();
