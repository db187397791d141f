/** Load and query in DuckDB equal the slow twin, over random cohorts of hostile text and random queries. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { parseCohortSection } from '../../../src/cohort/schema.ts';
import { csv } from './csv-text.ts';
import { load, planOf } from './loaded.ts';
import { type TextRow, twinValues, twinRows } from './twin.ts';

const HEADER = ['pid', 'sex "x"', 'age', 'hba1c', "vi'sit", 'seen', 'extra'];
const DOMAIN = ['F', 'M', "it's", 'é', 'a,b', '"q"', '女'];

const mixed = (...texts: readonly string[]) => fc.constantFrom('', 'NA', ' NA ', '?', ...texts);
const numberText = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -20, max: 400 }).map((n) => (n / 20).toString()) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) },
  fc.double({ min: -30, max: 30, noNaN: true }).map(String),
  mixed('NaN', 'inf', '1e999', '1e-999', '-0', '+5', '5.', '.5e1', '.', '-', 'e1', '1,5', '0x10'),
  mixed('1_000', '１２', '9'.repeat(40), `0.${'4'.repeat(60)}`, `5.04${'9'.repeat(40)}`, '5.05'),
  mixed('12.0', '12.5', '1.2e1', '  7 ', '\t8', '007', '1e+01', '9007199254740993', '-5.05'),
);
const row: fc.Arbitrary<TextRow> = fc.record({
  pid: fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('1', '2', '3', ' 3', '4', 'P-5', "'; DROP TABLE cohort;--"),
    },
    mixed('e\u0301', 'é', '1.0', '01'),
  ),
  'sex "x"': fc.oneof(
    fc.constantFrom(...DOMAIN),
    mixed('f', ' F ', 'X', 'e\u0301', 'F\nM', "F' OR 1=1"),
  ),
  age: numberText,
  hba1c: numberText,
  "vi'sit": mixed(
    '2015-01-01',
    '2020-02-29',
    '2021-02-29',
    '2020-1-1',
    '2014-12-31',
    '2020-05-05T10:00',
    '2020-05-05 10:00:01.5',
    '2020-05-05Z',
    'epoch',
    '-infinity',
    '9999-12-31',
  ),
  seen: fc.constantFrom('', '2020-02-29', '2020-06-01', '2019-01-01'),
  extra: fc.constantFrom('', 'x', 'a;b', 'line\nbreak', '"'),
});

const comparison: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ column: fc.constant('age'), ge: fc.integer({ min: 0, max: 110 }) }),
  fc.record({ column: fc.constant('hba1c'), lt: fc.integer({ min: -3, max: 20 }) }),
  fc.record({
    column: fc.constant('sex "x"'),
    in: fc.uniqueArray(fc.constantFrom(...DOMAIN), { minLength: 1 }),
  }),
  fc.record({ column: fc.constantFrom('age', 'sex "x"', "vi'sit"), isNull: fc.constant(true) }),
  fc.record({ column: fc.constant("vi'sit"), le: fc.constantFrom('2020-05-05', '2015-01-01') }),
);
const where = fc.oneof(
  comparison,
  fc.record({ not: comparison }),
  fc.record({
    all: fc.array(fc.oneof(comparison, fc.record({ not: comparison })), { maxLength: 3 }),
  }),
  fc.record({ any: fc.array(comparison, { minLength: 1, maxLength: 3 }) }),
);
const groupBy = fc.subarray<Json>([
  'sex "x"',
  { column: 'age', bins: [0, 1, 5, 12, 111] },
  { column: 'hba1c', bins: [-3, 0.5, 5, 5.5, 20] },
  { column: "vi'sit", bins: ['2015-01-01', '2020-05-05', '2020-05-06'] },
]);
const numeric = fc.constantFrom('age', 'hba1c');
/** One proportion at most: two may be the same condition in other words, which is refused. */
const measured: fc.Arbitrary<Json[]> = fc
  .record({
    plain: fc.subarray<Json>(
      [
        { count: true },
        { mean: 'age' },
        { mean: 'hba1c' },
        { sum: 'age' },
        { variance: 'hba1c' },
        { histogram: { column: 'age', bins: [0, 3, 9] } },
      ],
      { minLength: 1, maxLength: 3 },
    ),
    proportion: fc.option(where),
  })
  .map(({ plain, proportion }) => (proportion === null ? plain : [...plain, { proportion }]));
const exits = fc
  .record({ time: fc.constant('age'), event: comparison, grid: fc.constantFrom([0, 1], [1, 5, 7]) })
  .map((survival): Json => ({ survival }));
