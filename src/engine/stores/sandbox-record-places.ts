/**
 * Which process of a sandbox has the records of a linked run (sandbox/shared-records.ts), or the uploads of one whose
 * program runs in the sandbox (sandbox/shared-uploads.ts), and how the others reach it. A row lives as long as they
 * do; where its process died it stands until another one takes the run over.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { SandboxStore } from './sandbox-store.ts';

export type RecordPlace = {
  /** Of what was opened there. */
  readonly epoch: string;
  /** `host:port`. */
  readonly address: string;
  /** 32 bytes, drawn by the process when it started and gone with it: whoever may read this store may ask it. */
  readonly key: Uint8Array;
};

export class SandboxRecordPlaces {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  get(run: Digest): Promise<RecordPlace | undefined> {
    return this.#store.first(
      this.#store.db
        .selectFrom('record_place')
        .select(['epoch', 'address', 'key'])
        .where('run', '=', run),
    );
  }

  /** Unless there is one; gives the one that stands. */
  async keep(run: Digest, place: RecordPlace): Promise<RecordPlace> {
    await this.#store.run(
      this.#store.db
        .insertInto('record_place')
        .values({ run, ...place })
        .onConflict((conflict) => conflict.column('run').doNothing()),
    );
    return (await this.get(run)) ?? place;
  }

  /** Instead of an earlier one. */
  async set(run: Digest, place: RecordPlace): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('record_place')
        .values({ run, ...place })
        .onConflict((conflict) => conflict.column('run').doUpdateSet(place)),
    );
  }

  /** Unless it was opened anew since. */
  async clear(run: Digest, epoch: string): Promise<void> {
    await this.#store.run(
      this.#store.db.deleteFrom('record_place').where('run', '=', run).where('epoch', '=', epoch),
    );
  }
}
