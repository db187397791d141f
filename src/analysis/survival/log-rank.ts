/**
 * The log-rank test of equal survival in k arms, on noised tables.
 *
 * `log-rank`             U'V⁻U with U_a = Σ (d_a − D·n_a/N) and the hypergeometric covariance V
 *                        (Mantel 1966; Peto, Peto 1972; R's survdiff with rho = 0). It takes the
 *                        noised table for the data: p is too small where the noise matters.
 * `log-rank with noise`  the same U against V plus the covariance that the noise of the exits gives
 *                        U, by the delta method: the one to read.
 *
 * d are the events as noised, for their noise cancels in U; n, and the D in the covariances, come
 * from the fitted tables (risk-table.ts). Intervals in which the noise hides the pooled number at
 * risk have weight zero; they are chosen by numbers at risk alone. Degrees of freedom: the rank
 * of the covariance, which is the arms with expected events, less one. None: chi2 0, df 0, p 1.
 * @module
 */
import { chiSquareTail } from '../chi-square.ts';
import { Z95 } from '../score-set.ts';
import type { Test } from '../test-result.ts';
import { squaredDistance } from './linear-solve.ts';
import type { RiskTable } from './risk-table.ts';

type Matrix = number[][];

const square = (k: number): Matrix => Array.from({ length: k }, () => Array<number>(k).fill(0));
const sumOver = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);

/** matrix += weight·u·u'. */
function addOuter(matrix: Matrix, weight: number, u: readonly number[]): void {
  u.forEach((ua, a) => {
    const row = matrix[a] ?? [];
    u.forEach((ub, b) => (row[b] = (row[b] ?? 0) + weight * ua * ub));
  });
}

/** One interval, arms pooled: shares of the risk set, events fitted and noised. */
type Stratum = {
  readonly pooled: number;
  readonly shares: readonly number[];
  readonly fitted: number;
  readonly noised: readonly number[];
};

/** Intervals with somebody at risk; `known`: with more at risk than the noise hides. */
function strata(tables: readonly RiskTable[], known: boolean): Stratum[] {
  const found: Stratum[] = [];
  const intervals = tables[0]?.atRisk.length ?? 0;
  for (let i = 0; i < intervals; i++) {
    const pooled = sumOver(tables, ({ atRisk }) => atRisk[i] ?? 0);
    const noise = sumOver(tables, ({ atRiskNoise }) => atRiskNoise[i] ?? 0);
    // The numbers at risk fall, so what is hidden stays hidden.
    if (!(pooled > (known ? Z95 * Math.sqrt(noise) : 0))) break;
    found.push({
      pooled,
      shares: tables.map(({ atRisk }) => (atRisk[i] ?? 0) / pooled),
      fitted: sumOver(tables, ({ events }) => events[i] ?? 0),
      noised: tables.map(({ noisedEvents }) => noisedEvents[i] ?? 0),
    });
  }
  return found;
}

/** Hypergeometric covariance of the events of the arms, given all events. */
function sampling(strata: readonly Stratum[], arms: number): Matrix {
  const matrix = square(arms);
  for (const { pooled, shares, fitted } of strata) {
    if (pooled <= 1) continue;
    const scale = (fitted * (pooled - fitted)) / (pooled - 1);
    addOuter(matrix, -scale, shares);
    shares.forEach((share, a) => {
      const row = matrix[a] ?? [];
      row[a] = (row[a] ?? 0) + scale * share;
    });
  }
  return matrix;
}

/** Covariance of U from the noise of the exits of every arm. */
function fromNoise(strata: readonly Stratum[], tables: readonly RiskTable[]): Matrix {
  const matrix = square(tables.length);
  tables.forEach(({ noise }, b) => {
    // What one more at risk in arm b, in all intervals so far, moves in U.
    const sum = tables.map(() => 0);
    strata.forEach(({ pooled, shares, fitted }, i) => {
      const direct = shares.map((share, a) => (a === b ? 1 : 0) - share);
      direct.forEach((d, a) => (sum[a] = (sum[a] ?? 0) - (fitted * d) / pooled));
      const own = noise[i] ?? { event: 0, censored: 0 };
      addOuter(
        matrix,
        own.event,
        direct.map((d, a) => d + (sum[a] ?? 0)),
      );
      addOuter(matrix, own.censored, sum);
    });
    const last = noise[strata.length - 1]?.later ?? 0;
    addOuter(matrix, last, sum);
  });
  return matrix;
}

/** Both tests of the arms; at least two. Arms with nobody at risk are not compared. */
export function logRank(arms: readonly RiskTable[]): Test[] {
  const tables = arms.filter(({ atRisk }) => (atRisk[0] ?? 0) > 0);
  const all = strata(tables, false);
  const known = strata(tables, true);
  const classical = sampling(known, tables.length);
  const noise = fromNoise(known, tables);
  const both = classical.map((row, a) => row.map((v, b) => v + (noise[a]?.[b] ?? 0)));
  return [
    testOf('log-rank with noise', scoreOf(known, tables.length), both),
    testOf('log-rank', scoreOf(all, tables.length), sampling(all, tables.length)),
  ];
}

/** U: events of each arm less its share of all. */
const scoreOf = (rows: readonly Stratum[], arms: number): number[] =>
  Array.from({ length: arms }, (_, a) =>
    sumOver(rows, ({ shares, noised }) => {
      const events = sumOver(noised, (d) => d);
      return (noised[a] ?? 0) - events * (shares[a] ?? 0);
    }),
  );

/** The scores sum to zero, so one arm is left out: the last. */
function testOf(name: Test['name'], score: readonly number[], covariance: Matrix): Test {
  const matrix = covariance.slice(0, -1).map((row) => row.slice(0, -1));
  const { square: chi2, rank: df } = squaredDistance(matrix, score.slice(0, -1));
  return { name, chi2, df, p: df > 0 ? chiSquareTail(chi2, df) : 1 };
}
