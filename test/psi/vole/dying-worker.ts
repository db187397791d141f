/** A worker of a party that ends in the middle of the sender's bins. */
import { jobWorker } from '../../../src/engine/jobs/job-worker.ts';
import { VOLE_BATCHES } from '../../../src/psi/vole/vole-batches.ts';

export const runJob = jobWorker({
  ...VOLE_BATCHES,
  'vole-sender-bin': { ...VOLE_BATCHES['vole-sender-bin'], fill: () => process.exit(9) },
});
