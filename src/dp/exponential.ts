/**
 * e^−x and ln x as fractions of 2^256, rounded the way that is safe: what is charged, and what
 * decides a probability that is drawn, is computed here and never in doubles.
 *
 * Method  for 0 ≤ x ≤ 1 the alternating series of e^−x, every term rounded against the bound that
 *         it enters and cut after 60 terms (the rest is below the next term, 1/61! < 2^−256); for
 *         larger x the bounds of e^−(x/2^j), squared j times.
 * @module
 */
import { check } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';

const BITS = 256n;
/** One, in the fixed point of this file. */
export const FIXED_ONE = 1n << BITS;
const TERMS = 60n;
/** e^−200 < 2^−256: the bounds are 0 and one unit. */
const BEYOND = Rational.of(200);

/** low ≤ value·2^256 ≤ high. */
export type Bounds = { readonly low: bigint; readonly high: bigint };

export const divideUp = (n: bigint, d: bigint): bigint => (n + d - 1n) / d;

function series(x: Rational, one: bigint, terms: bigint): Bounds {
  const { numerator: n, denominator: d } = x;
  let [low, high] = [one, one];
  let [termLow, termHigh] = [one, one];
  for (let k = 1n; k <= terms; k += 1n) {
    [termLow, termHigh] = [(termLow * n) / (d * k), divideUp(termHigh * n, d * k)];
    // Odd terms are subtracted: the lower bound takes off more, the upper less.
    low += k % 2n === 1n ? -termHigh : termLow;
    high += k % 2n === 1n ? -termLow : termHigh;
    // Where a bound is charged it has all of its terms: it is the same number in every version.
    if (terms !== TERMS && termHigh <= 1n) break;
  }
  return { low: low - termHigh, high: high + termHigh };
}

/** Bounds on e^−x·2^bits for x ≥ 0, from so many terms of the series at most. */
function boundsAt(x: Rational, bits: bigint, terms: bigint): Bounds {
  const one = 1n << bits;
  let halvings = 0;
  for (let whole = x.ceil(); whole > 1n; whole = (whole + 1n) >> 1n) halvings += 1;
  let { low, high } = series(x.dividedBy(Rational.of(1n << BigInt(halvings))), one, terms);
  for (; halvings > 0; halvings--) {
    [low, high] = [(low * low) >> bits, divideUp(high * high, one)];
  }
  return { low, high: high < one ? high : one };
}

/** Bounds on e^−x for x ≥ 0. */
export function expNegative(x: Rational): Bounds {
  check(x.sign() >= 0, 'INVALID_PARAMETER', 'exponent is negative');
  if (x.isZero()) return { low: FIXED_ONE, high: FIXED_ONE };
  if (x.compare(BEYOND) >= 0) return { low: 0n, high: 1n };
  return boundsAt(x, BITS, TERMS);
}

/** The same in units of 2^−bits, as fine as anybody asks: term `bits` of the series is below one unit. */
export function expNegativeFine(x: Rational, bits: bigint): Bounds {
  check(x.sign() >= 0 && bits >= 8n, 'INVALID_PARAMETER', 'exponent or bits');
  return boundsAt(x, bits, bits);
}

/** base^exponent, rounded up, for 0 ≤ base ≤ 1 in fixed point. */
export function powerUp(base: bigint, exponent: number): bigint {
  let [result, square] = [FIXED_ONE, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = divideUp(result * square, FIXED_ONE);
    square = divideUp(square * square, FIXED_ONE);
  }
  return result;
}

/** The smallest multiple of 1/`grid` that is certainly at least ln(value), for value ≥ 1. */
export function lnUp(value: Rational, grid = 10n ** 12n): Rational {
  check(value.compare(Rational.ONE) >= 0, 'INVALID_PARAMETER', 'logarithm of less than one');
  // e^−g ≤ 1/value
  const reached = (steps: bigint): boolean =>
    expNegative(Rational.of(steps, grid)).high * value.numerator <= value.denominator * FIXED_ONE;
  if (reached(0n)) return Rational.ZERO;
  let [low, high] = [0n, grid];
  while (!reached(high)) {
    check(high < 128n * grid, 'INVALID_PARAMETER', 'logarithm of more than e^128');
    [low, high] = [high, 2n * high];
  }
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (reached(middle)) high = middle;
    else low = middle;
  }
  return Rational.of(high, grid);
}
