/** The checkpoints of study logs that this holder co-signed: what a fork is found out by. @module */
import type { Selectable } from 'kysely';
import type { Checkpoint } from '../../audit/checkpoint.ts';
import type { Digest } from '../../base/hash.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

export type HolderCheckpointTables = {
  cosigned: { study: Digest; run: Digest; size: StoredInteger; root: Digest };
};

export const HOLDER_CHECKPOINT_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-checkpoints/1',
    sql: `CREATE TABLE cosigned (
      study TEXT NOT NULL REFERENCES study (id), run TEXT NOT NULL, size INTEGER NOT NULL,
      root TEXT NOT NULL, PRIMARY KEY (study, run)
    ) STRICT`,
  },
];

const checkpointOf = ({
  study,
  size,
  root,
}: Omit<Selectable<HolderCheckpointTables['cosigned']>, 'run'>): Checkpoint => ({
  study,
  size: Number(size),
  root,
});

export class HolderCheckpoints {
  readonly #store: Store<HolderCheckpointTables>;

  constructor(store: Store<HolderCheckpointTables>) {
    this.#store = store;
  }

  /** The one that was co-signed for `run`. */
  async of(study: Digest, run: Digest): Promise<Checkpoint | undefined> {
    const row = await this.#store.first(this.#rows(study).where('run', '=', run));
    return row && checkpointOf(row);
  }

  /** The largest that was co-signed. */
  async last(study: Digest): Promise<Checkpoint | undefined> {
    const row = await this.#store.first(this.#rows(study).orderBy('size', 'desc').limit(1));
    return row && checkpointOf(row);
  }

  /** All of a study, by size. */
  async all(study: Digest): Promise<Checkpoint[]> {
    return (await this.#store.all(this.#rows(study).orderBy('size'))).map(checkpointOf);
  }

  #rows(study: Digest) {
    const { db } = this.#store;
    return db.selectFrom('cosigned').select(['study', 'size', 'root']).where('study', '=', study);
  }

  /** Before the signature leaves: a smaller or another log is never signed after it. */
  async keep({ study, size, root }: Checkpoint, run: Digest): Promise<void> {
    await this.#store.run(this.#store.db.insertInto('cosigned').values({ study, run, size, root }));
  }
}
