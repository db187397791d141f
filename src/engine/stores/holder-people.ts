/**
 * What a holder keeps about its people beside the register: commitments to withdrawals, until when a
 * cohort is kept, and the signed statements that it was deleted. No identifier, in any form.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

export type HolderPeopleTables = {
  withdrawal: { batch: StoredInteger; people: StoredInteger; commitment: Digest; at: string };
  cohort_keeping: { study: Digest; until: string };
  cohort_deletion: { study: Digest; version: Digest; at: string; statement: string };
};

export const HOLDER_PEOPLE_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-people/1',
    sql: `CREATE TABLE withdrawal (
      batch INTEGER PRIMARY KEY, people INTEGER NOT NULL, commitment TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE cohort_keeping (study TEXT PRIMARY KEY, until TEXT NOT NULL) STRICT;
    CREATE TABLE cohort_deletion (
      study TEXT NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL, statement TEXT NOT NULL,
      PRIMARY KEY (study, version, at)
    ) STRICT`,
  },
];

export type KeptWithdrawal = {
  readonly batch: number;
  readonly people: number;
  readonly commitment: Digest;
  readonly at: string;
};

export class HolderPeople {
  readonly #store: Store<HolderPeopleTables>;

  constructor(store: Store<HolderPeopleTables>) {
    this.#store = store;
  }

  async withdrawals(): Promise<KeptWithdrawal[]> {
    return (
      await this.#store.all(this.#store.db.selectFrom('withdrawal').selectAll().orderBy('batch'))
    ).map(({ batch, people, ...rest }) => ({
      ...rest,
      batch: Number(batch),
      people: Number(people),
    }));
  }

  async keepWithdrawal(withdrawal: KeptWithdrawal): Promise<void> {
    await this.#store.run(this.#store.db.insertInto('withdrawal').values(withdrawal));
  }

  /** The last day on which the rows of a study are kept. */
  async keptUntil(study: Digest): Promise<string | undefined> {
    const { db } = this.#store;
    return (
      await this.#store.first(
        db.selectFrom('cohort_keeping').select('until').where('study', '=', study),
      )
    )?.until;
  }

  async keepUntil(study: Digest, until: string): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('cohort_keeping')
        .values({ study, until })
        .onConflict((conflict) => conflict.column('study').doUpdateSet({ until })),
    );
  }

  /** With it goes the last day of what was deleted: rows that are loaded next have their own. */
  async keepDeletion(deletion: HolderPeopleTables['cohort_deletion']): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (transaction) => {
      await transaction.run(db.insertInto('cohort_deletion').values(deletion));
      await transaction.run(db.deleteFrom('cohort_keeping').where('study', '=', deletion.study));
    });
  }

  deletions(): Promise<HolderPeopleTables['cohort_deletion'][]> {
    return this.#store.all(this.#store.db.selectFrom('cohort_deletion').selectAll().orderBy('at'));
  }
}
