/**
 * Against R: survfit, survdiff and rmean on the survival sets, as computed with survival 3.5-3 or
 * printed in its own test outputs (shared data, absent in a clone: skipped). The grid is the time
 * unit of the data.
 */
import { ok, strictEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { type Curve, survivalOf } from '../../../src/analysis/measure/survival.ts';
import { sharedData } from '../../support/shared-data.ts';
import { exitCounts, quiet, type Row, sharedCsv, unitGrid } from '../tables.ts';

type Km = {
  group: string;
  n: number;
  median: number | null;
  median_ci95_log: (number | null)[];
  times: number[];
  at_risk: number[];
  survival: number[];
  std_err: (number | null)[];
  ci95_log_lower: (number | null)[];
  ci95_log_upper: (number | null)[];
};
type LogRank = { groups: string[]; n: number[]; chisq: number; df: number; p: number };
type Results = Record<string, Record<string, unknown>>;

const file = sharedData('reference-results-r-computed.json');
const results =
  file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Results);

const near = (actual: number, expected: number, what: string, relative = 1e-9): void =>
  ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected) + 1e-15,
    `${what}: ${actual}, R has ${expected}`,
  );

type Case = {
  set: string;
  csv: string;
  km: string;
  logRank?: string;
  unit?: number;
  group?: string;
  time: string;
  event: (row: Record<string, string>) => boolean;
};

const CASES: Case[] = [
  {
    set: 'lung',
    csv: 'r_survival_lung',
    km: 'km_all',
    time: 'time',
    event: (r) => r.status === '2',
  },
  {
    set: 'lung',
    csv: 'r_survival_lung',
    km: 'km_sex',
    logRank: 'logrank_sex',
    group: 'sex',
    time: 'time',
    event: (r) => r.status === '2',
  },
  {
    set: 'veteran',
    csv: 'r_survival_veteran',
    km: 'km_trt',
    logRank: 'logrank_trt',
    group: 'trt',
    time: 'time',
    event: (r) => r.status === '1',
  },
  {
    set: 'veteran',
    csv: 'r_survival_veteran',
    km: 'km_celltype',
    logRank: 'logrank_celltype',
    group: 'celltype',
    time: 'time',
    event: (r) => r.status === '1',
  },
  {
    set: 'ovarian',
    csv: 'r_survival_ovarian',
    km: 'km_rx',
    logRank: 'logrank_rx',
    group: 'rx',
    time: 'futime',
    event: (r) => r.fustat === '1',
  },
  { set: 'GBSG2', csv: 'thdata_GBSG2', km: 'km_all', time: 'time', event: (r) => r.cens === '1' },
  {
    set: 'GBSG2',
    csv: 'thdata_GBSG2',
    km: 'km_horTh',
    logRank: 'logrank_horTh',
    group: 'horTh',
    time: 'time',
    event: (r) => r.cens === '1',
  },
  {
    set: 'myeloid',
    csv: 'r_survival_myeloid',
    km: 'km_trt',
    logRank: 'logrank_trt',
    group: 'trt',
    time: 'futime',
    event: (r) => r.death === '1',
  },
  {
    set: 'retinopathy',
    csv: '../diabetes/r_survival_retinopathy',
    km: 'km_trt',
    logRank: 'logrank_trt',
    group: 'trt',
    time: 'futime',
    event: (r) => r.status === '1',
    unit: 100,
  },
];

/** Times are counted in whole units, so that no bound of an interval is a rounded number. */
function read(c: Case, groups: readonly string[]): { rows: Row[]; grid: number[] } | undefined {
  const unit = c.unit ?? 1;
  const rows = sharedCsv(`survival/${c.csv}.csv`)
    ?.filter((row) => row[c.time] !== '')
    .map((row) => ({
      time: Math.round(Number(row[c.time]) * unit),
      event: c.event(row),
      arm: c.group === undefined ? 0 : groups.indexOf(row[c.group] ?? ''),
    }));
  return rows && { rows, grid: unitGrid(Math.max(...rows.map(({ time }) => time))) };
}

