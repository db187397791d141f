/**
 * VOLE-PSI, n rows a side, half of them shared, from id strings to the receiver's matched rows: both
 * parties as processes of this machine, connected over the loopback, strings in memory when the
 * timer starts. Everything is in the timer, the base OTs and the hashing of strings too. At 10,000 a side
 * @openmined/psi.js does the same job beside it (psi-js.ts).
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { type VoleMatches, voleReceive } from '../../src/psi/vole/receiver.ts';
import { voleSend } from '../../src/psi/vole/sender.ts';
import { defineCase } from '../case.ts';
import { people } from './psi-people.ts';
import { type PsiJs, psiJs } from './psi-js.ts';
import { type Peer, servePeer, startPeer, withPeer } from '../two-parties.ts';

/** The argument by which this module knows that it is the sender's process. */
const PARTY = 'psi-vole-sender';

/** Serves one session for each connection. */
async function serve(size: number): Promise<void> {
  const ids = people(Math.floor(size / 2), size);
  await servePeer(async (channel) => {
    await voleSend(ids, channel);
  });
}

if (process.argv[2] === PARTY) await serve(Number(process.argv[3]));

type Input = {
  readonly ids: readonly string[];
  readonly peer: Peer;
  readonly psiJs: PsiJs | undefined;
  bytes: number;
};

/** psi.js takes 3 to 4 ms an item. */
const LARGEST_FOR_PSI_JS = 10_000;

async function session(input: Input): Promise<VoleMatches> {
  const { result, bytes } = await withPeer(input.peer, (channel) =>
    voleReceive(input.ids, channel),
  );
  input.bytes = bytes;
  return result;
}

export default defineCase<Input>({
  name: 'psi/vole',
  timed:
    'Two connected processes, identifiers in memory as strings, to matched rows; base OTs and hashing included. Size: rows a side, half of them shared.',
  sizes: [2 ** 16, 2 ** 18, 2 ** 20],
  fullSizes: [LARGEST_FOR_PSI_JS, 2 ** 22],
  unit: 's',
  setup: async (size) => {
    const peer = await startPeer(fileURLToPath(import.meta.url), [PARTY, String(size)]);
    const beside = size <= LARGEST_FOR_PSI_JS ? await psiJs() : undefined;
    return { ids: people(0, size), peer, psiJs: beside, bytes: 0 };
  },
  check: async (input) => {
    const { matches, duplicates, peerItems } = await session(input);
    const size = input.ids.length;
    const first = Math.floor(size / 2);
    deepStrictEqual(
      matches,
      Uint32Array.from({ length: size - first }, (_, i) => first + i),
    );
    deepStrictEqual([duplicates.length, peerItems], [0, size]);
    const theirs = input.psiJs?.(input.ids, people(first, size));
    if (theirs !== undefined) deepStrictEqual(Uint32Array.from(theirs), matches);
  },
  contenders: { kakehashi: session },
  peers: ({ psiJs: run }) =>
    run === undefined
      ? {}
      : { 'psi.js': ({ ids }) => run(ids, people(Math.floor(ids.length / 2), ids.length)) },
  // Both directions and everything, over the elements of one side.
  bytesPerItem: ({ bytes, ids }) => bytes / ids.length,
  teardown: ({ peer }) => {
    equal(peer.process.exitCode, null);
    peer.process.disconnect();
  },
});
