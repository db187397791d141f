/**
 * What a query costs every holder, and the noise that this buys: exact, from public numbers.
 *
 * The noise of one holder has σ² = Δ²/(2·rho) (rulings 11; dp/mechanism/discrete-gaussian.ts).
 * Where a study signs that h > 1 holders are honest, a holder adds σ²/h to a pooled cell, and
 * shares below 4 are refused: their sum is too far from a discrete Gaussian. Cells by holder
 * always carry the full σ² (rulings 8), and so does everything when h is 1.
 * @module
 */
import { check } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';
import { SMOOTH_SHARE } from '../dp/accountant/shares.ts';
import { countSensitivity, type Sensitivity } from '../dp/contribution.ts';
import { rhoFor, rhoForHalfWidth, varianceFor } from '../dp/mechanism/discrete-gaussian.ts';
import { cellCount } from './cells.ts';
import type { Query, StudyTerms } from './query.ts';

export type Charge = {
  readonly sensitivity: Sensitivity;
  readonly rho: Rational;
  /** Of the share that one holder adds to each of its cells. */
  readonly variance: Rational;
};

/**
 * A charge of at least `rho` whose variance is a short fraction: the sampler is then in its
 * fast range, and prices read `1/384`. The variance shrinks to a 64th or an integer below it.
 */
function roundedUp(rho: Rational, squaredL2: bigint): Rational {
  const variance = varianceFor(squaredL2, rho);
  const grid = variance.compare(Rational.of(64)) < 0 ? 64n : 1n;
  const below = Rational.of(variance.times(Rational.of(grid)).floor(), grid);
  return below.isZero() ? rho : rhoFor(squaredL2, below);
}

/**
 * `halfWidth` bounds the 95 % noise half width of the cells that the query asks for: of a cell
 * by holder where it groups by holder, else of a pooled cell, whose noise is the sum of n shares.
 */
function chargedRho(terms: StudyTerms, query: Query, squaredL2: bigint): Rational {
  if ('rho' in query.price) return query.price.rho;
  const { halfWidth } = query.price;
  if (query.split) return roundedUp(rhoForHalfWidth(halfWidth, squaredL2, 1), squaredL2);
  const full = rhoForHalfWidth(halfWidth, squaredL2, terms.holders.length);
  return roundedUp(full.dividedBy(Rational.of(terms.honestHolders)), squaredL2);
}

/** Refuses with NOISE_RANGE what cannot be split among h holders. */
export function chargeOf(terms: StudyTerms, query: Query): Charge {
  const sensitivity = countSensitivity({
    rowsPerPerson: terms.cohort.rowsPerPerson,
    cellsPerPerson: terms.cohort.cellsPerPerson,
    cells: cellCount(query.dimensions),
  });
  const rho = chargedRho(terms, query, sensitivity.squaredL2);
  const full = varianceFor(sensitivity.squaredL2, rho);
  if (query.split || terms.honestHolders === 1) return { sensitivity, rho, variance: full };
  const variance = full.dividedBy(Rational.of(terms.honestHolders));
  check(SMOOTH_SHARE.atMost(variance), 'NOISE_RANGE', 'share variance below 4');
  return { sensitivity, rho, variance };
}
