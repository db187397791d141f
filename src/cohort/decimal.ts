/** JSON numbers as the exact decimals they were written as, and back to text. @module */
import { Rational } from '../base/rational.ts';

/**
 * The decimal that a person meant by a JSON number: its shortest form that reads back as the
 * same double (ECMA-262 Number::toString), so 6.5 is 13/2 and 0.1 is 1/10.
 */
export function exactDecimal(value: number): Rational {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const power = Rational.of(10n ** BigInt(Math.abs(Number(exponent))));
  const significand = Rational.parseDecimal(mantissa);
  return exponent.startsWith('-') ? significand.dividedBy(power) : significand.times(power);
}

/** `5.6` where the value ends as a decimal, `n/d` where it does not. */
export function decimalText(value: Rational): string {
  let rest = value.denominator;
  let [twos, fives] = [0, 0];
  for (; rest % 2n === 0n; rest /= 2n) twos += 1;
  for (; rest % 5n === 0n; rest /= 5n) fives += 1;
  return rest === 1n ? value.toDecimalUp(Math.max(twos, fives)) : value.toString();
}
