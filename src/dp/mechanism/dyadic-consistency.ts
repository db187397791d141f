/**
 * The least-squares estimate of the leaves from noised counts of all dyadic intervals, and the
 * variance of each range. Post-processing: it reads noised values only and costs nothing.
 *
 * Paper    Hay, Rastogi, Miklau, Suciu, VLDB 2010 (arXiv 0904.0942), theorem 3, here with a
 *          variance for each level.
 * Up       best estimate of a node from its own subtree: its own value and the sum of its children,
 *          weighted by inverse variance. V_0 = σ_0², V_h = 1/(1/σ_h² + 1/2V_{h−1}).
 * Down     what a parent says beyond the sum of its children is split between them equally; the
 *          difference of two children says nothing about their sum and the parent nothing about it,
 *          so it stays.
 * Ranges   with T the final value of a node and D = (left − right)/2 of its children, of variance
 *          V/2 and independent of T: left = T/2 + D, right = T/2 − D. The first i + 1 leaves are
 *          a·T + noise with (a, W) carried up one path: a left child has a' = a/2, W' = W + a²V/2; a
 *          right one a' = (1 + a)/2, W' = W + (1 − a)²V/2. The variance is a²·V_top + W.
 * Doubles  + − * / only, so that every machine gets the same bits.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type DyadicTree, levelOffset } from './dyadic.ts';

/** σ² of every level, leaves first; one number stands for all. */
export type LevelVariances = number | readonly number[];

function subtreeVariances({ depth }: DyadicTree, levels: LevelVariances): number[] {
  const own = typeof levels === 'number' ? Array<number>(depth + 1).fill(levels) : levels;
  const valid = own.length === depth + 1 && own.every((v) => v > 0 && Number.isFinite(v));
  check(valid, 'INVALID_PARAMETER', 'noise variances of a dyadic tree');
  const result: number[] = [];
  own.forEach((variance, level) => {
    const below = result[level - 1];
    result.push(below === undefined ? variance : 1 / (1 / variance + 1 / (2 * below)));
  });
  return result;
}

/** Estimates of the leaves; sums of them estimate every other range. */
export function consistentLeaves(
  tree: DyadicTree,
  noised: readonly number[] | Float64Array,
  levels: LevelVariances,
): Float64Array {
  check(noised.length === tree.nodes, 'INVALID_PARAMETER', 'nodes of a dyadic tree');
  const variances = subtreeVariances(tree, levels);
  const own = typeof levels === 'number' ? undefined : levels;
  const best = Float64Array.from(noised);
  const node = (level: number, i: number): number => best[levelOffset(tree, level) + i] ?? 0;
  for (let level = 1; level <= tree.depth; level++) {
    const variance = own?.[level] ?? (levels as number);
    const weight = (variances[level] ?? 0) / variance;
    for (let i = 0; i < tree.leaves / 2 ** level; i++) {
      const children = node(level - 1, 2 * i) + node(level - 1, 2 * i + 1);
      best[levelOffset(tree, level) + i] = weight * node(level, i) + (1 - weight) * children;
    }
  }
  for (let level = tree.depth; level > 0; level--) {
    const children = levelOffset(tree, level - 1);
    for (let i = 0; i < tree.leaves / 2 ** level; i++) {
      const [left, right] = [node(level - 1, 2 * i), node(level - 1, 2 * i + 1)];
      const share = (node(level, i) - left - right) / 2;
      best[children + 2 * i] = left + share;
      best[children + 2 * i + 1] = right + share;
    }
  }
  return best.slice(0, tree.leaves);
}

/** The noise variance of the estimated sum of leaves 0, ..., `leaf`; a share's, times the shares. */
export function prefixVariance(tree: DyadicTree, levels: LevelVariances, leaf: number): number {
  const inside = Number.isSafeInteger(leaf) && leaf >= 0 && leaf < tree.leaves;
  check(inside, 'INVALID_PARAMETER', 'leaf of a dyadic tree');
  const variances = subtreeVariances(tree, levels);
  let [part, noise] = [1, 0];
  for (let level = 0; level < tree.depth; level++) {
    const split = (variances[level] ?? 0) / 2;
    const isLeft = Math.floor(leaf / 2 ** level) % 2 === 0;
    const lost = isLeft ? part : 1 - part;
    noise += lost * lost * split;
    part = isLeft ? part / 2 : (1 + part) / 2;
  }
  return part * part * (variances[tree.depth] ?? 0) + noise;
}
