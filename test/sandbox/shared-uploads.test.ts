/** Uploads whose keys are in the memory of another process: passed on, refused as there, taken over where it is gone. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { afterAll, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { Secret } from '../../src/base/secret.ts';
import type { RecordPlace } from '../../src/engine/stores/sandbox-record-places.ts';
import type { SignedOpening } from '../../src/flows/sandboxed-run.ts';
import { PeerLine } from '../../src/sandbox/peer-line.ts';
import { listenForRecords } from '../../src/sandbox/records-listener.ts';
import { Records } from '../../src/sandbox/records.ts';
import { SharedUploads } from '../../src/sandbox/shared-uploads.ts';
import type { UploadsOfRuns } from '../../src/sandbox/uploads-door.ts';

const [RUN, NEXT, UPLOAD] = ['ab'.repeat(32), 'cd'.repeat(32), 'ef'.repeat(32)];
const never = new AbortController().signal;
const bytes = (value: number, length = 1): Uint8Array => new Uint8Array(length).fill(value);
const opening = (name: string, holder: string, block: number): SignedOpening =>
  ({ opening: { holder, block }, key: name, signature: 'x' }) as unknown as SignedOpening;

/** What both processes read in their store. */
const places = new Map<string, RecordPlace>();

async function opened(name: string, fill: number) {
  const asked: unknown[][] = [];
  let asks = 0;
  const here: UploadsOfRuns = {
    async open(run, holder, block) {
      asked.push(['open', run, holder, block]);
      if (block > 9) throw new Refusal('NOT_FOUND', `block ${block}`);
      return opening(name, holder, block);
    },
    async store(run, holder, upload, number, sealed) {
      asked.push(['store', run, holder, upload, number, sealed.length]);
    },
    async execute() {
      asks += 1;
      return asks > 1;
    },
    answers: async (_run, _holder, _upload, number) => bytes(number, 2000),
  };
  const shared = new SharedUploads(here);
  const key = bytes(fill, 32);
  const at = { host: '127.0.0.1', port: 0 };
  const listener = await listenForRecords(new Records(never), new Secret('test', key), at, here);
  const line = new PeerLine({ warn: () => undefined });
  shared.share({
    places: {
      get: async (run) => places.get(run),
      keep: async (run, place) => places.get(run) ?? (places.set(run, place), place),
      set: async (run, place) => void places.set(run, place),
      clear: async (run, epoch) => {
        if (places.get(run)?.epoch === epoch) places.delete(run);
      },
    },
    line,
    own: { address: `127.0.0.1:${listener.port}`, key: key.slice() },
  });
  const close = async (): Promise<void> => {
    line.close();
    await listener.close();
  };
  return { shared, asked, close };
}

const [a, b] = await Promise.all([opened('a', 1), opened('b', 2)]);
afterAll(() => Promise.all([a.close(), b.close()]));

test('whichever is asked, the process that opened the first has all of a run, and answers as it would itself', async () => {
  deepStrictEqual(await a.shared.open(RUN, 'lu', 0), opening('a', 'lu', 0));
  deepStrictEqual(await b.shared.open(RUN, 'jp', 3), opening('a', 'jp', 3));
  await b.shared.store(RUN, 'lu', UPLOAD, 7, bytes(1, 2 ** 20 + 16));
  deepStrictEqual(a.asked.at(-1), ['store', RUN, 'lu', UPLOAD, 7, 2 ** 20 + 16]);
  equal(await b.shared.execute(RUN, 'lu', UPLOAD, bytes(1)), false, 'asked again: 202');
  equal(await b.shared.execute(RUN, 'lu', UPLOAD, bytes(1)), true);
  deepStrictEqual(await b.shared.answers(RUN, 'lu', UPLOAD, 5), bytes(5, 2000));
  await rejects(b.shared.open(RUN, 'lu', 10), { code: 'NOT_FOUND' });
  deepStrictEqual(b.asked, [], 'control: nothing of it was done there');
});

test('a run that has ended is forgotten by who has it, and by nobody else', async () => {
  await b.shared.open(NEXT, 'lu', 0);
  await a.shared.forget(NEXT);
  equal(places.has(NEXT), true);
  await b.shared.forget(NEXT);
  equal(places.has(NEXT), false);
  deepStrictEqual(await a.shared.open(NEXT, 'lu', 0), opening('a', 'lu', 0));
});

test('where it is gone the holder is refused for now, and the next upload is taken over', async () => {
  await a.close();
  await rejects(b.shared.store(RUN, 'lu', UPLOAD, 1, bytes(1)), { code: 'OVERLOADED' });
  deepStrictEqual(await b.shared.open(RUN, 'lu', 0), opening('b', 'lu', 0));
  await b.shared.store(RUN, 'lu', UPLOAD, 1, bytes(1));
  deepStrictEqual(b.asked.at(-1), ['store', RUN, 'lu', UPLOAD, 1, 1]);
});
