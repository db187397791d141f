/**
 * A contingency table of noised counts: chi-square tests, odds ratio and relative risk.
 *
 * chi-square             Pearson's statistic on the noised table against the product of its margins.
 *                        It takes the noised table for the data: p is too small where the noise
 *                        matters.
 * chi-square with noise  the same statistic against tables drawn under independence with the same
 *                        noise (Gaboardi, Lim, Rogers, Vadhan, ICML 2016, MCIndep): the one to read.
 *                        No test where a margin is within 2z standard deviations of its noise from
 *                        zero: the expected counts of the simulation would be noise.
 * odds ratio             of a table of two by two, ad/bc. Interval of its logarithm: Woolf's Σ 1/n
 *                        plus s²/n² for each count n with noise variance s².
 * relative risk          (a/(a + b))/(c/(c + d)): the risk of the first column in the first row over
 *                        that in the second (Katz et al. 1978), plus noise likewise.
 * Not told               where a count is within 2z standard deviations of its noise from zero: there
 *                        the noise bounds neither ratio.
 * @module
 */
import { chiSquareTail } from '../chi-square.ts';
import { exp, log } from '../elementary.ts';
import { type Ratio, undetermined } from '../named-estimate.ts';
import { Z95 } from '../score-set.ts';
import type { Test } from '../test-result.ts';
import { simulatedTail } from './independence.ts';
import { chiSquare, marginsOf, type Table } from './pearson.ts';

const CLEAR = 2 * Z95;

/** Whether the noise leaves every margin visible. */
function clearMargins(table: Table): boolean {
  const { row, column } = marginsOf(table);
  const visible = (margins: readonly number[], summed: number): boolean =>
    margins.every((margin) => margin > CLEAR * Math.sqrt(table.noise * summed));
  return visible(row, table.columns) && visible(column, table.rows);
}

/**
 * Both tests; chi2 0, df 0 and p 1 where a margin is hidden by its noise. `draws` tables are
 * simulated.
 */
export function independenceTests(table: Table, draws: number): Test[] {
  const df = (table.rows - 1) * (table.columns - 1);
  const chi2 = chiSquare(table);
  if (chi2 === undefined || df < 1 || !clearMargins(table)) {
    const none = { chi2: 0, df: 0, p: 1 };
    return [
      { name: 'chi-square with noise', ...none },
      { name: 'chi-square', ...none },
    ];
  }
  return [
    { name: 'chi-square with noise', chi2, df, p: simulatedTail(table, chi2, draws) },
    { name: 'chi-square', chi2, df, p: chiSquareTail(chi2, df) },
  ];
}

/** exp of an estimate with the variances of sampling and of noise, on the scale of logarithms. */
function ratioOf(name: string, logarithm: number, sampling: number, noise: number): Ratio {
  const half = (variance: number): number => Z95 * Math.sqrt(variance);
  const value = exp(logarithm);
  const full = half(sampling + noise);
  const variance = sampling + noise;
  return {
    name,
    value,
    interval: [exp(logarithm - full), exp(logarithm + full)],
    noise: exp(logarithm + half(noise)) - value,
    p: chiSquareTail((logarithm * logarithm) / variance, 1),
  };
}

/** Odds ratio and relative risk of a table of two by two; nothing of others. */
export function ratiosOf({ rows, columns, values, noise }: Table): Ratio[] {
  if (rows !== 2 || columns !== 2) return [];
  const [a = 0, b = 0, c = 0, d = 0] = values;
  const clear = values.every((value) => value > CLEAR * Math.sqrt(noise));
  if (!clear) return [undetermined('odds ratio'), undetermined('relative risk')];
  const odds = log(a) + log(d) - log(b) - log(c);
  const woolf = values.reduce((sum, value) => sum + 1 / value, 0);
  const oddsNoise = values.reduce((sum, value) => sum + noise / value / value, 0);
  const risk = log(a) - log(a + b) - (log(c) - log(c + d));
  const katz = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d);
  // d ln R / da = 1/a − 1/(a + b), d ln R / db = −1/(a + b), and likewise below.
  const slopes = [1 / a - 1 / (a + b), 1 / (a + b), 1 / c - 1 / (c + d), 1 / (c + d)];
  const riskNoise = slopes.reduce((sum, slope) => sum + noise * slope * slope, 0);
  return [
    ratioOf('odds ratio', odds, woolf, oddsNoise),
    ratioOf('relative risk', risk, katz, riskNoise),
  ];
}
