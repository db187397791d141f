/**
 * A number of a file as a count of the study's steps, exactly: u = (x·v + y) / z of the value v,
 * with integers x, y, z. What is stored is u rounded half away from zero (parse-sql.ts).
 * @module
 */
import { Rational } from '../../base/rational.ts';
import { type Conversion, converted, inverse } from '../../cohort/conversion.ts';
import type { PlanColumn } from '../../cohort/plan.ts';

export type NumberColumn = Extract<PlanColumn, { readonly type: 'integer' | 'number' }>;

export type Counting = { readonly x: bigint; readonly y: bigint; readonly z: bigint };

const MOST_PLACES = 30;
const TWO = Rational.of(2);

/** u of v as a conversion: into the unit of the study, then into steps. */
const inSteps = (step: Rational, { slope, offset }: Conversion): Conversion => ({
  slope: slope.dividedBy(step),
  offset: offset.dividedBy(step),
});

export function counting(step: Rational, rule: Conversion): Counting {
  const { slope, offset } = inSteps(step, rule);
  // The least common denominator of both.
  const z = slope.denominator * Rational.of(slope.denominator, offset.denominator).denominator;
  const whole = (value: Rational): bigint => value.times(Rational.of(z)).floor();
  return { x: whole(slope), y: whole(offset), z };
}

/** Decimal places of `value`, undefined where it has no end. */
function decimalPlaces(value: Rational): number | undefined {
  for (let places = 0; places <= MOST_PLACES; places += 1) {
    if (value.times(Rational.of(10n ** BigInt(places))).denominator === 1n) return places;
  }
  return undefined;
}

/**
 * Decimal places of every v at which the stored count jumps: where u = (2c+1)/2, that is at odd
 * multiples of 1/(2·slope), shifted by offset/slope. Undefined where some of them have no end.
 */
export function jumpPlaces(step: Rational, rule: Conversion): number | undefined {
  const { slope, offset } = inSteps(step, rule);
  const between = decimalPlaces(Rational.ONE.dividedBy(slope.times(TWO)));
  const shift = decimalPlaces(offset.dividedBy(slope));
  return between === undefined || shift === undefined ? undefined : Math.max(between, shift);
}

/** No value of larger magnitude in a file is inside the bounds of the column. */
export function largestRead({ min, max, step }: NumberColumn, rule: Conversion): bigint {
  const back = inverse(inSteps(step, rule));
  const half = Rational.of(1, 2);
  const ends = [Rational.of(min).minus(half), Rational.of(max).plus(half)]
    .map((steps) => converted(back, steps))
    .map((value) => (value.sign() < 0 ? value.negate() : value).ceil());
  return ends.reduce((a, b) => (a > b ? a : b));
}
