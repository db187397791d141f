/**
 * rho of every measure against what one person can do, by brute force: for neighbouring cohorts,
 * which differ in one person with all their rows, the charge of a block is at least
 * Σ Δ_i²/2σ_i² over its values (Canonne, Kamath, Steinke 2020), and some person attains it.
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Rational } from '../../src/base/rational.ts';
import { blockOffset } from '../../src/analysis/block-layout.ts';
import { componentsOf } from '../../src/cohort/blocks.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { smoothMoves } from '../../src/cohort/movements.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import { parseCohortSection } from '../../src/cohort/schema.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { twinRows, twinValues } from '../engine/duckdb/twin.ts';

type Bounds = { readonly rows: number; readonly cells: number };

const sectionOf = ({ rows, cells }: Bounds) =>
  parseCohortSection(
    {
      person: 'id',
      rowsPerPerson: rows,
      cellsPerPerson: cells,
      declaredSize: { lu: 100, jp: 100 },
      nulls: [''],
      columns: {
        arm: { type: 'category', domain: ['a', 'b'] },
        x: { type: 'integer', min: -2, max: 5, unit: 'a' },
        died: { type: 'integer', min: 0, max: 1 },
        on: { type: 'date', min: '2020-01-01', max: '2020-12-31' },
      },
    },
    ['lu', 'jp'],
  );

const planOf = (bounds: Bounds, query: Record<string, Json>): Plan =>
  compileQuery(
    {
      study: 'ab'.repeat(32),
      holders: ['lu', 'jp'],
      honestHolders: 1,
      cohort: sectionOf(bounds),
      operations: [...OPERATIONS],
      minimumCell: 0,
    },
    { format: 'kakehashi/query/1', rho: '1/7', ...query },
  );

type Row = { readonly arm: string; readonly x: string; readonly died: string; readonly on: string };

const ROWS: Row[] = ['a', 'b', ''].flatMap((arm) =>
  ['-2', '1', '2', '5', '', '9'].flatMap((x) =>
    ['0', '1'].map((died, i) => ({ arm, x, died, on: `2020-0${i + 1}-01` })),
  ),
);

/** Persons with one row each, the same row many times, and rows drawn by a counter. */
const PERSONS: Row[][] = [
  ...ROWS.map((row) => [row]),
  ...ROWS.map((row) => Array.from({ length: 4 }, () => row)),
  ...Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 1 + (i % 5) }, (_, j) => ROWS[(i * 31 + j * j * 17 + j) % ROWS.length]!),
  ),
];
const OTHERS: Row[][] = [[ROWS[0]!, ROWS[5]!], [ROWS[7]!]];

const text = (rows: readonly Row[], id: string) => rows.map((row) => ({ id, ...row }));

/** How each person moves the vector. */
function movedBy(plan: Plan, bounds: Bounds): bigint[][] {
  const section = sectionOf(bounds);
  const base = OTHERS.flatMap((rows, i) => text(rows, `other ${i}`));
  const without = twinValues(plan, twinRows(section, base));
  return PERSONS.map((person) => {
    const added = twinValues(plan, twinRows(section, [...base, ...text(person, 'one')]));
    return added.map((value, i) => BigInt(value - without[i]!));
  });
}

/** The largest Σ Δ²/2σ² of each block over all persons. */
function losses(plan: Plan, bounds: Bounds): Rational[] {
  let worst = plan.blocks.map(() => Rational.ZERO);
  for (const moved of movedBy(plan, bounds)) {
    worst = plan.blocks.map((block, b) => {
      let [loss, at] = [Rational.ZERO, blockOffset(plan, b)];
      for (const { components, variance } of block.runs) {
        const part = moved.slice(at, at + components * plan.cells);
        const squares = part.reduce((sum, delta) => sum + delta * delta, 0n);
        loss = loss.plus(Rational.of(squares).dividedBy(variance.times(Rational.of(2))));
        at += components * plan.cells;
      }
      return worst[b]!.atMost(loss) ? loss : worst[b]!;
    });
  }
  return worst;
}

/** The largest Σ |s|/σ² and the largest Σ s²/σ² of a whole plan over all persons. */
function smoothest(plan: Plan, bounds: Bounds): { slope: number; muSquared: number } {
  const variances = plan.blocks.flatMap(({ runs }) =>
    runs.flatMap(({ components, variance }) =>
      Array.from({ length: components * plan.cells }, () => variance.toNumber()),
    ),
  );
  const most = (of: (shift: number) => number): number =>
    Math.max(
      ...movedBy(plan, bounds).map((moved) =>
        moved.reduce((sum, shift, i) => sum + of(Number(shift)) / variances[i]!, 0),
      ),
    );
  return { slope: most(Math.abs), muSquared: most((shift) => shift * shift) };
}

