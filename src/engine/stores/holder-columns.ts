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
import type { Statements, Store } from './store.ts';

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
  async live(study: Digest, on: Statements = this.#store): Promise<KeptTable | undefined> {
    return (await this.tables(study, on)).find(({ state }) => state !== 'erased');
  }

  async tables(study?: Digest, on: Statements = this.#store): Promise<KeptTable[]> {
    const all = this.#store.db.selectFrom('column_table').selectAll();
    const rows = await on.all(study === undefined ? all : all.where('study', '=', study));
    return rows.map(({ id, blocks, list, ...row }) => ({
      ...row,
      table: id,
      blocks: Number(blocks),
      list: parseStrict(list),
    }));
  }

  /** Refuses with CONFLICT where the study has a table. */
  async keep({ table, study, blocks, list }: ColumnTable, epoch: Digest): Promise<void> {
    await this.#store.immediate(async (tx) => {
      check(
        (await this.live(study, tx)) === undefined,
        'CONFLICT',
        'the study has encrypted columns',
      );
      const text = canonicalJson(list);
      await tx.run(
        this.#store.db
          .insertInto('column_table')
          .values({ id: table, study, epoch, blocks, list: text, state: 'uploading' }),
      );
    });
  }

  async setState(table: Digest, state: ColumnTableState): Promise<void> {
    await this.#store.run(
      this.#store.db.updateTable('column_table').set({ state }).where('id', '=', table),
    );
  }

  async batches(table: Digest): Promise<BatchRecord[]> {
    return (
      await this.#store.all(
        this.#store.db
          .selectFrom('column_batch')
          .select(['number', 'digest', 'blob'])
          .where('table_id', '=', table)
          .orderBy('number'),
      )
    ).map(({ number, ...row }) => ({ ...row, number: Number(number) }));
  }

  async keepBatch(table: Digest, { number, digest, blob }: BatchRecord): Promise<void> {
    await this.#store.run(
      this.#store.db.insertInto('column_batch').values({ table_id: table, number, digest, blob }),
    );
  }

  async arrived(table: Digest, number: number): Promise<void> {
    await this.#store.run(
      this.#store.db
        .updateTable('column_batch')
        .set({ blob: null })
        .where('table_id', '=', table)
        .where('number', '=', number),
    );
  }
}
