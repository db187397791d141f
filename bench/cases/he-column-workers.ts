/** The blind sums of a plan as the sandbox computes them: jobs over worker threads, blobs in memory. */
import { availableParallelism } from 'node:os';
import type { JobResults } from '../../src/engine/jobs/stored-jobs.ts';
import { PiscinaJobs } from '../../src/engine/jobs/piscina-jobs.ts';
import { blindSums, type StoredTable } from '../../src/flows/columns/blind-sums.ts';
import { VECTOR_BATCHES } from '../../src/he/collective/vector-batches.ts';
import { splitResults } from '../../src/he/seal/column-jobs.ts';
import type { ColumnQuery } from '../../src/he/seal/plan.ts';
import { MemoryBlobs } from '../../test/support/memory-blobs.ts';
import { type EncryptedTable, planOf } from './he-column-table.ts';

/** Nothing is known from one call to the next. */
const FORGETFUL: JobResults = {
  find: () => Promise.resolve(undefined),
  keep: (_key, result) => Promise.resolve(result),
};

export type ColumnWorkers = {
  readonly sums: (query: ColumnQuery) => Promise<Uint8Array[]>;
  close(): Promise<void>;
};

export async function columnWorkers(table: EncryptedTable): Promise<ColumnWorkers> {
  const blobs = new MemoryBlobs();
  const digests: ReadonlyMap<string, string>[] = [];
  for (const columns of table.store) {
    const own = new Map<string, string>();
    for (const [id, payload] of columns) own.set(id, await blobs.put(payload));
    digests.push(own);
  }
  const stored: StoredTable = {
    table: '0'.repeat(64),
    blocks: table.store.length,
    relinearisation: await blobs.put(table.key.relinearisation),
    ciphertext: (block, id) => digests[block]?.get(id),
  };
  const jobs = new PiscinaJobs({
    blobs,
    results: FORGETFUL,
    workerUrl: new URL('sandbox-worker.js', import.meta.url),
    threads: Math.max(2, availableParallelism()),
    batches: VECTOR_BATCHES,
  });
  return {
    sums: async (query) => {
      const products = planOf(table, query).cells.map(({ factors }) => factors.map(({ id }) => id));
      return splitResults(await blindSums(stored, products, { jobs, blobs }));
    },
    close: () => jobs.close(),
  };
}
