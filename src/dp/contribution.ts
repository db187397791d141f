/**
 * How far one person can move a vector of counts or of moments, from public bounds only.
 *
 * Neighbours are two cohorts that differ in one person with all their rows (rulings 11). The
 * holder keeps at most R rows of a person, over all cells together, and at most C different
 * cells. So the person's part is a vector x of non-negative integers with Σ x_i ≤ R and at most
 * min(C, cells, R) of them positive, and
 *
 *     l0 = min(C, cells, R)   linf = R   l1 = R   squaredL2 = R²,
 *
 * the last because Σ x_i² ≤ (max x)·Σ x_i ≤ R·R. All four are attained, R² by R rows in one cell.
 * (l0·linf², which holds for any vector with these two bounds, would be up to min(C, R) times as
 * much.)
 *
 * Moments of a value x with public bounds L ≤ x ≤ U, D = U − L, are three sums in every cell: of
 * a = x − L, of b = U − x, and of p = a·b. Sums of a and b with equal noise have the joint bound
 * D for L1 as for L2 (Kulesza, Suresh, Wang 2023): a + b = D. The third is free: with noise of
 * variance σ²·D²/8 on it, against σ² on the others, a row counts as
 *
 *     a² + b² + p²·8/D² = D² − 2p + 8p²/D² = D² − 2p·(1 − 4p/D²) ≤ D²,
 *
 * because 0 ≤ p ≤ D²/4 and a + b = D; equality at x = L, x = U and the middle. So a row is a
 * vector of norm at most D in coordinates divided by σ, σ and σ·D/√8, and R rows in whatever
 * cells have norm at most R·D by the triangle inequality; R rows with x = L in one cell attain it.
 * The charge of discrete Gaussians of different variances on integer coordinates is the sum of
 * Δ_i²/2σ_i² (Canonne, Kamath, Steinke 2020, theorem 4 for each, and additivity of the Rényi
 * divergence over independent coordinates), which is R²·D²/2σ².
 * @module
 */
import { check } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';

/**
 * How far one person moves the vector of one holder, all integers: at most `l0` cells, each by at
 * most `linf`; `l1` and `squaredL2` are the joint bounds.
 */
export type Sensitivity = {
  readonly l0: bigint;
  readonly linf: bigint;
  readonly l1: bigint;
  readonly squaredL2: bigint;
};

export type CountBounds = {
  /** Rows of one person that are kept, over all cells together. */
  readonly rowsPerPerson: number;
  /** Different cells that one person's kept rows may fall into. */
  readonly cellsPerPerson: number;
  /** Cells of one holder's table. */
  readonly cells: number;
};

/** The sensitivity of a table of row counts. Refuses bounds that are not positive integers. */
export function countSensitivity(bounds: CountBounds): Sensitivity {
  const { rowsPerPerson, cellsPerPerson, cells } = bounds;
  for (const [name, bound] of Object.entries({ rowsPerPerson, cellsPerPerson, cells })) {
    check(Number.isSafeInteger(bound) && bound > 0, 'INVALID_PARAMETER', `${name} is not positive`);
  }
  const rows = BigInt(rowsPerPerson);
  const l0 = BigInt(Math.min(cellsPerPerson, cells, rowsPerPerson));
  return { l0, linf: rows, l1: rows, squaredL2: rows * rows };
}

export type MomentBounds = CountBounds & {
  /** max − min of the value: a positive integer. */
  readonly width: bigint;
};

/**
 * The sensitivity of a table of moments. `squaredL2` is in the units of the first two sums, with
 * the third one weighed as `productNoise` says. Refuses a width that is not positive.
 */
export function momentSensitivity(bounds: MomentBounds): Sensitivity {
  const { width } = bounds;
  check(width > 0n, 'INVALID_PARAMETER', 'width of a value');
  const { l0, linf: rows } = countSensitivity(bounds);
  const product = (width * width) / 4n;
  return {
    l0: 3n * l0,
    linf: rows * (width > product ? width : product),
    l1: rows * (width + product),
    squaredL2: rows * rows * width * width,
  };
}

/** What the noise variance of the sum of products is, as a multiple of that of the others: D²/8. */
export const productNoise = (width: bigint): Rational => Rational.of(width * width, 8n);
