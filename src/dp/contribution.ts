/**
 * How far one person can move a vector of counts, from public bounds only.
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
 * @module
 */
import { check } from '../base/errors.ts';

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
