/**
 * Jobs in worker threads (piscina): the local adapter of the `Jobs` port.
 *
 * A worker gets the bytes, never a digest or a path: it needs no store and no keys, and its
 * environment is empty. Inputs are moved to the worker's thread and the result is moved back; a
 * copy is made only where bytes share a buffer with others. Workers start with the first
 * job and end after `IDLE_MILLISECONDS` without one. A worker that dies fails the jobs it had:
 * the caller submits them again under the same keys.
 * @module
 */
import { Piscina } from 'piscina';
import { PUBLIC_MESSAGE, Refusal, check, type ErrorCode } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Blobs, Job, Jobs } from '../../flows/ports.ts';
import { type JobOutcome, type JobTask, ownBuffer } from './job-task.ts';
import { type JobResults, StoredJobs } from './stored-jobs.ts';

export type PiscinaJobsOptions = {
  readonly blobs: Blobs;
  readonly results: JobResults;
  /** The built worker entry, which exports `runJob` (job-worker.ts). */
  readonly workerUrl: URL;
  readonly threads: number;
  /** Heap of one worker in MiB; typed arrays are outside it. */
  readonly heapMiB?: number;
};

const IDLE_MILLISECONDS = 30_000;

const isCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(PUBLIC_MESSAGE, value);

/** Reads what a worker answered. */
function jobOutcome(answer: unknown): JobOutcome {
  if (answer instanceof Uint8Array) return { bytes: answer };
  check(
    typeof answer === 'object' && answer !== null && 'refused' in answer,
    'INTERNAL',
    'worker answered with something else',
  );
  const { refused } = answer;
  check(
    typeof refused === 'object' && refused !== null && 'code' in refused && 'detail' in refused,
    'INTERNAL',
    'worker refused with something else',
  );
  const code = isCode(refused.code) ? refused.code : 'INTERNAL';
  return { refused: { code, detail: String(refused.detail) } };
}

export class PiscinaJobs implements Jobs {
  readonly #pool: Piscina<JobTask, unknown>;
  readonly #jobs: StoredJobs;
  #closing = false;

  constructor({ blobs, results, workerUrl, threads, heapMiB }: PiscinaJobsOptions) {
    this.#pool = new Piscina<JobTask, unknown>({
      filename: workerUrl.href,
      name: 'runJob',
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MILLISECONDS,
      // What is configured for the service is none of a worker's business.
      env: {},
      execArgv: [],
      ...(heapMiB === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiB } }),
    });
    this.#jobs = new StoredJobs({ blobs, results, perform: (task) => this.#perform(task) });
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

  async #perform(task: JobTask): Promise<JobOutcome> {
    const inputs = task.inputs.map(ownBuffer);
    // Two inputs with one digest were read twice, so no buffer is in the list twice.
    const transferList = inputs.map(({ buffer }) => buffer);
    try {
      return jobOutcome(await this.#pool.run({ ...task, inputs }, { transferList }));
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      throw new Refusal('INTERNAL', `worker failed at ${task.kind}`, undefined, { cause });
    }
  }
}
