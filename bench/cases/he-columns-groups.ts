/**
 * Count and sum for each of 20 groups of an encrypted category: the sandbox's part, over worker threads as
 * the service does it, and in one thread. Size: rows.
 */
import { deepStrictEqual } from 'node:assert/strict';
import type { ColumnQuery } from '../../src/he/seal/plan.ts';
import { defineCase } from '../case.ts';
import { type ColumnWorkers, columnWorkers } from './he-column-workers.ts';
import {
  encryptedTable,
  type EncryptedTable,
  evaluate,
  GROUPS,
  open,
  plainSum,
} from './he-column-table.ts';

type Input = { readonly table: EncryptedTable; readonly workers: ColumnWorkers };

const QUERY: ColumnQuery = {
  groupBy: 'hospital',
  measures: [{ kind: 'count' }, { kind: 'sum', of: 'cost' }],
};

export default defineCase<Input>({
  name: 'he/columns-groups',
  timed:
    "The sandbox's part of a count and a sum in 20 groups, from stored payloads to the result. Size: rows.",
  sizes: [100_000, 1_000_000],
  unit: 's',
  setup: async (rows) => {
    const table = await encryptedTable(rows, ['hospital', 'cost']);
    return { table, workers: await columnWorkers(table) };
  },
  check: async ({ table, workers }) => {
    const groups = Array.from({ length: GROUPS }, (_, g) => g);
    const expected = [
      ...groups.map((g) => BigInt(Math.ceil((table.rows - g) / GROUPS))),
      0n,
      ...groups.map((g) => plainSum(table.rows, (i) => i % GROUPS === g)),
      0n,
    ];
    deepStrictEqual(open(table, QUERY, evaluate(table, QUERY)), expected);
    deepStrictEqual(open(table, QUERY, await workers.sums(QUERY)), expected);
  },
  contenders: {
    'worker threads': ({ workers }) => workers.sums(QUERY),
    'one thread': ({ table }) => evaluate(table, QUERY),
  },
  teardown: async ({ table, workers }) => {
    await workers.close();
    table.session[Symbol.dispose]();
  },
});
