/**
 * Which cells of a release are not shown: small ones, and those that would give small ones away.
 *
 * Policy, not privacy: the privacy of a release is its noise, and it is paid for whether a cell
 * is shown or not. The rule reads noised values only (rulings 13), so that what is hidden says
 * nothing that the noised values do not.
 *
 * In a split table each cell has one linear relation: pooled = Σ over holders. With exactly one
 * of these values hidden, the others give it by subtraction; with two or more hidden none of them
 * is determined. Cells at other positions share no relation with it. So a single small holder
 * cell takes the pooled cell with it. (The pooled cell is never the only small one: a sum of
 * parts of at least the minimum is at least that.) Where two or more holder cells are hidden and
 * the pooled cell is shown, their sum can be computed: it bounds each of them, no more.
 * @module
 */
import { check } from '../../base/errors.ts';

export type Hidden = { readonly holders: readonly boolean[]; readonly pooled: boolean };

/**
 * For one position of the table: `parts` are the holders' noised values (none in an unsplit table),
 * `pooled` their sum. A value below `minimumCell` is small; 0 turns the rule off.
 */
export function suppressedParts(
  parts: readonly number[],
  pooled: number,
  minimumCell: number,
): Hidden {
  check(
    Number.isSafeInteger(minimumCell) && minimumCell >= 0,
    'INVALID_PARAMETER',
    'minimum cell size',
  );
  if (minimumCell === 0) return { holders: parts.map(() => false), pooled: false };
  const holders = parts.map((value) => value < minimumCell);
  const alone = holders.filter(Boolean).length === 1;
  return { holders, pooled: alone || pooled < minimumCell };
}
