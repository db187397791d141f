/**
 * The tail of chi-square: tabled quantiles (Abramowitz, Stegun 1964, table 26.8), values computed
 * once at 30 digits as gammainc(df/2, x/2, ∞, regularized) with mpmath 1.3, and identities.
 */
import { ok, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { chiSquareTail } from '../../src/analysis/chi-square.ts';
import { refusal } from '../support/refusal.ts';

const near = (actual: number, expected: number, relative: number, what: string): void =>
  ok(Math.abs(actual - expected) <= relative * expected, `${what}: ${actual} for ${expected}`);

describe('upper tail', () => {
  test('table 26.8: the points of 5 % and 1 %', () => {
    for (const [x, df, p] of [
      [3.84146, 1, 0.05],
      [5.99147, 2, 0.05],
      [7.81473, 3, 0.05],
      [18.307, 10, 0.05],
      [6.6349, 1, 0.01],
      [9.21034, 2, 0.01],
      [23.2093, 10, 0.01],
    ] as const) {
      near(chiSquareTail(x, df), p, 2e-5, `chi2 ${x}, df ${df}`);
    }
  });
  test('30-digit values', () => {
    for (const [x, df, p] of [
      [16.79, 1, 4.1752751389197895402e-5],
      [1e-6, 1, 0.99920211557217787485],
      [0.5, 1, 0.47950012218695346232],
      [1.999, 1, 0.15740302285286283327],
      [2.001, 1, 0.15719546908037035608],
      [400, 1, 5.5072482372124673902e-89],
      [1400, 1, 2.101014516264217495e-306],
      [25.4037003457854, 3, 1.2712459390060680066e-5],
      [25.4037003457854, 5, 1.1642250819964362896e-4],
      [40, 10, 1.6944743930067383904e-5],
      [130, 99, 0.019988030104357243143],
      [700, 100, 8.6582308613238544976e-91],
      [1e-3, 7, 0.99999999999975979509],
      [2.5, 9, 0.98088349140281342868],
    ] as const) {
      near(chiSquareTail(x, df), p, 1e-13, `chi2 ${x}, df ${df}`);
    }
  });
  test('falls in x, rises in df, and joins itself at y = 1 and at two degrees is e^(−x/2)', () => {
    for (const df of [1, 2, 3, 4, 7, 30]) {
      let last = 1;
      for (let x = 0; x < 60; x += 0.05) {
        const p = chiSquareTail(x, df);
        ok(p <= last + 4e-16 && p >= 0 && p <= chiSquareTail(x, df + 2) + 4e-16);
        last = p;
      }
    }
    for (const x of [0.1, 3, 50]) near(chiSquareTail(x, 2), Math.exp(-x / 2), 1e-14, `${x}`);
  });
  test('ends and refusals', () => {
    strictEqual(chiSquareTail(0, 1), 1);
    strictEqual(chiSquareTail(-1, 3), 1);
    strictEqual(chiSquareTail(Infinity, 3), 0);
    strictEqual(chiSquareTail(1e300, 1), 0);
    for (const df of [0, -1, 1.5, 101, Number.NaN]) {
      throws(() => chiSquareTail(1, df), refusal('INVALID_PARAMETER'));
    }
    throws(() => chiSquareTail(Number.NaN, 1), refusal('INVALID_PARAMETER'));
  });
});
