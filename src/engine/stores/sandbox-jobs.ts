/** Finished jobs by key, for engine/jobs: what was computed once is not computed again. @module */
import { check } from '../../base/errors.ts';
import type { JobResult, JobResults } from '../jobs/stored-jobs.ts';
import type { SandboxStore } from './sandbox-store.ts';

export class SandboxJobResults implements JobResults {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  async find(key: string): Promise<JobResult | undefined> {
    return this.#store.first(this.#query(key));
  }

  async keep(key: string, { job, result }: JobResult): Promise<JobResult> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      await tx.run(
        db
          .insertInto('finished_job')
          .values({ key, job, result })
          .onConflict((conflict) => conflict.column('key').doNothing()),
      );
      const kept = await tx.first(this.#query(key));
      check(kept !== undefined, 'INTERNAL', 'job was not kept');
      return kept;
    });
  }

  #query(key: string) {
    return this.#store.db
      .selectFrom('finished_job')
      .select(['job', 'result'])
      .where('key', '=', key);
  }
}
