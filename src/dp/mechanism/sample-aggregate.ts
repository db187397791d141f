/**
 * Sample-and-aggregate: what an arbitrary program answers on blocks of people, or on each person, made
 * into bounded sums (Nissim, Raskhodnikova, Smith, STOC 2007; Smith, STOC 2011; Mohan et al., "GUPT",
 * SIGMOD 2012).
 *
 * People are hashed into disjoint blocks by a key that was fixed before data was loaded, and their number
 * is public. A program answers each block with one integer a field, cut to the public bounds [L, U],
 * D = U − L; its answer depends on that block alone. With a = answer − L, sums over blocks are
 *
 *     A = Σ a        Q = Σ a·(D − a)
 *
 * Contract  neighbours differ in one person with all rows, who is in one block of each of at most C cells
 *           (the same block of every one). The answer of such a block may become any other within the
 *           bounds: from a to a', both in [0, D]. In coordinates divided by σ and σ·D/√8 it moves by
 *
 *               (a − a')² + (8/D²)·(a(D − a) − a'(D − a'))² = d²·(1 + 8(D − s)²/D²),
 *
 *           d = |a − a'|, s = a + a', |D − s| ≤ D − d. With x = d/D that is at most D²·x²(1 + 8(1 − x)²),
 *           and x²(1 + 8(1 − x)²) ≤ 1 on [0, 1]: 1 − x² ≥ 8x²(1 − x)² is 1 + x ≥ 8x²(1 − x), where the
 *           right side is at most 32/27 everywhere and below 1 for x < 5/27. So a block moves a field by at most D, and Q costs nothing: the whole declared range
 *           (rulings 34), nothing smaller.
 * Map mode  the program answers for each person, in each of at most C cells: a and D − a and their product
 *           are added, which is a row of moments (dp/contribution.ts), of squared norm D² at most.
 * Charge    fields have their own noise, σ²·D² and σ²·D²·D²/8, so that each counts as 1: F fields and C cells give
 *           F·C/2σ² (additivity over independent coordinates, as in dp/contribution.ts).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { productNoise, type Sensitivity } from '../contribution.ts';

export type AnswerBounds = {
  readonly mode: 'block' | 'map';
  /** U − L of every field: positive integers. */
  readonly widths: readonly bigint[];
  /** Cells in which one person's rows may be. */
  readonly cells: number;
};

/** Integers of one cell for each field: A and Q of blocks; of people Σa, Σ(D − a), Σa(D − a). */
export const componentsOfField = { block: 2, map: 3 } as const;

/** The noise of the components of one field, in order, as multiples of σ². */
export function fieldNoise(
  mode: AnswerBounds['mode'],
  width: bigint,
): readonly { readonly components: number; readonly multiple: Rational }[] {
  const square = Rational.of(width * width);
  return [
    { components: mode === 'block' ? 1 : 2, multiple: square },
    { components: 1, multiple: square.times(productNoise(width)) },
  ];
}

/** `squaredL2` in units in which every field counts as 1 (fieldNoise). */
export function answerSensitivity({ mode, widths, cells }: AnswerBounds): Sensitivity {
  check(
    widths.length > 0 && widths.every((width) => width > 0n) && cells > 0,
    'INVALID_PARAMETER',
    'bounds of answers',
  );
  const touched = BigInt(cells);
  const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const products = widths.map((width) => (width * width) / 4n);
  const moved = widths.reduce((sum, width, i) => sum + width + (products[i] ?? 0n), 0n);
  return {
    l0: touched * BigInt(widths.length * componentsOfField[mode]),
    linf: [...widths, ...products].reduce(larger),
    l1: touched * moved,
    squaredL2: touched * BigInt(widths.length),
  };
}
