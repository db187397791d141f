/** The worker thread of a party of `kakehashi psi`: dist/psi-worker.js, started by engine/jobs. @module */
import { jobWorker } from '../engine/jobs/job-worker.ts';
import { PAILLIER_BATCHES } from '../he/paillier/many.ts';
import { VOLE_BATCHES } from '../psi/vole/vole-batches.ts';

export const runJob = jobWorker({ ...PAILLIER_BATCHES, ...VOLE_BATCHES });
