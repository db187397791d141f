/** Jobs in this thread and in workers: one port. Results in memory and in SQLite: one interface. */
import { equal, rejects } from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, onTestFinished, test } from 'vitest';
import { fromUtf8 } from '../../../src/base/bytes.ts';
import { inlineJobs } from '../../../src/engine/jobs/inline-jobs.ts';
import { PiscinaJobs } from '../../../src/engine/jobs/piscina-jobs.ts';
import { SandboxJobResults } from '../../../src/engine/stores/sandbox-jobs.ts';
import { openStore } from '../../../src/engine/sqlite/store.ts';
import {
  SANDBOX_MIGRATIONS,
  type SandboxTables,
} from '../../../src/engine/stores/sandbox-store.ts';
import { bundled } from '../../support/bundle.ts';
import { MemoryBlobs } from '../../support/memory-blobs.ts';
import { MemoryJobResults } from '../../support/memory-job-results.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { type JobsFactory, jobsConformance } from '../conformance/jobs.ts';
import { batches, handlers } from '../fixtures/job-handlers.ts';

function sqliteResults(): SandboxJobResults {
  const store = openStore<SandboxTables>(path.join(scratch(), 'store.db'), SANDBOX_MIGRATIONS);
  onTestFinished(async () => {
    await store.close();
  });
  return new SandboxJobResults(store);
}

const inline: JobsFactory = (parts) => Promise.resolve(inlineJobs({ ...parts, handlers }));

async function workers(parts: Parameters<JobsFactory>[0]): Promise<PiscinaJobs> {
  const workerUrl = pathToFileURL(await bundled('test/engine/fixtures/job-worker-entry.ts'));
  const jobs = new PiscinaJobs({ ...parts, workerUrl, threads: 2, batches });
  onTestFinished(() => jobs.close());
  return jobs;
}

jobsConformance('inline', inline, () => new MemoryJobResults());
jobsConformance('inline, SQLite', inline, sqliteResults);
jobsConformance('piscina, SQLite', workers, sqliteResults);

describe('workers', () => {
  const open = async () => {
    const blobs = new MemoryBlobs();
    return { blobs, jobs: await workers({ blobs, results: new MemoryJobResults() }) };
  };
  const job = (kind: string) => ({ kind, inputs: [], params: null, key: kind });

  test('see none of the environment of the service', async () => {
    const { blobs, jobs } = await open();
    equal(fromUtf8(await blobs.get(await jobs.submit(job('environment')))), '');
  });

  test('one that dies fails its job, and the next job gets another', async () => {
    const { jobs } = await open();
    await rejects(jobs.submit(job('die')), refusal('INTERNAL'));
    await jobs.submit(job('concat'));
  });

  test('are not there after close', async () => {
    const { jobs } = await open();
    await jobs.close();
    await rejects(jobs.submit(job('concat')), refusal('SHUTTING_DOWN'));
  });
});
