/**
 * What has been spent so far, for whoever looks: the coalition that the charge assumes, and an
 * outsider who knows no holder's noise.
 *
 * Columns   colluder: rho as it is charged, everybody but one holder against the person. Outsider: rho
 *           of the sum of all shares (shares.ts), never above.
 * Meaning   (ε, δ) by the tight conversion of zCDP; how often a test between the person's presence and
 *           absence detects them when it is wrong 1 % of the time about the absent (attacker.ts).
 * Whenever  totals read at a moment that depends on the answers are no bound by themselves (Rogers,
 *           Roth, Ullman, Vadhan 2016). `whenever` is one: limits r·2^j, j = 0, 1, ..., each with
 *           δ/((j + 1)(j + 2)) of its own; the first that holds the total is a filter that never
 *           refused, and the deltas add up to at most δ (Whitehouse et al. 2023, section 4; the same
 *           split of transcripts as in filters.ts).
 * Doubles   figures are for reading, rounded up; the totals are fractions.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { attackerSuccess } from './attacker.ts';
import { epsilonUp } from './zcdp.ts';

export type Spent = {
  readonly rho: Rational;
  readonly delta: Rational;
  /** The rho of the same releases to somebody who knows no noise. */
  readonly outsiderRho: Rational;
};

export type Column = {
  readonly rho: Rational;
  /** ε at δ, as a decimal rounded up. */
  readonly epsilon: string;
  /** The same, also for a reader who chose the moment by the answers. */
  readonly whenever: string;
  /** Detections at 1 % false positives, at most; a decimal rounded up. */
  readonly truePositives: string;
};

/** The first limit of `whenever`. */
const FIRST_LIMIT = Rational.of(1, 1000);
const TWO = Rational.of(2);

/** ε at δ that holds at whatever moment is chosen. */
export function wheneverEpsilonUp(rho: Rational, delta: Rational): string {
  check(rho.sign() >= 0, 'INVALID_PARAMETER', 'rho is negative');
  let [limit, j] = [FIRST_LIMIT, 0];
  while (!rho.atMost(limit)) [limit, j] = [limit.times(TWO), j + 1];
  return epsilonUp(limit, delta.dividedBy(Rational.of((j + 1) * (j + 2))));
}

/** Totals of everything that was released about one epoch of persons. */
export class Odometer {
  rho = Rational.ZERO;
  delta = Rational.ZERO;
  outsiderRho = Rational.ZERO;

  add({ rho, delta, outsiderRho }: Spent): void {
    const valid = rho.sign() >= 0 && delta.sign() >= 0 && outsiderRho.sign() >= 0;
    check(valid, 'INVALID_PARAMETER', 'amounts are not negative');
    check(outsiderRho.atMost(rho), 'INVALID_PARAMETER', 'an outsider never learns more');
    this.rho = this.rho.plus(rho);
    this.delta = this.delta.plus(delta);
    this.outsiderRho = this.outsiderRho.plus(outsiderRho);
  }

  /** Both columns at δ, of which the deltas that were spent are a part. */
  read(delta: Rational): { readonly colluder: Column; readonly outsider: Column } {
    const left = delta.minus(this.delta);
    check(left.sign() > 0, 'INVALID_PARAMETER', 'delta is not above the deltas spent');
    const column = (rho: Rational): Column => ({
      rho,
      epsilon: epsilonUp(rho, left),
      whenever: wheneverEpsilonUp(rho, left),
      truePositives: decimalUp(attackerSuccess(rho, this.delta)),
    });
    return { colluder: column(this.rho), outsider: column(this.outsiderRho) };
  }
}

const decimalUp = (rate: number): string =>
  Rational.of(Math.ceil(rate * 10 ** 4), 10 ** 4).toDecimalUp(4);
