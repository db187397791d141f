/** The worker thread of the sandbox: dist/sandbox-worker.js, started by engine/jobs. @module */
import { jobWorker } from '../engine/jobs/job-worker.ts';
import { JOB_HANDLERS } from './job-handlers.ts';

export const runJob = jobWorker(JOB_HANDLERS);
