/** Finished jobs in memory, for flows composed in one process. */
import type { JobResult, JobResults } from '../../src/engine/jobs/stored-jobs.ts';

export class MemoryJobResults implements JobResults {
  readonly #results = new Map<string, JobResult>();

  find(key: string): Promise<JobResult | undefined> {
    return Promise.resolve(this.#results.get(key));
  }

  keep(key: string, result: JobResult): Promise<JobResult> {
    const kept = this.#results.get(key) ?? result;
    this.#results.set(key, kept);
    return Promise.resolve(kept);
  }
}
