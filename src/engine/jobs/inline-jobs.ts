/** Jobs in the calling thread: for use as a library and for flows composed in one process. @module */
import type { Blobs, Jobs } from '../../flows/ports.ts';
import { type JobHandlers, ownBuffer, perform } from './job-task.ts';
import { type JobResults, StoredJobs } from './stored-jobs.ts';

export const inlineJobs = (options: {
  readonly blobs: Blobs;
  readonly results: JobResults;
  readonly handlers: JobHandlers;
}): Jobs =>
  new StoredJobs({
    ...options,
    perform: ({ inputs, ...task }) =>
      perform(options.handlers, { ...task, inputs: inputs.map(ownBuffer) }),
  });
