/**
 * Jobs by key, each computed once: the part of the `Jobs` port that does not depend on where the
 * computing happens.
 *
 *     known key → stored digest;  else inputs from blobs → compute → blob → key kept → digest
 *
 * The result is a durable blob before its key is kept, and the key is durable before the digest
 * is returned: after a crash a job is either known with its bytes or computed again, which is
 * harmless. A key stands for one job: with other inputs or parameters it is refused (CONFLICT).
 * @module
 */
import { encodeCbor } from '../../base/codec.ts';
import { check, Refusal } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import type { Blobs, Job, Jobs } from '../../flows/ports.ts';
import type { JobOutcome, JobTask } from './job-task.ts';

export type JobResult = {
  /** Digest of kind, inputs and parameters. */
  readonly job: Digest;
  readonly result: Digest;
};

/** Remembers finished jobs. `keep` is durable when it returns and gives back what is stored first. */
export interface JobResults {
  find(key: string): Promise<JobResult | undefined>;
  keep(key: string, result: JobResult): Promise<JobResult>;
}

/** Where a task is computed. */
export type Perform = (task: JobTask) => Promise<JobOutcome>;

export type StoredJobsOptions = {
  readonly blobs: Blobs;
  readonly results: JobResults;
  readonly perform: Perform;
};

const digestOf = ({ kind, inputs, params }: Job): Digest =>
  transcriptDigest('kakehashi/job/1', [kind, encodeCbor(params), ...inputs]);

export class StoredJobs implements Jobs {
  readonly #options: StoredJobsOptions;
  /** Jobs of this process that are being computed, by key. */
  readonly #running = new Map<string, { readonly job: Digest; readonly done: Promise<Digest> }>();

  constructor(options: StoredJobsOptions) {
    this.#options = options;
  }

  async submit(job: Job): Promise<Digest> {
    const digest = digestOf(job);
    const running = this.#running.get(job.key);
    if (running !== undefined) {
      check(running.job === digest, 'CONFLICT', 'job key of another job');
      return running.done;
    }
    const done = this.#finish(job, digest).finally(() => this.#running.delete(job.key));
    this.#running.set(job.key, { job: digest, done });
    return done;
  }

  async #finish(job: Job, digest: Digest): Promise<Digest> {
    const { blobs, results, perform } = this.#options;
    const known = await results.find(job.key);
    check(known === undefined || known.job === digest, 'CONFLICT', 'job key of another job');
    if (known !== undefined && (await blobs.has(known.result))) return known.result;
    const inputs = await Promise.all(job.inputs.map((input) => blobs.get(input)));
    const outcome = await perform({ kind: job.kind, inputs, params: job.params });
    if ('refused' in outcome) throw new Refusal(outcome.refused.code, outcome.refused.detail);
    const result = await blobs.put(outcome.bytes);
    const kept = await results.keep(job.key, { job: digest, result });
    // A pure function gave other bytes than before: better to stop than to choose.
    check(kept.job === digest && kept.result === result, 'CONFLICT', 'job result differs');
    return result;
  }
}
