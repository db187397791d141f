/** Numbers for readers: thousands apart by commas, a real minus sign. JSON has them as they are. @module */
import { Rational } from '../base/rational.ts';

const FORMAT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

const formatOf = (places: number): Intl.NumberFormat =>
  new Intl.NumberFormat('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
/** The most decimal places that a released value is shown with. */
const MOST_PLACES = 6;
const FORMATS = Array.from({ length: MOST_PLACES + 1 }, (_, places) => formatOf(places));

export const numberText = (value: number): string => FORMAT.format(value).replace('-', '−');

/** Decimal places that show two digits of a half width of the noise. */
export function placesFor(noise: number): number {
  let [places, scaled] = [0, noise];
  for (; places < MOST_PLACES && scaled < 10; places += 1) scaled *= 10;
  return places;
}

/** With exactly `places` decimal places, rounded to the nearest. */
export const decimalPlaces = (value: number, places: number): string =>
  (FORMATS[places] ?? FORMAT)
    .format(value)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '');

/** Rounded outwards to `places` decimal places. */
export function intervalText([low, high]: readonly [number, number], places = 0): string {
  const scale = 10 ** places;
  // A hair is let through: 0.3·10 is 3.0000000000000004.
  const down = Math.floor(low * scale + 1e-9) / scale;
  const up = Math.ceil(high * scale - 1e-9) / scale;
  return `${decimalPlaces(down, places)} to ${decimalPlaces(up, places)}`;
}

/** An exact amount with a decimal beside it where it is not a whole number: `1/200 (0.005)`. */
export function amountText(fraction: string): string {
  const value = Rational.parse(fraction);
  if (value.denominator === 1n) return value.numerator.toString();
  return `${fraction} (${String(Number(value.toNumber().toPrecision(3)))})`;
}
