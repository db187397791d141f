/** The numbering of cells against the slow twin: a row lands in the cell that bears its labels. */
import { deepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { pooledInOrder, slotsInOrder } from '../../src/cohort/cells.ts';
import { compile } from '../../src/cohort/compile.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { cellOf, referenceCells, referenceSlots } from '../support/reference-plan.ts';
import { AGES, ALL_ROWS, DAYS, labelOf, RATIOS, smallTerms, storedRow } from './where-twin.ts';

const binsOf = <T>(values: readonly T[], bins: readonly T[]): fc.Arbitrary<Json> =>
  fc
    .subarray([...bins], { minLength: 2 })
    .filter(() => values.length > 0)
    .map((edges) => edges as unknown as Json);

const axes: fc.Arbitrary<readonly Json[]> = fc
  .tuple(
    fc.constant<Json>('holder'),
    fc.constant<Json>('sex'),
    fc.oneof(
      fc.constant<Json>('age'),
      binsOf(AGES, [-1, 0, 1, 2, 3, 4, 5, 9]).map((bins): Json => ({ column: 'age', bins })),
    ),
    binsOf(RATIOS, [-0.5, -0.2, -0.1, 0, 0.1, 0.2]).map(
      (bins): Json => ({ column: 'ratio', bins }),
    ),
    binsOf(DAYS, [...DAYS, '1970-01-03']).map((bins): Json => ({ column: 'visit', bins })),
  )
  .chain((all) => fc.shuffledSubarray(all as Json[]));

const parsed = (groupBy: readonly Json[]) => {
  const query = parseQuery(
    { format: 'kakehashi/query/1', groupBy, measures: [{ name: 'n', count: true }], rho: '1/200' },
    smallTerms,
  );
  return { query, plan: compile(smallTerms, query) };
};

test('a row lands in the cell with its labels, for every row and table', () => {
  fc.assert(
    fc.property(axes, (groupBy) => {
      const { query, plan } = parsed(groupBy);
      const groups = new Map(pooledInOrder(plan, query.groupBy).map((c) => [c.index, c.group]));
      deepStrictEqual(groups.size, plan.cells);
      for (const row of ALL_ROWS) {
        const labels = query.groupBy
          .filter((name) => name !== 'holder')
          .map((name) => [name, labelOf(plan.dimensions.find((d) => d.column === name)!, row)]);
        deepStrictEqual(groups.get(cellOf(plan, storedRow(row))), Object.fromEntries(labels));
      }
    }),
    { numRuns: 40 },
  );
});

test('slots are a permutation, holders in blocks, and displayed as asked', () => {
  fc.assert(
    fc.property(axes, (groupBy) => {
      const { query, plan } = parsed(groupBy);
      const slots = slotsInOrder(plan, query.groupBy);
      deepStrictEqual(
        slots.map((cell) => cell.index).sort((a, b) => a - b),
        Array.from({ length: plan.slots }, (_, i) => i),
      );
      for (const { index, group } of slots) {
        deepStrictEqual(Object.keys(group), query.groupBy);
        if (plan.split) {
          deepStrictEqual(group.holder, plan.holders[Math.floor(index / plan.cells)]);
        }
      }
      // The last axis asked for changes fastest, its null cell comes last.
      const last = query.groupBy.at(-1);
      if (last !== undefined && last !== 'holder') {
        const { labels } = plan.dimensions.find((d) => d.column === last)!;
        deepStrictEqual(
          slots.slice(0, labels.length + 1).map((cell) => cell.group[last]),
          [...labels, null],
        );
      }
    }),
    { numRuns: 100 },
  );
});

test('the twin counts every row once, in the block of its holder', () => {
  const { plan } = parsed(['holder', 'sex']);
  const rows = ALL_ROWS.map((row, i) => storedRow(row, `p${i}`));
  const cells = referenceCells(plan, rows);
  deepStrictEqual(cells, [120n, 120n, 120n, 120n]);
  deepStrictEqual(referenceSlots(plan, 'jp', rows), [...cells, 0n, 0n, 0n, 0n]);
  deepStrictEqual(referenceSlots(plan, 'lu', rows), [0n, 0n, 0n, 0n, ...cells]);
  deepStrictEqual(referenceCells(plan, [storedRow(ALL_ROWS[0]!, null)]), [0n, 0n, 0n, 0n]);
});
