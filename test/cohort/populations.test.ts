/**
 * The standard populations against what is known of them without the tables: their published totals,
 * and for the smoothed Japanese one the two lines it was drawn on. A mistyped digit breaks one of these.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { bandWeights, BAND_YEARS, OLDEST_BAND, POPULATIONS } from '../../src/cohort/populations.ts';

const STARTS = Array.from({ length: OLDEST_BAND / BAND_YEARS + 1 }, (_, i) => i * BAND_YEARS);
/** Per 100,000; in 1/1000 of a per cent; in thousands. */
const TOTALS = { 'esp-2013': 100_000, 'who-2000': 100_035, 'japan-2015': 125_319 };

/** Whole units of the published table. */
const people = (population: (typeof POPULATIONS)[number]): number[] =>
  bandWeights(population, STARTS).map((weight) => weight * TOTALS[population]);

describe('standard populations', () => {
  for (const population of POPULATIONS) {
    test(`${population} has the published total: every band is a whole number of it`, () => {
      for (const own of people(population)) ok(Math.abs(own - Math.round(own)) < 1e-6, `${own}`);
      const sum = people(population).reduce((total, own) => total + own, 0);
      ok(Math.abs(sum - TOTALS[population]) < 1e-6);
    });
  }

  test('japan-2015 lies on two lines, to the rounding to thousands', () => {
    const own = people('japan-2015').map(Math.round);
    const steps = own.slice(1).map((value, i) => value - (own[i] ?? 0));
    // 0 to 64 years: 342.4 thousand a band.
    deepStrictEqual([...new Set(steps.slice(0, 12))].sort(), [342, 343]);
    // 70 to 94 years.
    deepStrictEqual(new Set(steps.slice(14, 18)), new Set([-1586]));
  });

  test('esp-2013 by the wide bands that reports print', () => {
    const wide = bandWeights('esp-2013', [0, 15, 25, 45, 65, 75, 85]);
    const shares = [16, 11.5, 26.5, 26.5, 10.5, 6.5, 2.5];
    wide.forEach((weight, i) => ok(Math.abs(weight * 100 - (shares[i] ?? 0)) < 1e-9, `${i}`));
  });
});
