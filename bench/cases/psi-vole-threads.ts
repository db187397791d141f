/**
 * One party of VOLE-PSI alone, over one thread and over two: n rows a side, the other party's messages recorded before,
 * so that no other process wants the cores. What a party with cores of its own gains from threads.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import type { ThreadedBatches } from '../../src/base/batches.ts';
import type { Rng } from '../../src/base/rng.ts';
import { batchSize } from '../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../src/engine/jobs/worker-pool.ts';
import type { Channel } from '../../src/psi/channel.ts';
import { voleReceive } from '../../src/psi/vole/receiver.ts';
import { voleSend } from '../../src/psi/vole/sender.ts';
import { inOneThread, VOLE_BATCHES } from '../../src/psi/vole/vole-batches.ts';
import { defineCase } from '../case.ts';
import { people } from './psi-people.ts';

/** The same bytes for the same party: the recorded messages answer them. */
function replayedRng(party: number): Rng {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, party), Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(new Uint8Array(length)));
}

type Frames = readonly Uint8Array[];

/** Gives recorded frames and takes what is sent. */
function replaying(frames: Frames): Channel {
  let next = 0;
  return {
    send: () => Promise.resolve(),
    receive: () => Promise.resolve(frames[next++] as Uint8Array),
  };
}

/** Two ends in one process, with a record of what each was sent. */
function recording(): {
  readonly ends: readonly [Channel, Channel];
  readonly sent: Uint8Array[][];
} {
  const sent: Uint8Array[][] = [[], []];
  const waiting: (((frame: Uint8Array) => void) | undefined)[] = [undefined, undefined];
  const taken = [0, 0];
  const end = (own: 0 | 1): Channel => ({
    send: async (frame) => {
      sent[own]?.push(frame);
      const wake = waiting[1 - own];
      if (wake === undefined) return;
      waiting[1 - own] = undefined;
      taken[1 - own] = (taken[1 - own] ?? 0) + 1;
      wake(frame);
    },
    receive: () => {
      const frame = sent[1 - own]?.[taken[own] ?? 0];
      if (frame === undefined) return new Promise((resolve) => (waiting[own] = resolve));
      taken[own] = (taken[own] ?? 0) + 1;
      return Promise.resolve(frame);
    },
  });
  return { ends: [end(0), end(1)], sent };
}

type Input = {
  readonly lists: readonly [string[], string[]];
  readonly toReceiver: Frames;
  readonly toSender: Frames;
  readonly pool: WorkerPool;
};

const receive = async (
  { lists, toReceiver }: Input,
  batches: ThreadedBatches,
): Promise<Uint32Array> => {
  const options = { rng: replayedRng(1), batches };
  return (await voleReceive(lists[0], replaying(toReceiver), options)).matches;
};

const send = async ({ lists, toSender }: Input, batches: ThreadedBatches): Promise<number> => {
  const options = { rng: replayedRng(2), batches };
  return (await voleSend(lists[1], replaying(toSender), options)).peerItems;
};

export default defineCase<Input>({
  name: 'psi/vole-threads',
  timed:
    'One party alone, the messages of the other recorded; identifiers in memory as strings, to matched rows or the last mask. Size: rows a side, half of them shared.',
  sizes: [2 ** 18],
  fullSizes: [2 ** 20],
  unit: 's',
  setup: async (size) => {
    const lists = [people(0, size), people(Math.floor(size / 2), size)] as const;
    const { ends, sent } = recording();
    await Promise.all([
      voleReceive(lists[0], ends[0], { rng: replayedRng(1) }),
      voleSend(lists[1], ends[1], { rng: replayedRng(2) }),
    ]);
    const pool = new WorkerPool(
      { workerUrl: new URL('psi-worker.js', import.meta.url), threads: 2 },
      batchSize(VOLE_BATCHES),
    );
    return { lists: [...lists], toReceiver: sent[1] ?? [], toSender: sent[0] ?? [], pool };
  },
  check: async (input) => {
    const size = input.lists[0].length;
    const first = Math.floor(size / 2);
    const expected = Uint32Array.from({ length: size - first }, (_, i) => first + i);
    for (const batches of [inOneThread, input.pool]) {
      deepStrictEqual(await receive(input, batches), expected);
      deepStrictEqual(await send(input, batches), size);
    }
  },
  contenders: {
    'receiver, two threads': (input) => receive(input, input.pool),
    'receiver, one thread': (input) => receive(input, inOneThread),
    'sender, two threads': (input) => send(input, input.pool),
    'sender, one thread': (input) => send(input, inOneThread),
  },
  teardown: async ({ pool }) => {
    await pool.close();
  },
});
