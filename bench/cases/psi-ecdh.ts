/**
 * ECDH-PSI, n items a side, half of them shared, the set to the receiver: both parties as processes
 * of this machine, connected over the loopback, items hashed and in memory when the timer starts.
 * The target in DESIGN's notes is for `bench psi/ecdh --sizes 100000`, which takes some minutes.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { Channel } from '../../src/psi/channel.ts';
import { receiveCardinality, receiveIntersection } from '../../src/psi/ecdh/receiver.ts';
import { sendItems } from '../../src/psi/ecdh/sender.ts';
import { ITEM_BYTES, itemHash } from '../../src/psi/items.ts';
import { defineCase } from '../case.ts';
import { type Peer, servePeer, startPeer, withPeer } from '../two-parties.ts';

/** The argument by which this module knows that it is the sender's process. */
const PARTY = 'psi-ecdh-sender';
const options = (size: number) => ({ peerLimit: size, rng: systemRng });

/** Items of people `from` to `from + n`. */
function people(from: number, n: number): Uint8Array {
  const items = new Uint8Array(n * ITEM_BYTES);
  for (let i = 0; i < n; i++) items.set(itemHash(utf8(`person ${from + i}`)), i * ITEM_BYTES);
  return items;
}

/** Serves a session for each connection; the first byte says which output. */
async function serve(size: number): Promise<void> {
  const items = people(Math.floor(size / 2), size);
  await servePeer(async (channel) => {
    const [output] = await channel.receive();
    await sendItems(channel, items, {
      ...options(size),
      output: output === 1 ? 'cardinality' : 'set',
    });
  });
}

if (process.argv[2] === PARTY) await serve(Number(process.argv[3]));

type Input = {
  readonly items: Uint8Array;
  readonly size: number;
  readonly peer: Peer;
  bytes: number;
};

async function session<T>(
  input: Input,
  output: number,
  run: (channel: Channel) => Promise<T>,
): Promise<T> {
  const { result, bytes } = await withPeer(input.peer, async (channel) => {
    await channel.send(Uint8Array.of(output));
    return run(channel);
  });
  input.bytes = bytes;
  return result;
}

const intersection = (input: Input): Promise<Uint32Array> =>
  session(input, 0, (channel) => receiveIntersection(channel, input.items, options(input.size)));

export default defineCase<Input>({
  name: 'psi/ecdh',
  timed:
    'Two connected processes, items in memory, to the indices of the intersection. Size: items a side, half of them shared.',
  sizes: [1000, 10_000],
  fullSizes: [100_000],
  unit: 's',
  setup: async (size) => {
    const peer = await startPeer(fileURLToPath(import.meta.url), [PARTY, String(size)]);
    return { items: people(0, size), size, peer, bytes: 0 };
  },
  check: async (input) => {
    const half = Math.floor(input.size / 2);
    deepStrictEqual(
      await intersection(input),
      Uint32Array.from({ length: input.size - half }, (_, i) => half + i),
    );
    if (input.size > 10_000) return;
    const shared = await session(input, 1, (channel) =>
      receiveCardinality(channel, input.items, options(input.size)),
    );
    equal(shared, input.size - half);
  },
  contenders: { processes: intersection },
  // Both directions and everything, over the elements of one side.
  bytesPerItem: ({ bytes, size }) => bytes / size,
  teardown: ({ peer }) => {
    peer.process.kill();
  },
});
