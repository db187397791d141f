/**
 * Exact fractions. Every privacy amount is one of these; none is ever a float.
 *
 * In text a fraction is in lowest terms with a positive denominator, `n/d`, also `2/1` and
 * `0/1` (DESIGN section 9). `parse` refuses every other spelling, so equal amounts are equal
 * strings.
 * @module
 */
import { check } from './errors.ts';

const gcd = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
};

const EXACT_DOUBLE = 2n ** 53n;

const bitLength = (value: bigint): number => value.toString(2).length;

/** Longest text accepted: bounds the work that a stranger's number can cause. */
const MAX_DIGITS = 512;

export class Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  static readonly ZERO = new Rational(0n, 1n);
  static readonly ONE = new Rational(1n, 1n);

  /** `numerator / denominator` in lowest terms; a zero denominator is refused. */
  static of(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
    for (const part of [numerator, denominator]) {
      // Beyond 2^53 a number may already be another than was meant: bigints carry those.
      check(
        typeof part === 'bigint' || Number.isSafeInteger(part),
        'INVALID_PARAMETER',
        'not an integer',
      );
    }
    const [n, d] = [BigInt(numerator), BigInt(denominator)];
    check(d !== 0n, 'INVALID_PARAMETER', 'zero denominator');
    const sign = d < 0n ? -1n : 1n;
    const divisor = gcd(n, d < 0n ? -d : d);
    return new Rational((sign * n) / divisor, (sign * d) / divisor);
  }

  /** Reads `n/d` in lowest terms. */
  static parse(text: string): Rational {
    check(
      text.length <= MAX_DIGITS && /^(?:0|-?[1-9][0-9]*)\/[1-9][0-9]*$/.test(text),
      'INVALID_PARAMETER',
      'not a fraction',
    );
    const [n, d] = text.split('/') as [string, string];
    const value = Rational.of(BigInt(n), BigInt(d));
    check(value.toString() === text, 'INVALID_PARAMETER', 'fraction not in lowest terms');
    return value;
  }

  /** Reads a plain decimal such as `5.6` or `-3` exactly. No exponent, no locale. */
  static parseDecimal(text: string): Rational {
    const match = /^(-?)(\d{1,64})(?:\.(\d{1,64}))?$/.exec(text);
    check(match !== null, 'INVALID_PARAMETER', 'not a decimal');
    const [, sign, whole, fraction = ''] = match;
    const value = Rational.of(BigInt(`${whole ?? ''}${fraction}`), 10n ** BigInt(fraction.length));
    return sign === '-' ? value.negate() : value;
  }

  plus(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Rational): Rational {
    return this.plus(other.negate());
  }

  times(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** Refuses division by zero. */
  dividedBy(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  negate(): Rational {
    return new Rational(-this.numerator, this.denominator);
  }

  /** Negative, zero or positive, as for Array.prototype.sort. */
  compare(other: Rational): -1 | 0 | 1 {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  atMost(other: Rational): boolean {
    return this.compare(other) <= 0;
  }

  equals(other: Rational): boolean {
    return this.compare(other) === 0;
  }

  isZero(): boolean {
    return this.numerator === 0n;
  }

  /** -1, 0 or 1. */
  sign(): -1 | 0 | 1 {
    return this.numerator < 0n ? -1 : this.numerator > 0n ? 1 : 0;
  }

  floor(): bigint {
    const quotient = this.numerator / this.denominator;
    return this.numerator < 0n && quotient * this.denominator !== this.numerator
      ? quotient - 1n
      : quotient;
  }

  ceil(): bigint {
    return -this.negate().floor();
  }

  /** The smallest multiple of 1/`denominator` that is not below this. */
  roundUpTo(denominator: bigint): Rational {
    return Rational.of(this.times(Rational.of(denominator)).ceil(), denominator);
  }

  /** A decimal that is not below this, with `digits` places after the point; for reading only. */
  toDecimalUp(digits: number): string {
    const scale = 10n ** BigInt(digits);
    const scaled = this.times(Rational.of(scale)).ceil();
    const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
    const point = text.length - digits;
    const body = digits === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}`;
    return scaled < 0n ? `-${body}` : body;
  }

  /** The nearest double; for display and statistics, never for a charge. */
  toNumber(): number {
    const magnitude = this.numerator < 0n ? -this.numerator : this.numerator;
    // Two exact doubles: IEEE 754 division rounds once.
    if (magnitude < EXACT_DOUBLE && this.denominator < EXACT_DOUBLE) {
      return Number(this.numerator) / Number(this.denominator);
    }
    // Otherwise 64 or more bits of the quotient, the lowest one sticky, so that Number() rounds once too.
    const shift = 66 - bitLength(magnitude) + bitLength(this.denominator);
    const [n, d] =
      shift >= 0
        ? [magnitude << BigInt(shift), this.denominator]
        : [magnitude, this.denominator << BigInt(-shift)];
    const quotient = n / d;
    const sticky = quotient * d === n ? quotient : quotient | 1n;
    // In two steps: 2^-shift alone may be outside the range of a double.
    const half = Math.trunc(shift / 2);
    return this.sign() * (Number(sticky) * 2 ** -half) * 2 ** (half - shift);
  }

  toString(): string {
    return `${this.numerator}/${this.denominator}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
