/** Numbers for readers: thousands apart by commas, a real minus sign. JSON has them as they are. @module */
import { Rational } from '../base/rational.ts';

const FORMAT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export const numberText = (value: number): string => FORMAT.format(value).replace('-', '−');

/** Rounded outwards. */
export const intervalText = ([low, high]: readonly [number, number]): string =>
  `${numberText(Math.floor(low))} to ${numberText(Math.ceil(high))}`;

/** An exact amount with a decimal beside it where it is not a whole number: `1/200 (0.005)`. */
export function amountText(fraction: string): string {
  const value = Rational.parse(fraction);
  if (value.denominator === 1n) return value.numerator.toString();
  return `${fraction} (${String(Number(value.toNumber().toPrecision(3)))})`;
}
