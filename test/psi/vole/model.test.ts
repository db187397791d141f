/**
 * The whole protocol against the model: with the same randomness every frame of both parties is the same bytes,
 * and so are the matches, in one thread and over two. The model knows Δ and the noise at once, so that agreement also shows C = A·Δ + B.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { afterAll, test } from 'vitest';
import { batchSize } from '../../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../../src/engine/jobs/worker-pool.ts';
import { inOneThread, VOLE_BATCHES } from '../../../src/psi/vole/vole-batches.ts';
import { model } from './model.ts';
import { names, plainMatches, seededRng, session } from './sessions.ts';

const pool = new WorkerPool(
  { workerUrl: new URL('../../../dist/psi-worker.js', import.meta.url), threads: 2 },
  batchSize(VOLE_BATCHES),
);
afterAll(() => pool.close());

test('frames and matches agree bit for bit under seeded randomness', async () => {
  const [xs, ys] = [
    [...names(40), 'é', '山田'],
    [...names(30, 25), '山田', 'z'.repeat(90)],
  ];
  const expected = model(xs, ys, seededRng('receiver 1'), seededRng('sender 1'));
  deepStrictEqual(expected.matches, plainMatches(xs, ys));
  for (const batches of [inOneThread, pool]) {
    const { received, frames } = await session(xs, ys, {
      receiver: { rng: seededRng('receiver 1'), batches },
      sender: { rng: seededRng('sender 1'), batches },
    });
    const ordered = (party: string, all: typeof frames) => all.filter(({ from }) => from === party);
    for (const party of ['receiver', 'sender']) {
      const [ours, theirs] = [ordered(party, frames), ordered(party, expected.frames)];
      equal(ours.length, theirs.length);
      ours.forEach(({ frame }, i) => {
        equal(Buffer.compare(frame, theirs[i]!.frame), 0, `${party}, frame ${i}`);
      });
    }
    deepStrictEqual([...received.matches], plainMatches(xs, ys));
  }
}, 60_000);
