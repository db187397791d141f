/** An encrypted table for the cases that compute on one, and the honest evaluation of a plan over it. */
import { systemRng } from '../../src/base/rng.ts';
import { BlobCodec } from '../../src/he/seal/blob.ts';
import { encryptColumns, type Row } from '../../src/he/seal/encrypt-columns.ts';
import { combine, Evaluation } from '../../src/he/seal/evaluate.ts';
import { generateHolderKey, type HolderKey } from '../../src/he/seal/holder-key.ts';
import { SealSession } from '../../src/he/seal/library.ts';
import { openResult } from '../../src/he/seal/open-result.ts';
import { blocksFor } from '../../src/he/seal/parameters.ts';
import { type ColumnPlan, type ColumnQuery, planColumns } from '../../src/he/seal/plan.ts';
import type { Schema } from '../../src/he/seal/schema.ts';

export const GROUPS = 20;

const COLUMNS = {
  treated: { type: 'indicator' },
  hospital: { type: 'category', domain: Array.from({ length: GROUPS }, (_, i) => `h${i}`) },
  cost: { type: 'integer', min: -1000, max: 1_000_000 },
} as const satisfies Schema;

/** Hospitals in turn, every second person treated: sums can be said without counting. */
export const costOf = (i: number): number => (i % 1000) - 500;

function* rowsOf(rows: number): Generator<Row> {
  for (let i = 0; i < rows; i += 1) {
    const values = { treated: i % 2 === 0, hospital: `h${i % GROUPS}`, cost: costOf(i) };
    yield { person: String(i), values };
  }
}

export type EncryptedTable = {
  readonly rows: number;
  readonly schema: Schema;
  readonly session: SealSession;
  readonly codec: BlobCodec;
  readonly key: HolderKey;
  readonly store: readonly ReadonlyMap<string, Uint8Array>[];
};

/** The table of `names`, encrypted. */
export async function encryptedTable(
  rows: number,
  names: readonly (keyof typeof COLUMNS)[],
): Promise<EncryptedTable> {
  const schema = Object.fromEntries(names.map((name) => [name, COLUMNS[name]]));
  const session = await SealSession.open();
  const codec = new BlobCodec(session);
  const key = generateHolderKey(session, codec, systemRng);
  const store = Array.from({ length: blocksFor(rows) }, () => new Map<string, Uint8Array>());
  for (const { block, column, blob } of encryptColumns(session, codec, key, schema, rowsOf(rows))) {
    store[block]?.set(column, blob);
  }
  return { rows, schema, session, codec, key, store };
}

export const planOf = ({ schema, store }: EncryptedTable, query: ColumnQuery): ColumnPlan =>
  planColumns(schema, query, store.length);

/** From stored payloads to result payloads, in one thread. */
export function evaluate(table: EncryptedTable, query: ColumnQuery): Uint8Array[] {
  const { session, codec, key, store } = table;
  using evaluation = new Evaluation(session, codec, planOf(table, query));
  for (const [block, columns] of store.entries()) evaluation.add(block, columns);
  const partials = evaluation.finish(key.relinearisation);
  return partials.map((partial) => combine(session, codec, [partial]));
}

export function open(
  table: EncryptedTable,
  query: ColumnQuery,
  results: readonly Uint8Array[],
): bigint[] {
  const { session, codec, key, schema } = table;
  return openResult(session, codec, key, schema, planOf(table, query), results);
}

/** The sum of costs of the people that are `chosen`. */
export function plainSum(rows: number, chosen: (i: number) => boolean): bigint {
  let sum = 0;
  for (let i = 0; i < rows; i += 1) if (chosen(i)) sum += costOf(i);
  return BigInt(sum);
}
