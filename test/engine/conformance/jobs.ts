/** What every adapter of the `Jobs` port must do, with the handlers of fixtures/job-handlers.ts. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { Refusal } from '../../../src/base/errors.ts';
import type { JobResults } from '../../../src/engine/jobs/stored-jobs.ts';
import type { Blobs, Job, Jobs } from '../../../src/flows/ports.ts';
import { MemoryBlobs } from '../../support/memory-blobs.ts';
import { refusal } from '../../support/refusal.ts';

export type JobsFactory = (parts: {
  readonly blobs: Blobs;
  readonly results: JobResults;
}) => Promise<Jobs>;

export function jobsConformance(
  name: string,
  factory: JobsFactory,
  openResults: () => JobResults,
): void {
  const open = async () => {
    const [blobs, results] = [new MemoryBlobs(), openResults()];
    return { blobs, results, jobs: await factory({ blobs, results }) };
  };
  const job = (kind: string, inputs: Job['inputs'], key = kind): Job => ({
    kind,
    inputs,
    params: null,
    key,
  });

  describe(`${name}: the Jobs port`, () => {
    test('computes from blobs and parameters into a blob', async () => {
      const { blobs, jobs } = await open();
      const [a, b] = [await blobs.put(utf8('a')), await blobs.put(utf8('b'))];
      const result = await jobs.submit({ ...job('concat', [a, b, a]), params: utf8('!') });
      deepStrictEqual(await blobs.get(result), utf8('aba!'));
      const view = await jobs.submit(job('view', [result]));
      deepStrictEqual(await blobs.get(view), new Uint8Array(4).fill(7));
    });

    test('leaves the stored inputs alone', async () => {
      const { blobs, jobs } = await open();
      const input = await blobs.put(utf8('text'));
      await jobs.submit(job('scribble', [input]));
      deepStrictEqual(await blobs.get(input), utf8('text'));
    });

    test('knows a finished key again, also in a new process, without computing', async () => {
      const { blobs, results, jobs } = await open();
      const input = await blobs.put(utf8('a'));
      const first = await jobs.submit(job('concat', [input]));
      equal(await jobs.submit(job('concat', [input])), first);
      // No worker and no handler: only the stored result can answer.
      const again = await factory({ blobs, results });
      equal(await again.submit(job('concat', [input])), first);
    });

    test('computes again what is known but whose bytes are gone', async () => {
      const { blobs, results, jobs } = await open();
      const input = await blobs.put(utf8('a'));
      const first = await jobs.submit(job('concat', [input]));
      const emptied = new MemoryBlobs();
      await emptied.put(utf8('a'));
      const again = await factory({ blobs: emptied, results });
      equal(await again.submit(job('concat', [input])), first);
      equal(await emptied.has(first), true);
    });

    test('refuses a key that stands for another job', async () => {
      const { blobs, jobs } = await open();
      const [a, b] = [await blobs.put(utf8('a')), await blobs.put(utf8('b'))];
      await jobs.submit(job('concat', [a], 'key'));
      await rejects(jobs.submit(job('concat', [b], 'key')), refusal('CONFLICT'));
      const both = [jobs.submit(job('view', [a], 'k2')), jobs.submit(job('view', [b], 'k2'))];
      const states = (await Promise.allSettled(both)).map(({ status }) => status);
      deepStrictEqual(states, ['fulfilled', 'rejected']);
    });

    test('a batch is one result, whatever the threads that fill it', async () => {
      const { blobs, jobs } = await open();
      const input = await blobs.put(Uint8Array.of(5));
      for (const items of [1, 7, 8, 100]) {
        const result = await jobs.submit({
          ...job('numbers', [input], `n${items}`),
          params: items,
        });
        const words = new BigUint64Array((await blobs.get(result)).slice().buffer);
        deepStrictEqual(
          words,
          BigUint64Array.from({ length: items }, (_, i) => BigInt(i) + 5n),
        );
      }
      deepStrictEqual(await blobs.get(input), Uint8Array.of(5));
    });

    test('refusals keep their code; other errors lose their text', async () => {
      const { blobs, jobs } = await open();
      const input = await blobs.put(utf8('a'));
      await rejects(jobs.submit(job('refuse', [input])), refusal('SUM_REJECTED'));
      await rejects(jobs.submit(job('throw', [input])), (error) => {
        ok(error instanceof Refusal && error.code === 'INTERNAL');
        equal(error.detail.includes('CANARY'), false);
        return true;
      });
      await rejects(jobs.submit(job('unknown', [])), refusal('INVALID_PARAMETER'));
      await rejects(jobs.submit(job('concat', ['0'.repeat(64)])), refusal('NOT_FOUND'));
      // A refused key is not burnt.
      await rejects(jobs.submit(job('refuse', [input])), refusal('SUM_REJECTED'));
    });
  });
}
