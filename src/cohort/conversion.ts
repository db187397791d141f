/**
 * A linear conversion between two units, exact: converted = x · slope + offset, slope above zero.
 * No double is involved; where it is rounded, the count of steps is (engine/duckdb/parse-sql.ts).
 * @module
 */
import { Rational } from '../base/rational.ts';
import { decimalText } from './decimal.ts';

export type Conversion = { readonly slope: Rational; readonly offset: Rational };

export const IDENTITY: Conversion = { slope: Rational.ONE, offset: Rational.ZERO };

export const converted = ({ slope, offset }: Conversion, x: Rational): Rational =>
  x.times(slope).plus(offset);

export const inverse = ({ slope, offset }: Conversion): Conversion => ({
  slope: Rational.ONE.dividedBy(slope),
  offset: offset.negate().dividedBy(slope),
});

/** `first`, then `second`. */
export const chained = (first: Conversion, second: Conversion): Conversion => ({
  slope: first.slope.times(second.slope),
  offset: converted(second, first.offset),
});

export const isIdentity = ({ slope, offset }: Conversion): boolean =>
  slope.equals(Rational.ONE) && offset.isZero();

const isEndless = (value: Rational): boolean => decimalText(value).includes('/');

/** `· 0.09148`, or `÷ 18.0156` where only that ends as a decimal; nothing for a slope of one. */
function slopeWords(slope: Rational): string {
  if (slope.equals(Rational.ONE)) return '';
  const divisor = Rational.ONE.dividedBy(slope);
  return isEndless(slope) && !isEndless(divisor)
    ? ` ÷ ${decimalText(divisor)}`
    : ` · ${decimalText(slope)}`;
}

function offsetWords(offset: Rational): string {
  if (offset.isZero()) return '';
  return offset.sign() < 0 ? ` − ${decimalText(offset.negate())}` : ` + ${decimalText(offset)}`;
}

/** The rule as a person would write it: `x · 0.09148 + 2.152`, or `(x − 32) ÷ 1.8`. */
export function conversionWords({ slope, offset }: Conversion): string {
  const before = offset.dividedBy(slope);
  return isEndless(offset) && !isEndless(before)
    ? `(x${offsetWords(before)})${slopeWords(slope)}`
    : `x${slopeWords(slope)}${offsetWords(offset)}`;
}
