/**
 * Arithmetic on amounts of a ledger.
 *
 * Charges with ever new denominators would let an analyst make the sums as long as he likes, and
 * the ledger as slow. A sum whose denominator passes `LONGEST` is rounded to a multiple of
 * 1/LONGEST, against the analyst: up where it is reserved or spent, down where it is left.
 * @module
 */
import { Rational } from '../base/rational.ts';
import type { Amount } from './entry.ts';

const LONGEST = 10n ** 60n;

const boundedUp = (value: Rational): Rational =>
  value.denominator <= LONGEST ? value : value.roundUpTo(LONGEST);

const boundedDown = (value: Rational): Rational => boundedUp(value.negate()).negate();

export const ZERO: Amount = { rho: Rational.ZERO, delta: Rational.ZERO };

export const plus = (a: Amount, b: Amount): Amount => ({
  rho: a.rho.plus(b.rho),
  delta: a.delta.plus(b.delta),
});

export const minus = (a: Amount, b: Amount): Amount => ({
  rho: a.rho.minus(b.rho),
  delta: a.delta.minus(b.delta),
});

const notNegative = (value: Rational): Rational => (value.sign() < 0 ? Rational.ZERO : value);

/** Zero in the place of what is below it, part by part. */
export const atLeastZero = ({ rho, delta }: Amount): Amount => ({
  rho: notNegative(rho),
  delta: notNegative(delta),
});

/** For what is reserved or spent. */
export const roundedUp = ({ rho, delta }: Amount): Amount => ({
  rho: boundedUp(rho),
  delta: boundedUp(delta),
});

/** For what is left. */
export const roundedDown = ({ rho, delta }: Amount): Amount => ({
  rho: boundedDown(rho),
  delta: boundedDown(delta),
});

/** Both parts fit. */
export const fits = (asked: Amount, left: Amount): boolean =>
  asked.rho.atMost(left.rho) && asked.delta.atMost(left.delta);

export const times = ({ rho, delta }: Amount, factor: number): Amount => ({
  rho: rho.times(Rational.of(factor)),
  delta: delta.times(Rational.of(factor)),
});
