/**
 * The upper tail of the chi-square law with a whole number of degrees of freedom: a p-value.
 *
 * With y = x / 2 (Abramowitz, Stegun 1964, 26.4.4 and 26.4.5), all terms positive:
 *     even df   e^−y·(1 + y + y²/2! + ... + y^(df/2 − 1) / (df/2 − 1)!)
 *     odd df    erfc √y + e^−y·√(y/π)·(1/(1/2) + y/((1/2)(3/2)) + ...), (df − 1)/2 terms.
 * erfc √y is 1 − erf √y by its series (7.1.6) for y < 1 and e^−y times the continued fraction
 * of the scaled function (7.1.14) above: the exponent is y itself, never a rounded square.
 * Error 1e-13 relative for p above 1e-300; test/analysis/chi-square.test.ts.
 * @module
 */
import { check } from '../base/errors.ts';
import { exp } from './elementary.ts';

const ROOT_PI = 1.772453850905516;
/** More is not a test that anybody reads, and the terms stay far from the largest double. */
const LARGEST_DF = 100;
/** Enough terms for 1e-16 at y = 1; both converge faster away from it. */
const FRACTION_DEPTH = 160;
const SERIES_TERMS = 30;

/** erf √y for y < 1: 2/√π·e^−y·√y·(1 + 2y/3 + (2y)²/(3·5) + ...). */
function errorFunction(y: number): number {
  let sum = 1;
  for (let n = SERIES_TERMS; n >= 1; n--) sum = 1 + (sum * 2 * y) / (2 * n + 1);
  return (2 / ROOT_PI) * exp(-y) * Math.sqrt(y) * sum;
}

/** e^y·erfc √y for y ≥ 1. */
function scaledError(y: number): number {
  const root = Math.sqrt(y);
  let fraction = root;
  for (let n = FRACTION_DEPTH; n >= 1; n--) fraction = root + n / 2 / fraction;
  return 1 / (ROOT_PI * fraction);
}

/** P(X ≥ x) for X chi-square with `df` degrees of freedom. */
export function chiSquareTail(x: number, df: number): number {
  const whole = Number.isSafeInteger(df) && df > 0 && df <= LARGEST_DF;
  check(whole, 'INVALID_PARAMETER', 'degrees of freedom');
  check(!Number.isNaN(x), 'INVALID_PARAMETER', 'a statistic that is not a number');
  if (x <= 0) return 1;
  const y = x / 2;
  // Twice the half: e^−y leaves the range of doubles before its product with the series does.
  const half = exp(-y / 2);
  if (half === 0) return 0;
  const odd = df % 2 === 1;
  let term = odd ? (2 * Math.sqrt(y)) / ROOT_PI : 1;
  let series = 0;
  for (let j = odd ? 1 : 0; j < Math.ceil(df / 2); j++) {
    series += term;
    term *= y / (odd ? j + 0.5 : j + 1);
  }
  if (!odd) return Math.min(1, half * series * half);
  if (y < 1) return Math.min(1, 1 - errorFunction(y) + half * series * half);
  return Math.min(1, half * (series + scaledError(y)) * half);
}
