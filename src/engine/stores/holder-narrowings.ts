/** Narrowings that a holder has heard of (study/narrowing.ts): signed versions that are not in force yet. @module */
import type { Digest } from '../../base/hash.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

export type HolderNarrowingTables = {
  study_narrowing: { agreement: Digest; study: Digest; signed: string };
};

export const HOLDER_NARROWING_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-narrowings/1',
    sql: `CREATE TABLE study_narrowing (
      agreement TEXT PRIMARY KEY, study TEXT NOT NULL, signed TEXT NOT NULL
    ) STRICT`,
  },
];

export class HolderNarrowings {
  readonly #store: Store<HolderNarrowingTables>;

  constructor(store: Store<HolderNarrowingTables>) {
    this.#store = store;
  }

  /** Signed forms, of whatever version they narrow. */
  async of(study: Digest): Promise<string[]> {
    const { db } = this.#store;
    const rows = await this.#store.all(
      db
        .selectFrom('study_narrowing')
        .select('signed')
        .where('study', '=', study)
        .orderBy('agreement'),
    );
    return rows.map(({ signed }) => signed);
  }

  /** Once for each version. */
  async keep(narrowing: HolderNarrowingTables['study_narrowing']): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('study_narrowing')
        .values(narrowing)
        .onConflict((conflict) => conflict.column('agreement').doNothing()),
    );
  }
}
