/**
 * Counts of every dyadic interval of an ordered domain: quantiles, ranges and the distribution
 * function from one release.
 *
 * Contract     neighbours differ in one person, who adds at most R rows; each row falls into one of
 *              2^d leaves and is counted once in each of the d + 1 levels (leaves, pairs, ..., all).
 * Sensitivity  L1 = R·(d + 1); squared L2 = R²·(d + 1): in one level the person's part x has
 *              Σ x_i = R with x ≥ 0, so Σ x_i² ≤ R², and R equal rows attain both.
 * Law          discrete Gaussian of variance σ² on every node: rho = R²·(d + 1)/2σ². Or discrete
 *              Laplace of scale R·(d + 1)/ε: pure ε.
 * Why          k ranges of the leaves alone sum up to 2^d noises; here any range is at most 2d
 *              nodes. What is released is made consistent by dyadic-consistency.ts, free of charge.
 * Paper        Hay, Rastogi, Miklau, Suciu, "Boosting the accuracy of differentially private
 *              histograms through consistency", VLDB 2010 (arXiv 0904.0942).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Sensitivity } from '../contribution.ts';

const DEEPEST = 20;

/** A complete binary tree over 2^depth leaves. Level 0 is the leaves, level `depth` the total. */
export type DyadicTree = {
  readonly depth: number;
  readonly leaves: number;
  /** Nodes of all levels: 2·leaves − 1. */
  readonly nodes: number;
};

/** The tree over at least `bins` leaves: leaves beyond are empty and noised like the others. */
export function dyadicTree(bins: number): DyadicTree {
  const valid = Number.isSafeInteger(bins) && bins > 0 && bins <= 2 ** DEEPEST;
  check(valid, 'INVALID_PARAMETER', 'bins of a dyadic tree');
  const depth = bins === 1 ? 0 : 32 - Math.clz32(bins - 1);
  return { depth, leaves: 2 ** depth, nodes: 2 ** (depth + 1) - 1 };
}

/** Where level `level` begins in the vector: leaves first, the total last. */
export const levelOffset = ({ depth }: DyadicTree, level: number): number =>
  2 ** (depth + 1) - 2 ** (depth + 1 - level);

/** The nodes that a row in `leaf` is counted in, one a level. */
export function pathOf(tree: DyadicTree, leaf: number): number[] {
  const inside = Number.isSafeInteger(leaf) && leaf >= 0 && leaf < tree.leaves;
  check(inside, 'INVALID_PARAMETER', 'leaf of a dyadic tree');
  return Array.from(
    { length: tree.depth + 1 },
    (_, level) => levelOffset(tree, level) + Math.floor(leaf / 2 ** level),
  );
}

/** Sums of the leaves at every node, exact. */
export function dyadicCounts(tree: DyadicTree, leaves: BigInt64Array): BigInt64Array {
  check(leaves.length === tree.leaves, 'INVALID_PARAMETER', 'leaves of a dyadic tree');
  const nodes = new BigInt64Array(tree.nodes);
  nodes.set(leaves);
  for (let level = 1; level <= tree.depth; level++) {
    const [from, to] = [levelOffset(tree, level - 1), levelOffset(tree, level)];
    for (let i = 0; i < tree.leaves / 2 ** level; i++) {
      nodes[to + i] = (nodes[from + 2 * i] ?? 0n) + (nodes[from + 2 * i + 1] ?? 0n);
    }
  }
  return nodes;
}

/** How far one person with at most `rowsPerPerson` rows moves the vector of all nodes. */
export function dyadicSensitivity(tree: DyadicTree, rowsPerPerson: number): Sensitivity {
  const valid = Number.isSafeInteger(rowsPerPerson) && rowsPerPerson > 0;
  check(valid, 'INVALID_PARAMETER', 'rowsPerPerson is not positive');
  const [rows, levels] = [BigInt(rowsPerPerson), BigInt(tree.depth + 1)];
  // In one level a person is in at most R of its nodes.
  let l0 = 0n;
  for (let level = 0; level <= tree.depth; level++) {
    l0 += BigInt(Math.min(rowsPerPerson, tree.leaves / 2 ** level));
  }
  return { l0, linf: rows, l1: rows * levels, squaredL2: rows * rows * levels };
}
