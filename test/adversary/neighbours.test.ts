/**
 * Rulings, test 4, inside one process: a cohort and the same cohort without one odd person differ
 * in noised cells only. Everything else that anybody but the holder sees is equal: the plan, the
 * price, the kinds, order and sizes of all messages, the shape of the release.
 */
import { deepStrictEqual, notDeepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { ReleaseBody } from '../../src/flows/pooled/release.ts';
import { ExactNoise } from '../support/exact-noise.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const BASE = ['patient_id,sex,age', 'p1,F,34', 'p2,M,61', 'p3,F,70'];
const OTHER = ['patient_id,sex,age', 'q1,F,45', 'q2,M,50'].join('\n');

const ODD: Record<string, readonly string[]> = {
  'a number that is none': ['odd,F,NaN'],
  'a code outside the domain': ['odd,diverse,40'],
  'a thousand rows': Array.from({ length: 1000 }, (_, i) => `odd,M,${i % 110}`),
  'no identifier': [',F,50'],
  'a very long value': [`odd,${'F'.repeat(5000)},40`],
  'quotes and semicolons': ['odd,"F\'; DROP TABLE rows; --",40'],
  'only spaces': ['odd,   ,   '],
};

type Query = Record<string, Json>;

type Seen = {
  readonly frames: readonly (readonly [string, string, string, number, number])[];
  readonly states: readonly string[];
  readonly shape: unknown;
  readonly cells: readonly (number | null)[];
};

const COUNTS: Query = { groupBy: ['sex', { column: 'age', bins: [0, 50, 111] }], rho: '1/10' };
/** Every other measure, over one row of a person. */
const MEASURES: Query = {
  per: { pick: 'mean', by: 'age' },
  groupBy: ['holder'],
  measures: [
    { name: 'mean', mean: 'age' },
    { name: 'sum', sum: 'age' },
    { name: 'variance', variance: 'age' },
    { name: 'women', proportion: { column: 'sex', eq: 'F' } },
    { name: 'ages', histogram: { column: 'age', bins: [0, 50, 111] } },
    {
      name: 'survival',
      survival: { time: 'age', event: { column: 'sex', eq: 'F' }, grid: [0, 40, 80] },
    },
  ],
  rho: '1/10',
};

const OLD: Json = { column: 'age', ge: 50 };
const WOMEN: Json = { column: 'sex', eq: 'F' };
/** The measures of tables, trees and models. */
const TABLES: Query = {
  per: { pick: 'any' },
  groupBy: ['holder'],
  measures: [
    { name: 'median', quantiles: { column: 'age', at: [0.5] } },
    { name: 'below', distribution: { column: 'age', at: [50] } },
    { name: 'table', table: { rows: 'sex', columns: { name: 'old', when: OLD } } },
    {
      name: 'standard',
      standardised: { proportion: WOMEN, age: 'age', population: 'esp-2013', ages: [40, 60] },
    },
    { name: 'trend', trend: { by: { column: 'age', bins: [0, 40, 80, 111] } } },
    {
      name: 'incidence',
      incidence: {
        time: 'age',
        causes: [
          { name: 'f', when: WOMEN },
          { name: 'm', when: { column: 'sex', eq: 'M' } },
        ],
        grid: [0, 40, 80],
      },
    },
    { name: 'linear', linear: { outcome: 'age', on: [{ name: 'f', when: WOMEN }] } },
    { name: 'logistic', logistic: { outcome: OLD, on: ['sex'] } },
    { name: 'hazards', hazards: { time: 'age', event: OLD, on: ['sex'], grid: [0, 40, 80] } },
  ],
  rho: '1/10',
};

/** All that leaves the holders, with cells and ciphertexts reduced to their shape. */
async function observe(extra: readonly string[], query: Query = COUNTS): Promise<Seen> {
  using lab = await PooledLab.open({ lu: [...BASE, ...extra].join('\n'), jp: OTHER });
  const { body } = await lab.release(query, ExactNoise);
  const frames = lab.network.transcript.map(
    ({ from, to, kind, sequence, body: bytes }) =>
      [from, to, kind, sequence, bytes.length] as const,
  );
  const ordered = [...frames].sort((a, b) => (a.join() < b.join() ? -1 : 1));
  return {
    frames: ordered,
    states: lab.states,
    shape: shapeOf(body),
    cells: body.cells.map((c) => c.value),
  };
}

const observed = new Map<Query, Promise<Seen>>();
/** The cohort that is the same for every odd person, seen once for each query. */
function observeWithout(query: Query = COUNTS): Promise<Seen> {
  const seen = observed.get(query) ?? observe([], query);
  observed.set(query, seen);
  return seen;
}

/** What is not a noised number or made of one: the noise of a mean is, of a count it is not. */
const shapeOf = (body: ReleaseBody): unknown => ({
  ...body,
  cells: body.cells.map(({ group, measure, unit, noise, count, value }) => ({
    ...{ group, measure, unit, counted: count !== undefined },
    // Of a proportion of a period the noise follows from its counts, though none stands beside it.
    ...(count === undefined && Number.isInteger(value) && { noise }),
  })),
  incidences: body.incidences.map(({ group, measure, cause, unit, points }) => ({
    ...{ group, measure, cause, unit, times: points.map(({ time }) => time) },
  })),
  estimates: body.estimates.map(({ group, measure, name, unit }) => [group, measure, name, unit]),
  curves: body.curves.map(({ group, measure, unit, points }) => ({
    ...{ group, measure, unit, times: points.map(({ time }) => time) },
  })),
  tests: body.tests.map(({ group, measure, name }) => ({ group, measure, name })),
});

describe('one odd person more or less', () => {
  for (const [name, rows] of Object.entries(ODD)) {
    test(name, async () => {
      const [without, with_] = [await observeWithout(), await observe(rows)];
      deepStrictEqual({ ...with_, cells: [] }, { ...without, cells: [] });
    });
  }

  for (const name of ['a number that is none', 'a thousand rows', 'only spaces']) {
    test(`${name}, every measure`, async () => {
      const [without, with_] = [
        await observeWithout(MEASURES),
        await observe(ODD[name] ?? [], MEASURES),
      ];
      deepStrictEqual({ ...with_, cells: [] }, { ...without, cells: [] });
    });
    test(`${name}, tables, trees and models`, async () => {
      const [without, with_] = [
        await observeWithout(TABLES),
        await observe(ODD[name] ?? [], TABLES),
      ];
      deepStrictEqual({ ...with_, cells: [] }, { ...without, cells: [] });
    });
  }

  test('control: the cells do differ', async () => {
    notDeepStrictEqual((await observe(['odd,F,20'])).cells, (await observeWithout()).cells);
  });
});
