/** The worker thread of a holder: dist/holder-worker.js, started by engine/jobs. @module */
import { jobWorker } from '../engine/jobs/job-worker.ts';
import { HOLDER_BATCHES } from './batches.ts';

export const runJob = jobWorker(HOLDER_BATCHES);
