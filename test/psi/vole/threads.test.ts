/** VOLE-PSI over worker threads: every frame and result is what one thread gives, however many there are. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, test } from 'vitest';
import type { Batch, ThreadedBatches } from '../../../src/base/batches.ts';
import { batchSize } from '../../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../../src/engine/jobs/worker-pool.ts';
import { distinctItems, distinctItemsOver } from '../../../src/psi/items.ts';
import { oprfReceive } from '../../../src/psi/vole/receiver.ts';
import { oprfSend } from '../../../src/psi/vole/sender.ts';
import { inOneThread, VOLE_BATCHES } from '../../../src/psi/vole/vole-batches.ts';
import { bundled } from '../../support/bundle.ts';
import { refusal } from '../../support/refusal.ts';
import { Link, names, type Run, seededRng, session } from './sessions.ts';

const pools: WorkerPool[] = [];

async function threadsOf(entry: string, threads: number): Promise<WorkerPool> {
  const workerUrl = pathToFileURL(await bundled(entry));
  const pool = new WorkerPool({ workerUrl, threads }, batchSize(VOLE_BATCHES));
  pools.push(pool);
  return pool;
}
afterAll(() => Promise.all(pools.map((pool) => pool.close())));

const WORKER = 'src/cli/psi-worker.ts';

const run = (
  xs: readonly string[],
  ys: readonly string[],
  receiver: ThreadedBatches,
  sender = receiver,
): Promise<Run> =>
  session(xs, ys, {
    receiver: { rng: seededRng('receiver'), batches: receiver },
    sender: { rng: seededRng('sender'), batches: sender },
  });

const ordered = ({ frames }: Run): Uint8Array[] =>
  ['receiver', 'sender'].flatMap((party) =>
    frames.filter(({ from }) => from === party).map(({ frame }) => frame),
  );

function same(one: Run, other: Run): void {
  const [a, b] = [ordered(one), ordered(other)];
  equal(a.length, b.length);
  a.forEach((frame, i) => equal(Buffer.compare(frame, b[i]!), 0, `frame ${i}`));
  deepStrictEqual([one.received, one.sent], [other.received, other.sent]);
}

/** With texts that are not ASCII, or do not fit a block, in two of the tasks that hash them. */
const mixed = (count: number): string[] => {
  const list = names(count);
  for (const [at, text] of [
    [3, '久保田'],
    [5, 'x'.repeat(200)],
    [count - 1, 'person-0'],
  ] as const)
    if (at < count) list[at] = text;
  return list;
};

describe('two threads and three give what one gives', () => {
  for (const [nx, ny] of [
    [0, 3],
    [1, 1],
    [600, 41],
    [70_000, 66_000],
  ] as const) {
    test(`${nx} and ${ny} items`, async () => {
      const [two, three] = [await threadsOf(WORKER, 2), await threadsOf(WORKER, 3)];
      const [xs, ys] = [mixed(nx), names(ny, Math.floor(nx / 2))];
      const alone = await run(xs, ys, inOneThread);
      same(await run(xs, ys, two), alone);
      same(await run(xs, ys, three, inOneThread), alone);
    });
  }
});

test('tokens and hashes of identifiers', async () => {
  const pool = await threadsOf(WORKER, 2);
  const ids = mixed(66_000);
  deepStrictEqual(await distinctItemsOver(ids, ids.length, pool), distinctItems(ids, ids.length));
  const tokens = async (batches: ThreadedBatches) => {
    const link = new Link();
    const options = (label: string) => ({ rng: seededRng(label), batches });
    return Promise.all([
      oprfReceive(['a', 'b'], link.end('receiver'), options('r')),
      oprfSend(['b', 'c', 'd'], link.end('sender'), options('s')),
    ]);
  };
  deepStrictEqual(await tokens(pool), await tokens(inOneThread));
});

test('a worker that dies ends both sides, gives no result, and the next session has another', async () => {
  const dying = await threadsOf('test/psi/vole/dying-worker.ts', 2);
  const link = new Link();
  const options = { batches: dying };
  const receiver = oprfReceive(names(9), link.end('receiver'), options);
  await rejects(oprfSend(names(9), link.end('sender'), options), refusal('INTERNAL'));
  link.close();
  await receiver.catch((error: unknown) => ok(error instanceof Error));
  await rejects(session(names(5), names(5), { sender: options }), refusal('INTERNAL'));
  const { received } = await session(names(5), names(5, 3), { receiver: options });
  deepStrictEqual([...received.matches], [3, 4]);
});

test('threads share the vectors: what is copied does not grow with the lists', async () => {
  const pool = await threadsOf(WORKER, 2);
  const copied = async (count: number): Promise<number> => {
    const sizes = new Map<string, number>();
    const batches: ThreadedBatches = {
      threads: 2,
      run: (batch: Batch) => {
        const own = batch.inputs.filter(({ buffer }) => !(buffer instanceof SharedArrayBuffer));
        const bytes = own.reduce((sum, input) => sum + input.length, 0);
        sizes.set(batch.kind, Math.max(bytes, sizes.get(batch.kind) ?? 0));
        ok(batch.out === undefined || batch.out.buffer instanceof SharedArrayBuffer);
        return pool.run(batch);
      },
    };
    await run(names(count), names(count), batches);
    return Math.max(...sizes.values());
  };
  const [few, many] = [await copied(4000), await copied(60_000)];
  // Pads and messages of one group of trees: kilobytes, for any size.
  ok(few < 200_000 && many < 200_000, `${few} and ${many} bytes`);
});
