/**
 * What a holder remembers of its encrypted columns: one table a study, and the batches of it until
 * they have arrived at the sandbox.
 * @module
 */
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { ColumnTable } from '../../flows/columns/table.ts';
import type { BatchRecord, BatchRecords } from '../columns/spool.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

/** `uploading` until the sandbox has the signed manifest; `retired` after a result was refused. */
export type ColumnTableState = 'uploading' | 'ready' | 'retired' | 'erased';

export type HolderColumnTables = {
  column_table: {
    id: Digest;
    study: Digest;
    epoch: Digest;
    blocks: StoredInteger;
    list: string;
    state: ColumnTableState;
  };
  column_batch: { table_id: Digest; number: StoredInteger; digest: Digest; blob: Digest | null };
};

export const HOLDER_COLUMN_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-columns/1',
    sql: `CREATE TABLE column_table (
      id TEXT PRIMARY KEY, study TEXT NOT NULL, epoch TEXT NOT NULL, blocks INTEGER NOT NULL,
      list TEXT NOT NULL, state TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX column_table_live ON column_table (study) WHERE state <> 'erased';
    CREATE TABLE column_batch (
      table_id TEXT NOT NULL REFERENCES column_table (id), number INTEGER NOT NULL,
      digest TEXT NOT NULL, blob TEXT, PRIMARY KEY (table_id, number)
    ) STRICT`,
  },
];

export type KeptTable = ColumnTable & {
  readonly epoch: Digest;
  readonly state: ColumnTableState;
};

export class HolderColumns implements BatchRecords {
  readonly #store: Store<HolderColumnTables>;

  constructor(store: Store<HolderColumnTables>) {
    this.#store = store;
  }

  /** The table of a study that was not erased. */
  live(study: Digest): KeptTable | undefined {
    return this.tables(study).find(({ state }) => state !== 'erased');
  }

  tables(study?: Digest): KeptTable[] {
    const all = this.#store.db.selectFrom('column_table').selectAll();
    const rows = this.#store.all(study === undefined ? all : all.where('study', '=', study));
    return rows.map(({ id, blocks, list, ...row }) => ({
      ...row,
      table: id,
      blocks: Number(blocks),
      list: parseStrict(list),
    }));
  }

  /** Refuses with CONFLICT where the study has a table. */
  keep({ table, study, blocks, list }: ColumnTable, epoch: Digest): void {
    this.#store.immediate((tx) => {
      check(this.live(study) === undefined, 'CONFLICT', 'the study has encrypted columns');
      const text = canonicalJson(list);
      tx.run(
        this.#store.db
          .insertInto('column_table')
          .values({ id: table, study, epoch, blocks, list: text, state: 'uploading' }),
      );
    });
  }

  setState(table: Digest, state: ColumnTableState): void {
    this.#store.run(
      this.#store.db.updateTable('column_table').set({ state }).where('id', '=', table),
    );
  }

  batches(table: Digest): BatchRecord[] {
    return this.#store
      .all(
        this.#store.db
          .selectFrom('column_batch')
          .select(['number', 'digest', 'blob'])
          .where('table_id', '=', table)
          .orderBy('number'),
      )
      .map(({ number, ...row }) => ({ ...row, number: Number(number) }));
  }

  keepBatch(table: Digest, { number, digest, blob }: BatchRecord): void {
    this.#store.run(
      this.#store.db.insertInto('column_batch').values({ table_id: table, number, digest, blob }),
    );
  }

  arrived(table: Digest, number: number): void {
    this.#store.run(
      this.#store.db
        .updateTable('column_batch')
        .set({ blob: null })
        .where('table_id', '=', table)
        .where('number', '=', number),
    );
  }
}
