/**
 * Jobs in worker threads: the local adapter of the `Jobs` port over a `WorkerPool`. A job whose handler
 * is a batch is spread over the threads, every other has one. A job that a dying worker had fails: the
 * caller submits it again under the same key.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Blobs, Job, Jobs } from '../../flows/ports.ts';
import type { BatchHandlers } from '../../base/batches.ts';
import { batchSize } from './batch-size.ts';
import type { JobTask } from './job-task.ts';
import { type JobResults, StoredJobs } from './stored-jobs.ts';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

export type PiscinaJobsOptions = WorkerPoolOptions & {
  readonly blobs: Blobs;
  readonly results: JobResults;
  /** Which jobs are batches, and how large. */
  readonly batches: BatchHandlers;
};

export class PiscinaJobs implements Jobs {
  readonly #pool: WorkerPool;
  readonly #jobs: StoredJobs;
  #closing = false;

  constructor({ blobs, results, batches, ...options }: PiscinaJobsOptions) {
    const pool = new WorkerPool(options, batchSize(batches));
    const perform = async (task: JobTask) =>
      Object.hasOwn(batches, task.kind)
        ? { bytes: await pool.run({ ...task, secret: false }) }
        : pool.perform(task);
    this.#pool = pool;
    this.#jobs = new StoredJobs({ blobs, results, perform });
  }

  submit(job: Job): Promise<Digest> {
    if (this.#closing) return Promise.reject(new Refusal('SHUTTING_DOWN', 'jobs'));
    return this.#jobs.submit(job);
  }

  /** Waits for running jobs, then ends the workers. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#pool.close();
  }
}
