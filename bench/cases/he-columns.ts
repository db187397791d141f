/**
 * A sum under an encrypted indicator: the sandbox's part, from stored payloads to the result, in one
 * thread. Size: rows. Not in the timer: encryption at the holder and decryption. The peer uses the same
 * library as its examples do and relinearises every product.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { combine } from '../../src/he/seal/evaluate.ts';
import { Scope, type SealCiphertext } from '../../src/he/seal/library.ts';
import type { ColumnQuery } from '../../src/he/seal/plan.ts';
import { defineCase } from '../case.ts';
import {
  encryptedTable,
  type EncryptedTable,
  evaluate,
  open,
  plainSum,
} from './he-column-table.ts';

const QUERY: ColumnQuery = { filter: 'treated', measures: [{ kind: 'sum', of: 'cost' }] };

function relinearisingEach({ session, codec, key, store }: EncryptedTable): Uint8Array[] {
  using scope = new Scope();
  const { seal, context, evaluator } = session;
  const keys = scope.own(seal.RelinKeys());
  keys.loadArray(context, codec.toSeal('relinearisation', key.relinearisation));
  const fresh = (): SealCiphertext => scope.own(seal.CipherText());
  const [a, b, sum] = [fresh(), fresh(), fresh()];
  for (const [block, columns] of store.entries()) {
    a.loadArray(context, codec.toSeal('column', columns.get('treated') ?? new Uint8Array()));
    b.loadArray(context, codec.toSeal('column', columns.get('cost') ?? new Uint8Array()));
    evaluator.multiply(a, b, a);
    evaluator.relinearize(a, keys, a);
    if (block === 0) sum.copy(a);
    else evaluator.add(sum, a, sum);
  }
  return [combine(session, codec, [codec.fromSeal('partial', session.saved(sum))])];
}

export default defineCase({
  name: 'he/columns',
  timed:
    "The sandbox's part of a sum under an encrypted indicator, from stored payloads to the result. Size: rows.",
  sizes: [100_000, 1_000_000],
  unit: 's',
  setup: (rows) => encryptedTable(rows, ['treated', 'cost']),
  check: (table) => {
    const expected = [plainSum(table.rows, (i) => i % 2 === 0)];
    deepStrictEqual(open(table, QUERY, evaluate(table, QUERY)), expected);
    deepStrictEqual(open(table, QUERY, relinearisingEach(table)), expected);
  },
  contenders: {
    ours: (table) => evaluate(table, QUERY),
    'relinearising each product': relinearisingEach,
  },
  bytesPerItem: ({ rows, store }) =>
    store.reduce((sum, columns) => sum + 2 * (columns.get('cost')?.length ?? 0), 0) / rows,
  teardown: ({ session }) => {
    session[Symbol.dispose]();
  },
  gate: { contender: 'ours', against: 'relinearising each product', atLeast: 1.5 },
});