/** Measures of tables, trees and models: what is summed for them, not what is made of it. */
const old: Json = { column: 'age', ge: 50 };
const high: Json = { column: 'hba1c', ge: 7 };
const years = ['2015-01-01', '2016-01-01', '2021-01-01'];
const tables = fc.subarray<Json>(
  [
    { quantiles: 'age' },
    { distribution: { column: 'age', at: [15, 31], resolution: 16 } },
    { table: { rows: 'sex "x"', columns: { name: 'old', when: old } } },
    { trend: { by: { column: "vi'sit", bins: years }, of: old } },
    { standardised: { proportion: high, age: 'age', population: 'esp-2013' } },
    { linear: { outcome: 'hba1c', on: ['age', { name: 'old', when: old }] } },
    {
      logistic: {
        outcome: old,
        on: ['sex "x"', { column: 'hba1c', bins: [-3, 7, 20], linear: true }],
      },
    },
  ],
  { minLength: 1, maxLength: 3 },
);
const causes: Json = [
  { name: 'a', when: high },
  { name: 'b', when: { column: 'hba1c', ge: 5 } },
];
const exitTables = fc.constantFrom<Json>(
  { incidence: { time: 'age', causes, arm: 'sex "x"', grid: [0, 20, 60] } },
  { hazards: { time: 'age', event: high, on: ['sex "x"'], grid: [0, 20, 60] } },
);
const per: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ pick: fc.constantFrom('latest', 'first'), by: fc.constant("vi'sit") }),
  fc.record({ pick: fc.constantFrom('min', 'max', 'mean'), by: numeric }),
  fc.record({
    pick: fc.constant('any'),
    window: fc.constantFrom(
      { date: "vi'sit", index: 'seen', days: [0, 100_000] },
      { date: "vi'sit", index: 'seen', days: [-30, 0] },
    ),
  }),
);
const named = (measures: readonly Json[]): Json =>
  measures.map((measure, i) => ({ name: `m${i}`, ...(measure as object) }));
const grouped = fc.subarray<Json>([
  'sex "x"',
  { column: 'hba1c', bins: [-3, 0.5, 5, 5.5, 20] },
  { column: "vi'sit", bins: ['2015-01-01', '2020-05-05', '2020-05-06'] },
]);
const counted = fc.record({ where, groupBy }, { requiredKeys: ['groupBy'] });
const manyRows = fc.record(
  { where, groupBy: grouped, measures: measured.map(named) },
  { requiredKeys: ['groupBy', 'measures'] },
);
const oneRow = fc.record(
  {
    where,
    per,
    groupBy: grouped,
    measures: fc.tuple(measured, exits).map(([own, survival]) => named([...own, survival])),
  },
  { requiredKeys: ['groupBy', 'per', 'measures'] },
);
const tabled: fc.Arbitrary<Record<string, Json>> = fc.record(
  { where, measures: tables.map(named) },
  { requiredKeys: ['measures'] },
);
const exited: fc.Arbitrary<Record<string, Json>> = fc.record(
  {
    where,
    per,
    measures: fc.tuple(tables, exitTables).map(([own, exit]) => named([...own, exit])),
  },
  { requiredKeys: ['per', 'measures'] },
);
const query: fc.Arbitrary<Record<string, Json>> = fc.oneof(
  counted,
  manyRows,
  oneRow,
  tabled,
  exited,
);

const section = (rowsPerPerson: number, cellsPerPerson: number, step: string) =>
  parseCohortSection(
    {
      person: 'pid',
      rowsPerPerson,
      cellsPerPerson,
      declaredSize: { lu: 1000 },
      nulls: ['', 'NA', '?'],
      columns: {
        'sex "x"': { type: 'category', domain: DOMAIN },
        age: { type: 'integer', min: 0, max: 110, unit: 'a' },
        hba1c: { type: 'number', min: -3, max: 20, step },
        "vi'sit": { type: 'date', min: '2015-01-01', max: '2025-12-31' },
        seen: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
      },
    },
    ['lu'],
  );

const scenario = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 40 }),
  delimiter: fc.constantFrom(',', ';', '\t'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  rowsPerPerson: fc.constantFrom(1, 2, 3, 17),
  cellsPerPerson: fc.constantFrom(1, 2, 5),
  step: fc.constantFrom('1/10', '1/100', '1/2'),
  cut: fc.nat(40),
  queries: fc.array(query, { minLength: 3, maxLength: 6 }),
});

describe('a loaded cohort and its twin', () => {
  test('give the same cells', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (s) => {
        const cohort = section(
          s.rowsPerPerson,
          Math.min(s.cellsPerPerson, s.rowsPerPerson),
          s.step,
        );
        const text = (rows: readonly TextRow[]) =>
          (s.bom ? '\ufeff' : '') + csv(HEADER, rows, s.delimiter, s.lineEnd);
        const halves = [s.rows.slice(0, s.cut), s.rows.slice(s.cut)].filter((h) => h.length > 0);
        const loaded = await load(cohort, halves.map(text));
        const twin = twinRows(cohort, s.rows);
        deepStrictEqual(loaded.report.rows, twin.length);
        deepStrictEqual(loaded.report.people, new Set(twin.map(({ person }) => person)).size);
        for (const asked of s.queries) {
          const expected = twinValues(planOf(cohort, asked), twin);
          deepStrictEqual(await loaded.cells(asked), expected);
          seen += expected.filter((n) => n > 0).length;
        }
        deepStrictEqual(loaded.log, []);
      }),
      { numRuns: 12 },
    );
    ok(seen > 50, 'the cohorts were not empty');
  }, 120_000);
});
