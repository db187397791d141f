/**
 * Count and sum for each of 20 groups of an encrypted category: the sandbox's part, in one thread.
 * Size: rows. Blocks share out between threads without a common state (he/seal/evaluate.ts).
 */
import { deepStrictEqual } from 'node:assert/strict';
import type { ColumnQuery } from '../../src/he/seal/plan.ts';
import { defineCase } from '../case.ts';
import { encryptedTable, evaluate, GROUPS, open, plainSum } from './he-column-table.ts';

const QUERY: ColumnQuery = {
  groupBy: 'hospital',
  measures: [{ kind: 'count' }, { kind: 'sum', of: 'cost' }],
};

export default defineCase({
  name: 'he/columns-groups',
  timed:
    "The sandbox's part of a count and a sum in 20 groups, from stored payloads to the result. Size: rows.",
  sizes: [100_000, 1_000_000],
  unit: 's',
  setup: (rows) => encryptedTable(rows, ['hospital', 'cost']),
  check: (table) => {
    const groups = Array.from({ length: GROUPS }, (_, g) => g);
    deepStrictEqual(open(table, QUERY, evaluate(table, QUERY)), [
      ...groups.map((g) => BigInt(Math.ceil((table.rows - g) / GROUPS))),
      0n,
      ...groups.map((g) => plainSum(table.rows, (i) => i % GROUPS === g)),
      0n,
    ]);
  },
  contenders: { ours: (table) => evaluate(table, QUERY) },
  teardown: ({ session }) => {
    session[Symbol.dispose]();
  },
});