/** Not the condition of the group, which a group of its own would fix. */
const DIED: Json = { column: 'on', ge: '2020-02-01' };
const LATE: Json = { column: 'on', ge: '2020-02-01' };
const MEASURES: Record<string, Json[]> = {
  count: [{ name: 'm', count: true }],
  mean: [{ name: 'm', mean: 'x' }],
  'mean, sum and variance share their sums': [
    { name: 'm', mean: 'x' },
    { name: 's', sum: 'x' },
    { name: 'v', variance: 'x' },
  ],
  proportion: [{ name: 'm', proportion: { column: 'died', eq: 1 } }],
  histogram: [{ name: 'm', histogram: { column: 'x', bins: [-2, 0, 2, 6] } }],
  quantiles: [{ name: 'm', quantiles: 'x' }],
  'quantiles and distribution share their tree': [
    { name: 'q', quantiles: { column: 'x', at: [0.5], resolution: 2 } },
    { name: 'd', distribution: { column: 'x', at: [-1, 3], resolution: 2 } },
  ],
  table: [
    {
      name: 'm',
      table: { rows: { column: 'x', bins: [-2, 2, 6] }, columns: { name: 'd', when: DIED } },
    },
  ],
  standardised: [
    { name: 'm', standardised: { proportion: DIED, age: 'x', population: 'esp-2013' } },
  ],
  trend: [{ name: 'm', trend: { by: { column: 'x', bins: [-2, 2, 6] }, of: DIED } }],
  linear: [{ name: 'm', linear: { outcome: 'x', on: ['died', { name: 'late', when: LATE }] } }],
  logistic: [{ name: 'm', logistic: { outcome: DIED, on: ['arm'] } }],
  'count and mean': [
    { name: 'n', count: true },
    { name: 'm', mean: 'x' },
  ],
};
/** One row of a person. */
const EXITS: Json[] = [
  {
    name: 'm',
    incidence: {
      time: 'x',
      causes: [
        { name: 'death', when: 'died' },
        { name: 'late', when: LATE },
      ],
      arm: 'arm',
      grid: [-2, 0, 2, 4],
    },
  },
  { name: 'h', hazards: { time: 'x', event: 'died', on: ['arm'], grid: [-2, 0, 2, 4] } },
];
const SURVIVAL: Json[] = [
  { name: 'm', survival: { time: 'x', event: 'died', arm: 'arm', grid: [-2, 0, 2, 4] } },
];

describe('no person moves a block by more than it is charged, and one moves it by as much', () => {
  const bounds: Bounds[] = [
    { rows: 1, cells: 1 },
    { rows: 3, cells: 1 },
    { rows: 3, cells: 3 },
  ];
  for (const [name, measures] of Object.entries(MEASURES)) {
    test.each(bounds)(`${name}, %j`, (own) => {
      for (const groupBy of [[], ['died']] as Json[][]) {
        const plan = planOf(own, { measures, groupBy });
        deepStrictEqual(
          losses(plan, own).map(String),
          plan.blocks.map(({ rho }) => rho.toString()),
        );
        const total = plan.blocks.reduce((sum, { rho }) => sum.plus(rho), Rational.ZERO);
        deepStrictEqual(total.toString(), plan.rho.toString());
      }
    });
  }
  test('survival, and every measure with one row of a person', () => {
    const own = { rows: 4, cells: 4 };
    for (const per of [
      { pick: 'latest', by: 'on' },
      { pick: 'mean', by: 'x' },
      { pick: 'any' },
    ] as Json[]) {
      for (const measures of [SURVIVAL, EXITS, ...Object.values(MEASURES)]) {
        const plan = planOf(own, { measures, per });
        deepStrictEqual([plan.rowsPerPerson, plan.cellsPerPerson], [1, 1]);
        deepStrictEqual(
          losses(plan, own).map(String),
          plan.blocks.map(({ rho }) => rho.toString()),
        );
      }
    }
  });
  test('nor by more than the bounds of a smooth view, of one share of noise', () => {
    const own = { rows: 3, cells: 3 };
    const near: string[] = [];
    for (const [name, measures] of Object.entries(MEASURES)) {
      const plan = planOf(own, { measures, groupBy: ['died'] });
      const [bound, found] = [smoothMoves(plan)!, smoothest(plan, own)];
      ok(found.slope <= bound.slope * (1 + 1e-12), `${name}: ${found.slope} > ${bound.slope}`);
      ok(found.muSquared <= bound.muSquared * (1 + 1e-12), name);
      if (found.slope > bound.slope * (1 - 1e-12)) near.push(name);
    }
    // Bounds that are reached: a count's, a tree's.
    for (const name of ['count', 'histogram', 'quantiles']) ok(near.includes(name), name);
  });
  test('control: charged for one row, a person with three exceeds it', () => {
    const [wide, narrow] = [
      { rows: 3, cells: 3 },
      { rows: 1, cells: 1 },
    ];
    const charged = planOf(narrow, { measures: MEASURES['mean']! });
    const run = { ...planOf(wide, { measures: MEASURES['mean']! }), blocks: charged.blocks };
    const [loss] = losses(run, wide);
    ok(!loss!.atMost(charged.rho));
  });
  test('control: a heavier third sum would be paid for', () => {
    const own = { rows: 1, cells: 1 };
    const plan = planOf(own, { measures: MEASURES['mean']! });
    const [block] = plan.blocks;
    const [sums, products] = block!.runs;
    const half = { ...products!, variance: products!.variance.dividedBy(Rational.of(3)) };
    const cheaper = { ...plan, blocks: [{ ...block!, runs: [sums!, half] }] };
    ok(!losses(cheaper, own)[0]!.atMost(plan.rho));
  });
});

test('measures that read the same sums share a block, and its charge', () => {
  const plan = planOf(
    { rows: 1, cells: 1 },
    {
      measures: [
        ...MEASURES['mean, sum and variance share their sums']!,
        ...MEASURES['proportion']!.map((m) => ({ ...(m as object), name: 'p' })),
      ],
    },
  );
  deepStrictEqual(
    plan.blocks.map(({ content, rho }) => [content.kind, componentsOf(content), rho.toString()]),
    [
      ['moments', 3, '3/28'],
      ['tally', 2, '1/28'],
    ],
  );
  deepStrictEqual(
    plan.measures.map(({ block }) => block),
    [0, 0, 0, 1],
  );
  deepStrictEqual(plan.values, 5);
});