function checkCurve(curve: Curve, km: Km, unit: number): void {
  strictEqual(curve.count, km.n);
  const day = (time: number | null): number | null =>
    time === null ? null : Math.round(time * unit * 2) / 2;
  strictEqual(curve.median.value, day(km.median), 'median');
  strictEqual(
    curve.median.interval[0],
    day(km.median_ci95_log[0] ?? null),
    'lower limit of the median',
  );
  strictEqual(
    curve.median.interval[1],
    day(km.median_ci95_log[1] ?? null),
    'upper limit of the median',
  );
  km.times.forEach((time, i) => {
    const point = curve.points[Math.round(time * unit) - 1]!;
    const where = `${km.group} at ${time}`;
    strictEqual(point.atRisk, km.at_risk[i], where);
    near(point.survival, km.survival[i]!, where);
    if (km.std_err[i] === null) return;
    near(point.interval[0], km.ci95_log_lower[i]!, `${where}, lower`, 1e-7);
    near(point.interval[1], km.ci95_log_upper[i]!, `${where}, upper`, 1e-7);
  });
}

describe.skipIf(results === undefined)('R, survival 3.5-3', () => {
  for (const c of CASES) {
    test(`${c.set} ${c.km}`, () => {
      const expected = results?.[c.set]?.[c.km] as Km[];
      const { rows, grid } = read(
        c,
        expected.map(({ group }) => group),
      )!;
      const arms = expected.length;
      const { curves, tests } = survivalOf(quiet(exitCounts(rows, grid, arms)), grid, arms);
      expected.forEach((km, arm) => checkCurve(curves[arm]!, km, c.unit ?? 1));
      strictEqual(tests.length, arms > 1 ? 2 : 0);
      if (c.logRank === undefined) return;
      const reference = results?.[c.set]?.[c.logRank] as LogRank;
      for (const found of tests) {
        near(found.chi2, reference.chisq, `${found.name} chi2`);
        strictEqual(found.df, reference.df);
        near(found.p, reference.p, `${found.name} p`, 1e-7);
      }
    });
  }
});

type Published = { id: string; expected: Record<string, number[] & number> };
const published = sharedData('reference-results.json');

describe.skipIf(published === undefined)('as printed upstream', () => {
  const expected = (id: string): Published['expected'] => {
    const { results: all } = JSON.parse(readFileSync(published!, 'utf8')) as {
      results: Published[];
    };
    return all.find((result) => result.id === id)!.expected;
  };

  test('lung: restricted means to day 730 by ph.ecog, with standard errors', () => {
    const { groups, rmean, se } = expected('lung-rmst730');
    const grid = unitGrid(730);
    const rows = sharedCsv('survival/r_survival_lung.csv')!;
    groups!.forEach((group, i) => {
      const arm = rows
        .filter((row) => row['ph.ecog'] === String(group))
        .map((row) => ({ time: Number(row.time), event: row.status === '2' }));
      const { rmst } = survivalOf(quiet(exitCounts(arm, grid)), grid, 1).curves[0]!;
      strictEqual(Math.round(rmst.value), rmean![i]);
      const error = (rmst.interval[1] - rmst.value) / 1.959964;
      ok(Math.abs(error - se![i]!) <= 0.051, `${error} for ${se![i]}`);
    });
  });

  test('rossi: log-rank by race', () => {
    const { chisq, p } = expected('rossi-logrank-race');
    const rows = sharedCsv('survival/sksurv_rossi.csv')!.map((row) => ({
      time: Number(row.week),
      event: row.arrest === '1',
      arm: Number(row.race),
    }));
    const grid = unitGrid(52);
    const found = survivalOf(quiet(exitCounts(rows, grid, 2)), grid, 2).tests[1]!;
    near(found.chi2, chisq!, 'chi2', 1e-7);
    near(found.p, p!, 'p', 1e-7);
  });

  test('ovarian: the whole curve, standard errors and limits to three places', () => {
    const { time, n_risk: atRisk, survival, lower, upper } = expected('ovarian-km');
    const rows = sharedCsv('survival/r_survival_ovarian.csv')!.map((row) => ({
      time: Number(row.futime),
      event: row.fustat === '1',
    }));
    const grid = unitGrid(700);
    const { points } = survivalOf(quiet(exitCounts(rows, grid)), grid, 1).curves[0]!;
    time!.forEach((day, i) => {
      const point = points[day - 1]!;
      strictEqual(point.atRisk, atRisk![i]);
      for (const [value, printed] of [
        [point.survival, survival![i]!],
        [point.interval[0], lower![i]!],
        [point.interval[1], upper![i]!],
      ] as const) {
        ok(Math.abs(value - printed) <= 5.001e-4, `day ${day}: ${value}, printed ${printed}`);
      }
    });
  });
});
