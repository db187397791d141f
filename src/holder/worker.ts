/** The worker thread of a holder: dist/holder-worker.js, started by engine/jobs. @module */
import { jobWorker } from '../engine/jobs/job-worker.ts';
import { VECTOR_BATCHES } from '../he/collective/vector-batches.ts';

export const runJob = jobWorker(VECTOR_BATCHES);
