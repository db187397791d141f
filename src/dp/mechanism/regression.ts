/**
 * What one person moves in the sufficient statistics of a linear regression.
 *
 * Contract     a person adds at most R rows; a row is (1, x_1, ..., x_p, y), integers with
 *              |x_j| ≤ b_j and |y| ≤ b_y, all public. Released are the sums over rows of the products
 *              of every two of these p + 2 numbers, one half of the symmetric matrix:
 *              (p + 2)(p + 3)/2 sums, among them the number of rows, X'X, X'y and y'y.
 * Sensitivity  one row moves the sum of the product z_i·z_j by at most b_i·b_j, all of them at once
 *              at a corner of the box. So L1 = R·Σ b_i·b_j and squared L2 = R²·Σ b_i²·b_j² over
 *              i ≤ j, both attained by R equal rows with every |z_i| = b_i.
 * Law          discrete Gaussian, σ² on every sum: rho = squared L2/2σ². Where the bounds differ
 *              much, σ²·u² on the sum with bound u: the charge is then R²·m/2σ² for m sums (Canonne,
 *              Kamath, Steinke 2020, theorem 4 on each coordinate, and additivity).
 * Paper        Wang, "Revisiting differentially private linear regression", UAI 2018 (arXiv
 *              1803.02596): AdaSSP takes these statistics, and a ridge from their noise.
 * @module
 */
import { check } from '../../base/errors.ts';

/** The products that are summed: pairs i ≤ j of (1, x_1, ..., x_p, y). */
export type RegressionSums = {
  readonly pairs: readonly (readonly [number, number])[];
  /** |z_i·z_j| of one row. */
  readonly bounds: readonly bigint[];
  readonly l1: bigint;
  readonly squaredL2: bigint;
};

const MOST_FEATURES = 64;

/** `features` are b_1, ..., b_p and `outcome` b_y. Refuses bounds that are not positive. */
export function regressionSums(
  features: readonly bigint[],
  outcome: bigint,
  rowsPerPerson = 1,
): RegressionSums {
  const count = features.length > 0 && features.length <= MOST_FEATURES;
  check(count, 'INVALID_PARAMETER', 'number of features');
  const rowsValid = Number.isSafeInteger(rowsPerPerson) && rowsPerPerson > 0;
  check(rowsValid, 'INVALID_PARAMETER', 'rowsPerPerson is not positive');
  const all = [1n, ...features, outcome];
  check(
    all.every((bound) => bound > 0n),
    'INVALID_PARAMETER',
    'bound of a regression is not positive',
  );
  const pairs = all.flatMap((_, i) => all.slice(i).map((__, k) => [i, i + k] as const));
  const bounds = pairs.map(([i, j]) => (all[i] ?? 0n) * (all[j] ?? 0n));
  const rows = BigInt(rowsPerPerson);
  return {
    pairs,
    bounds,
    l1: rows * bounds.reduce((sum, bound) => sum + bound, 0n),
    squaredL2: rows * rows * bounds.reduce((sum, bound) => sum + bound * bound, 0n),
  };
}

/** The sums of one row, in the order of `pairs`. */
export function regressionRow(
  { pairs }: RegressionSums,
  features: readonly bigint[],
  outcome: bigint,
): bigint[] {
  const all = [1n, ...features, outcome];
  return pairs.map(([i, j]) => (all[i] ?? 0n) * (all[j] ?? 0n));
}
