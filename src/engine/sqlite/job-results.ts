/** Finished jobs in SQLite: key → (what was asked, digest of the result). @module */
import type { Digest } from '../../base/hash.ts';
import type { JobResult, JobResults } from '../jobs/stored-jobs.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

export type JobTables = {
  job_result: { key: string; job: Digest; result: Digest };
};

export const JOB_MIGRATIONS: readonly Migration[] = [
  {
    name: 'job/1',
    sql: `CREATE TABLE job_result (
      key TEXT PRIMARY KEY, job TEXT NOT NULL, result TEXT NOT NULL
    ) STRICT`,
  },
];

export class SqliteJobResults implements JobResults {
  readonly #store: Store<JobTables>;

  constructor(store: Store<JobTables>) {
    this.#store = store;
  }

  async find(key: string): Promise<JobResult | undefined> {
    return this.#store.first(this.#query(key));
  }

  async keep(key: string, result: JobResult): Promise<JobResult> {
    return this.#store.immediate((transaction) => {
      const earlier = transaction.first(this.#query(key));
      if (earlier !== undefined) return earlier;
      const { job, result: digest } = result;
      transaction.run(this.#store.db.insertInto('job_result').values({ key, job, result: digest }));
      return result;
    });
  }

  #query(key: string) {
    return this.#store.db.selectFrom('job_result').select(['job', 'result']).where('key', '=', key);
  }
}
