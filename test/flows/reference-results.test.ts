/**
 * Every measure through the whole flow without noise, on published cohorts split between two
 * holders, against what R 4.2.2 (survival 3.5-3) computed from the same files. Runs where the
 * files are at hand; what holds without them is in measures.test.ts.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { divided, near, numbered, read, released } from '../support/reference-flow.ts';
import { sharedData } from '../support/shared-data.ts';

const DESCRIPTIVE = sharedData('reference-results-descriptive-r-computed.json');
const SURVIVAL = sharedData('reference-results-r-computed.json');
const GLYHB = sharedData('diabetes/faraway_diabetes_glyhb.csv');

describe.skipIf(DESCRIPTIVE === undefined || GLYHB === undefined)('Vanderbilt, by location', () => {
  type Summary = { n: number; sum: number; mean: number; var: number };
  const cohort: Record<string, Json> = {
    person: 'id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: { lu: 300, jp: 300 },
    nulls: ['', 'NA'],
    columns: {
      glyhb: { type: 'number', min: 2, max: 17, step: '1/100', unit: '%', analyte: 'hba1c' },
      chol: { type: 'integer', min: 0, max: 500, unit: 'mg/dL', analyte: 'cholesterol' },
      'stab.glu': { type: 'integer', min: 0, max: 500, unit: 'mg/dL', analyte: 'glucose' },
      location: { type: 'category', domain: ['Buckingham', 'Louisa'] },
      gender: { type: 'category', domain: ['female', 'male'] },
    },
  };
  test('means, sums, variances, proportions and histograms are those of R', async () => {
    const reference = JSON.parse(read(DESCRIPTIVE)) as {
      vanderbilt: {
        desc: Record<string, Summary>;
        'glyhb_ge_6.5_by_location': { counts: number[][] };
      };
    };
    const { desc } = reference.vanderbilt;
    const columns = ['glyhb', 'chol', 'stab.glu'];
    const { cells } = await released(
      divided(read(GLYHB), (line) => line.includes('"Buckingham"')),
      cohort,
      {
        groupBy: ['holder'],
        measures: [
          ...columns.flatMap((column) => [
            { name: `mean ${column}`, mean: column },
            { name: `sum ${column}`, sum: column },
            { name: `var ${column}`, variance: column },
          ]),
          { name: 'diabetic', proportion: { column: 'glyhb', ge: 6.5 } },
          { name: 'bins', histogram: { column: 'chol', bins: [0, 200, 240, 501] } },
        ],
      },
    );
    const cell = (measure: string, group: Record<string, string> = {}) =>
      cells.find((c) => c.measure === measure && JSON.stringify(c.group) === JSON.stringify(group));
    for (const column of columns) {
      // R read eight decimals of HbA1c; a hundredth is what the study keeps.
      const within = column === 'glyhb' ? 1e-8 : 1e-12;
      const summary = desc[column]!;
      near(cell(`mean ${column}`)?.value, summary.mean, within);
      near(cell(`mean ${column}`)?.count, summary.n);
      near(cell(`sum ${column}`)?.value, summary.sum, within);
      near(cell(`var ${column}`)?.value, summary.var, within * 10);
    }
    const [buckingham = [], louisa = []] = reference.vanderbilt['glyhb_ge_6.5_by_location'].counts;
    const rate = ([no = 0, yes = 0]: number[]): number => yes / (yes + no);
    near(cell('diabetic', { holder: 'lu' })?.value, rate(buckingham));
    near(cell('diabetic', { holder: 'jp' })?.value, rate(louisa));
    deepStrictEqual(cell('diabetic')?.count, 390);
    const text = read(GLYHB).split('\n').slice(1);
    const chol = text.map((line) => line.split(',')[1]).filter((v) => v !== '' && v !== 'NA');
    const below = chol.filter((value) => Number(value) < 200).length;
    deepStrictEqual(cell('bins', { chol: '[0,200)' })?.value, below);
    deepStrictEqual(cell('bins', { chol: '[240,501)' })?.unit, '1');
  });
});

describe.skipIf(SURVIVAL === undefined)('survival sets of R', () => {
  type Km = {
    group: string;
    n: number;
    median: number | null;
    median_ci95_log: (number | null)[];
    times: number[];
    at_risk: number[];
    survival: number[];
  };
  const sets = JSON.parse(SURVIVAL === undefined ? '{}' : read(SURVIVAL)) as Record<
    string,
    Record<string, unknown>
  >;
  const days = (last: number): number[] => Array.from({ length: last + 1 }, (_, i) => i);
  const cases = [
    {
      name: 'veteran',
      file: 'survival/r_survival_veteran.csv',
      arm: { trt: { type: 'category', domain: ['1', '2'] } },
      event: { column: 'status', eq: 1 },
      km: 'km_trt',
      last: 999,
    },
    {
      name: 'lung',
      file: 'survival/r_survival_lung.csv',
      arm: { sex: { type: 'category', domain: ['1', '2'] } },
      event: { column: 'status', eq: 2 },
      km: 'km_sex',
      last: 1022,
    },
  ] as const;
  test.each(cases)('$name: curves, medians and log-rank', async ({ name, file, arm, ...rest }) => {
    const set = sets[name]!;
    const [armColumn = ''] = Object.keys(arm);
    const { curves, tests } = await released(
      divided(numbered(read(sharedData(file))), (_, i) => i % 2 === 0),
      {
        person: 'id',
        rowsPerPerson: 1,
        cellsPerPerson: 1,
        declaredSize: { lu: 200, jp: 200 },
        nulls: ['', 'NA'],
        columns: {
          time: { type: 'integer', min: 0, max: 5000, unit: 'd' },
          status: { type: 'integer', min: 0, max: 2 },
          ...arm,
        },
      },
      {
        measures: [
          {
            name: 'os',
            survival: { time: 'time', event: rest.event, arm: armColumn, grid: days(rest.last) },
          },
        ],
      },
    );
    for (const km of set[rest.km] as Km[]) {
      const curve = curves.find(({ group }) => group[armColumn] === km.group)!;
      deepStrictEqual(curve.count, km.n);
      deepStrictEqual(curve.median?.value, km.median);
      km.times.forEach((time, i) => {
        const point = curve.points.find((p) => p.time === time)!;
        near(point.survival, km.survival[i]!, 1e-12);
        near(point.atRisk, km.at_risk[i]!);
      });
    }
    const ranked = Object.entries(set).filter(([key]) => /log.?rank/.test(key));
    const expected = ranked.map(([, value]) => value as { chisq: number; df: number; p: number });
    const found = tests.find((t) => t.name === 'log-rank')!;
    const match = expected.find((e) => Math.abs(e.chisq - found.chi2) < 1e-9 * e.chisq);
    ok(match !== undefined, `${found.chi2} is in ${JSON.stringify(ranked)}`);
    near(found.p, match.p, 1e-9);
    deepStrictEqual(found.df, match.df);
  });
});
