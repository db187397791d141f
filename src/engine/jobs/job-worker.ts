/**
 * The worker's side of `PiscinaJobs`. A worker entry file is two lines:
 *
 *     import { jobWorker } from '../engine/jobs/job-worker.ts';
 *     export const runJob = jobWorker({ 'rlwe-sum': sum, 'rlwe-combine': combine });
 *
 * Bytes are moved between the threads, not copied. A handler that returns a view of a larger
 * buffer (kernel memory) pays for one copy, and its buffer stays where it is. What a batch handler has
 * filled lies in shared memory already.
 * @module
 */
import { move } from 'piscina';
import { type JobHandlers, type JobTask, ownBuffer, perform } from './job-task.ts';

/** What piscina calls in the worker: bytes, or a refusal (`jobOutcome` tells them apart). */
export const jobWorker =
  (handlers: JobHandlers) =>
  async (task: JobTask): Promise<unknown> => {
    const outcome = await perform(handlers, task);
    if ('refused' in outcome) return outcome;
    return task.part === undefined ? move(ownBuffer(outcome.bytes)) : new Uint8Array(0);
  };
