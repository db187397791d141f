/** Signed studies and signed queries, as they were received: canonical JSON by digest. @module */
import type { Digest } from '../../base/hash.ts';
import type { PublicKeyText } from '../../base/sign.ts';
import type { Study } from '../../flows/study-terms.ts';
import type { SandboxStore, SandboxTables } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type StoredQuery = {
  readonly id: Digest;
  readonly study: Digest;
  readonly analyst: PublicKeyText;
  readonly nonce: string;
  readonly signed: string;
  /** Names what it asks, however it is spelled (DESIGN section 9, "same query"). */
  readonly queryKey: Digest;
};

const stored = ({ query_key: queryKey, ...rest }: SandboxTables['query']): StoredQuery => ({
  ...rest,
  queryKey,
});

export class SandboxStudies {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  async ids(): Promise<Digest[]> {
    return (
      await this.#store.all(this.#store.db.selectFrom('study').select('id').orderBy('id'))
    ).map(({ id }) => id);
  }

  /** Digests of every version of every study. */
  async versions(): Promise<Digest[]> {
    const { db } = this.#store;
    const later = await this.#store.all(db.selectFrom('study_version').select('agreement'));
    return [...(await this.ids()), ...later.map(({ agreement }) => agreement)];
  }

  async signed(id: Digest, on: Statements = this.#store): Promise<string | undefined> {
    const query = this.#store.db.selectFrom('study').select('signed').where('id', '=', id);
    return (await on.first(query))?.signed;
  }

  /** False where it is there already. */
  async keep(tx: Statements, id: Digest, signed: string): Promise<boolean> {
    if ((await this.signed(id, tx)) !== undefined) return false;
    await tx.run(this.#store.db.insertInto('study').values({ id, signed }));
    return true;
  }

  /**
   * The version in force of a study, by the digest of any of its versions. `agreement` of one that was never
   * amended is its id.
   */
  async present(
    named: Digest,
    on: Statements = this.#store,
  ): Promise<{ readonly id: Digest; readonly agreement: Digest } | undefined> {
    // Every request asks this, so it is one statement.
    const row = await on.first(
      this.#store.db
        .selectFrom('study')
        .select((study) => [
          'id',
          study
            .selectFrom('study_version')
            .select('agreement')
            .whereRef('study_version.study', '=', 'study.id')
            .orderBy('version', 'desc')
            .limit(1)
            .as('last'),
        ])
        .where((study) =>
          study.or([
            study('id', '=', named),
            study(
              'id',
              'in',
              study.selectFrom('study_version').select('study').where('agreement', '=', named),
            ),
          ]),
        ),
    );
    return row && { id: row.id, agreement: row.last ?? row.id };
  }

  /** Another version in the place of the present one, which the caller has looked at in this transaction. */
  async amend(
    tx: Statements,
    { id, agreement, version }: Pick<Study, 'id' | 'agreement' | 'version'>,
    signed: string,
  ): Promise<void> {
    const { db } = this.#store;
    await tx.run(db.insertInto('study_version').values({ agreement, study: id, version }));
    await tx.run(db.updateTable('study').set({ signed }).where('id', '=', id));
  }

  async query(id: Digest, on: Statements = this.#store): Promise<StoredQuery | undefined> {
    const row = await on.first(this.#store.db.selectFrom('query').selectAll().where('id', '=', id));
    return row === undefined ? undefined : stored(row);
  }

  /** Up to `limit` queries of a study behind the id `after`, in the order of ids. */
  async queriesOf(study: Digest, after: Digest, limit: number): Promise<StoredQuery[]> {
    const { db } = this.#store;
    const rows = db.selectFrom('query').selectAll().where('study', '=', study);
    return (await this.#store.all(rows.where('id', '>', after).orderBy('id').limit(limit))).map(
      stored,
    );
  }

  /** `replayed` when the analyst used the nonce for another query of this study. */
  keepQuery({
    id,
    study,
    analyst,
    nonce,
    signed,
    queryKey,
  }: StoredQuery): Promise<'kept' | 'replayed'> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      const earlier = await tx.first(
        db
          .selectFrom('query')
          .select('id')
          .where('study', '=', study)
          .where('analyst', '=', analyst)
          .where('nonce', '=', nonce),
      );
      if (earlier !== undefined) return earlier.id === id ? 'kept' : 'replayed';
      const row = { id, study, analyst, nonce, signed, query_key: queryKey };
      await tx.run(db.insertInto('query').values(row));
      return 'kept';
    });
  }
}
