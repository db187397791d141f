/** Encrypted columns against plain sums: negatives, extremes, nulls, and the sizes around a block. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { beforeAll, describe, test } from 'vitest';
import type { Row } from '../../../src/he/seal/encrypt-columns.ts';
import { combine } from '../../../src/he/seal/evaluate.ts';
import { checkExactly } from '../../../src/he/seal/open-result.ts';
import { blocksFor, ROWS_PER_BLOCK } from '../../../src/he/seal/parameters.ts';
import { plainSums } from '../../../src/he/seal/plain.ts';
import { type ColumnQuery, planColumns } from '../../../src/he/seal/plan.ts';
import type { Raw, Schema } from '../../../src/he/seal/schema.ts';
import { Lab } from './session.ts';

const LARGEST = 2 ** 31 - 1;

const schema: Schema = {
  smoker: { type: 'indicator' },
  sex: { type: 'category', domain: ['F', 'M'] },
  change: { type: 'integer', min: -1000, max: 1000, nullable: true },
  hba1c: { type: 'fixed', min: 3, max: 20, perUnit: 10 },
  visit: { type: 'date', min: '2015-01-01', max: '2025-12-31' },
  extreme: { type: 'integer', min: -LARGEST, max: LARGEST },
};

const QUERIES: readonly ColumnQuery[] = [
  { filter: 'smoker', measures: [{ kind: 'count' }, { kind: 'sum', of: 'extreme' }] },
  { groupBy: 'sex', measures: [{ kind: 'count' }, { kind: 'sum', of: 'change' }] },
  { filter: 'smoker', groupBy: 'sex', measures: [{ kind: 'count' }] },
  { filter: 'smoker', measures: [{ kind: 'count', of: 'change' }] },
  {
    measures: [
      { kind: 'sum', of: 'visit' },
      { kind: 'product', of: ['hba1c', 'change'] },
      { kind: 'product', of: ['change', 'change'] },
    ],
  },
];

const raw = (...special: Raw[]): fc.Arbitrary<Raw> => fc.constantFrom<Raw>(...special, null);
const values = fc.record({
  smoker: fc.boolean(),
  sex: raw('F', 'M', 'X', ''),
  change: fc.oneof(raw(-1000, 1000, -5000, NaN, Infinity, 0.5), fc.integer({ min: -9, max: 9 })),
  hba1c: fc.oneof(raw(3, 20, 99, -1, '7'), fc.double({ min: 3, max: 20 })),
  visit: raw('2015-01-01', '2025-12-31', '1900-01-01', '2020-02-30', 'soon'),
  extreme: fc.oneof(raw(LARGEST, -LARGEST, 1e300), fc.integer()),
});
const rowsOf = (all: readonly Record<string, Raw>[]): Row[] =>
  all.map((row, i) => ({ person: `p${i}`, values: row }));

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});

test('any rows: every query is the plain sum', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 40 }), (all) => {
      const rows = rowsOf(all);
      const store = lab.upload(schema, rows);
      for (const query of QUERIES) {
        const plan = planColumns(schema, query, blocksFor(rows.length));
        const sums = lab.open(schema, plan, lab.evaluate(plan, store));
        deepStrictEqual(sums, plainSums(plan, schema, rows));
        checkExactly(plan, schema, rows, sums);
      }
    }),
    { numRuns: 2 },
  );
});

describe('sizes around a block', () => {
  const small: Schema = { on: { type: 'indicator' }, x: { type: 'integer', min: -50, max: 50 } };
  const query: ColumnQuery = {
    filter: 'on',
    measures: [{ kind: 'count' }, { kind: 'sum', of: 'x' }],
  };
  for (const [rows, blocks] of [
    [0, 1],
    [1, 1],
    [ROWS_PER_BLOCK, 1],
    [ROWS_PER_BLOCK + 1, 2],
  ] as const) {
    test(`${rows} rows are ${blocks} blocks`, () => {
      equal(blocksFor(rows), blocks);
      const all = Array.from({ length: rows }, (_, i) => ({ on: i % 3 !== 1, x: (i % 101) - 50 }));
      const expected = all.filter(({ on }) => on);
      deepStrictEqual(lab.ask(small, rowsOf(all), query), [
        BigInt(expected.length),
        BigInt(expected.reduce((sum, { x }) => sum + x, 0)),
      ]);
    });
  }

  test('blocks shared out between workers give the same', () => {
    const all = Array.from({ length: 2 * ROWS_PER_BLOCK + 5 }, (_, i) => ({
      on: i % 2 === 0,
      x: 7,
    }));
    const store = lab.upload(small, rowsOf(all));
    const plan = planColumns(small, query, 3);
    const parts = [lab.partials(plan, store, [2, 0]), lab.partials(plan, store, [1])];
    const results = plan.cells.map((_, i) =>
      combine(
        lab.session,
        lab.codec,
        parts.map((part) => part[i]!),
      ),
    );
    const people = BigInt(ROWS_PER_BLOCK + 3);
    deepStrictEqual(lab.open(small, plan, results), [people, 7n * people]);
  });
});
