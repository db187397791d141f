/** Encrypted columns at the sandbox: which ciphertext is which blob. Public facts only. @module */
import { canonicalJson, type Json, parseStrict } from '../../base/canonical-json.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Erased } from '../../flows/columns/manifest.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type SandboxTable = {
  readonly table: Digest;
  readonly study: Digest;
  readonly holder: string;
  readonly blocks: number;
  readonly list: Json;
  readonly relinearisation: Digest;
  /** The signed manifest, once everything is there. */
  readonly manifest: string | undefined;
  readonly erased: Erased | undefined;
};

export type Ciphertext = { readonly block: number; readonly column: string; readonly blob: Digest };

const erasedOf = (text: string | null): Erased | undefined =>
  text === null ? undefined : (parseStrict(text) as unknown as Erased);

export class SandboxColumnTables {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  /** Every table of a study, erased ones too. */
  async tables(study: Digest, on: Statements = this.#store): Promise<SandboxTable[]> {
    return (
      await on.all(this.#store.db.selectFrom('column_table').selectAll().where('study', '=', study))
    ).map(({ id, blocks, list, manifest, erased, ...row }) => ({
      ...row,
      table: id,
      blocks: Number(blocks),
      list: parseStrict(list),
      manifest: manifest ?? undefined,
      erased: erasedOf(erased),
    }));
  }

  /** Idempotent; refuses with CONFLICT where the holder has another table in the study. */
  async open(table: Omit<SandboxTable, 'manifest' | 'erased'>): Promise<void> {
    const { db } = this.#store;
    const { study, holder, blocks, relinearisation } = table;
    const list = canonicalJson(table.list);
    await this.#store.immediate(async (tx) => {
      const others = await this.tables(study, tx);
      const known = others.find((one) => one.table === table.table);
      if (known !== undefined) {
        const same =
          known.holder === holder &&
          known.blocks === blocks &&
          known.relinearisation === relinearisation &&
          canonicalJson(known.list) === list;
        check(same && known.erased === undefined, 'CONFLICT', 'another table of this name');
        return;
      }
      const live = others.some((one) => one.holder === holder && one.erased === undefined);
      check(!live, 'CONFLICT', 'the holder has encrypted columns in this study');
      const row = { id: table.table, study, holder, blocks, list, relinearisation };
      await tx.run(db.insertInto('column_table').values({ ...row, manifest: null, erased: null }));
    });
  }

  /** number → digest of what has arrived. */
  async batches(table: Digest, on: Statements = this.#store): Promise<Map<number, Digest>> {
    const rows = await on.all(
      this.#store.db
        .selectFrom('column_batch')
        .select(['number', 'digest'])
        .where('table_id', '=', table)
        .orderBy('number'),
    );
    return new Map(rows.map(({ number, digest }) => [Number(number), digest]));
  }

  /**
   * All of a batch or nothing; its blobs are durable. Refuses with CONFLICT a place that is taken, and with
   * NOT_FOUND what comes after the table was erased.
   */
  async keepBatch(
    table: Digest,
    number: number,
    digest: Digest,
    ciphertexts: readonly Ciphertext[],
  ) {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      if ((await this.batches(table, tx)).get(number) === digest) return;
      check(
        (await this.#erased(table, tx)) === undefined,
        'NOT_FOUND',
        `columns ${table} are erased`,
      );
      for (const { block, column } of ciphertexts) {
        const taken = await tx.first(
          db
            .selectFrom('column_ciphertext')
            .select('blob')
            .where('table_id', '=', table)
            .where('block', '=', BigInt(block))
            .where('column_id', '=', column),
        );
        check(taken === undefined, 'CONFLICT', 'ciphertext of a place that has one');
      }
      await tx.run(db.insertInto('column_batch').values({ table_id: table, number, digest }));
      for (const { block, column, blob } of ciphertexts) {
        const row = { table_id: table, block, column_id: column, blob };
        await tx.run(db.insertInto('column_ciphertext').values(row));
      }
    });
  }

  async complete(table: Digest, manifest: string): Promise<void> {
    await this.#store.run(
      this.#store.db.updateTable('column_table').set({ manifest }).where('id', '=', table),
    );
  }

  async ciphertexts(
    table: Digest,
    columns?: readonly string[],
    on: Statements = this.#store,
  ): Promise<Ciphertext[]> {
    const all = this.#store.db
      .selectFrom('column_ciphertext')
      .select(['block', 'column_id', 'blob'])
      .where('table_id', '=', table);
    const query = columns === undefined ? all : all.where('column_id', 'in', columns);
    return (await on.all(query)).map(({ block, column_id, blob }) => ({
      block: Number(block),
      column: column_id,
      blob,
    }));
  }

  /**
   * From here on the table gives no sums and takes no batch. Returns what was in it when it was erased first,
   * counted under the same lock, so that two erasures say the same.
   */
  erase(table: Digest, bytesOfEach: number): Promise<Erased> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      const before = await this.#erased(table, tx);
      if (before !== undefined) return before;
      const { length } = await this.ciphertexts(table, undefined, tx);
      const erased = { ciphertexts: length, bytes: length * bytesOfEach };
      await tx.run(
        db
          .updateTable('column_table')
          .set({ erased: canonicalJson(erased) })
          .where('id', '=', table),
      );
      return erased;
    });
  }

  async #erased(table: Digest, on: Statements): Promise<Erased | undefined> {
    const row = await on.first(
      this.#store.db.selectFrom('column_table').select('erased').where('id', '=', table),
    );
    return row === undefined ? undefined : erasedOf(row.erased);
  }

  /** Results of jobs whose key begins with `prefix`. */
  async results(prefix: string): Promise<Digest[]> {
    return (
      await this.#store.all(
        this.#store.db
          .selectFrom('finished_job')
          .select('result')
          .where('key', '>=', prefix)
          .where('key', '<', `${prefix}\u{10ffff}`),
      )
    ).map(({ result }) => result);
  }

  async forgetResults(prefix: string): Promise<void> {
    await this.#store.run(
      this.#store.db
        .deleteFrom('finished_job')
        .where('key', '>=', prefix)
        .where('key', '<', `${prefix}\u{10ffff}`),
    );
  }

  /** Once the blobs are gone. */
  async forget(table: Digest): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      await tx.run(db.deleteFrom('column_ciphertext').where('table_id', '=', table));
      await tx.run(db.deleteFrom('column_batch').where('table_id', '=', table));
    });
  }
}
