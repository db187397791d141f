/** Records that are in the memory of another process: passed on, refused as there, and only for whoever has the key. */
import { deepStrictEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { afterAll, test } from 'vitest';
import { decodeCbor, splitCborSequence } from '../../src/base/codec.ts';
import { Secret } from '../../src/base/secret.ts';
import type { RecordPlace } from '../../src/engine/stores/sandbox-record-places.ts';
import type { StoredRun } from '../../src/engine/stores/sandbox-runs.ts';
import { PeerLine } from '../../src/sandbox/peer-line.ts';
import { RecordsForward } from '../../src/sandbox/records-forward.ts';
import { listenForRecords } from '../../src/sandbox/records-listener.ts';
import { MAX_RECORD_BYTES, Records, type Taken } from '../../src/sandbox/records.ts';
import { SharedRecords } from '../../src/sandbox/shared-records.ts';
import type { UploadsOfRuns } from '../../src/sandbox/uploads-door.ts';

const RUN = 'ab'.repeat(32);
const there = { from: 'lu', to: 'jp' };
const never = new AbortController().signal;
const bytes = (value: number, length = 1): Uint8Array => new Uint8Array(length).fill(value);

/** What both processes read in their store. */
const places = new Map<string, RecordPlace>();
let state: StoredRun['state'] = 'computing';

const noUploads = {} as unknown as UploadsOfRuns;

async function opened(fill: number) {
  const here = new Records(never);
  const shared = new SharedRecords(here);
  const key = bytes(fill, 32);
  const at = { host: '127.0.0.1', port: 0 };
  const listener = await listenForRecords(here, new Secret('test', key.slice()), at, noUploads);
  const warned: object[] = [];
  const line = new PeerLine({ warn: (context) => warned.push(context) });
  const forward = new RecordsForward(line);
  const own = { address: `127.0.0.1:${listener.port}`, key };
  const store = {
    get: (run: string) => Promise.resolve(places.get(run)),
    set: (run: string, place: RecordPlace) => {
      places.set(run, place);
      return Promise.resolve();
    },
    clear: (run: string, epoch: string) => {
      if (places.get(run)?.epoch === epoch) places.delete(run);
      return Promise.resolve();
    },
  };
  const runs = { get: () => Promise.resolve({ state } as StoredRun) };
  shared.share({ places: store, runs, forward, own });
  const close = async () => {
    line.close();
    await listener.close();
  };
  return { shared, forward, own, warned, close };
}

const [a, b] = await Promise.all([opened(1), opened(2)]);
afterAll(() => Promise.all([a.close(), b.close()]));

async function recordsOf(taken: Taken): Promise<unknown[]> {
  if ('records' in taken) return [...taken.records];
  return splitCborSequence(new Uint8Array(await buffer(taken.stream))).map(decodeCbor);
}

test('a record goes in at one process and comes out at the other, with one epoch, whichever has it', async () => {
  await a.shared.open(RUN, ['lu', 'jp']);
  const epoch = await b.shared.put(RUN, there, 0, bytes(7, MAX_RECORD_BYTES));
  equal(await b.shared.put(RUN, there, 0, bytes(7)), epoch, 'a repeat changes nothing');
  equal(await a.shared.put(RUN, there, 1, bytes(8)), epoch);
  for (const one of [a, b]) {
    const taken = await one.shared.take(RUN, there, 0, 0, never);
    equal(taken.epoch, epoch);
    deepStrictEqual(await recordsOf(taken), [bytes(7, MAX_RECORD_BYTES), bytes(8)]);
  }
  const waiting = b.shared.take(RUN, there, 2, 10_000, never);
  await a.shared.put(RUN, there, 2, bytes(9));
  deepStrictEqual(await recordsOf(await waiting), [bytes(9)]);
});

test('it refuses what is refused there, and what is too long', async () => {
  await rejects(b.shared.put(RUN, there, 9, bytes(1)), { code: 'SEQUENCE_CONFLICT' });
  await rejects(b.shared.take(RUN, there, 0, 0, never), { code: 'SEQUENCE_CONFLICT' });
  await rejects(b.shared.put(RUN, { from: 'kr', to: 'jp' }, 0, bytes(1)), { code: 'NOT_FOUND' });
  const long = b.shared.put(RUN, there, 3, bytes(1, MAX_RECORD_BYTES + 1));
  await rejects(long, { code: 'PAYLOAD_TOO_LARGE' });
  deepStrictEqual(b.warned, []);
});

test('who has another key is not let in', async () => {
  const place = places.get(RUN)!;
  const stranger = { ...place, key: bytes(3, 32) };
  await rejects(b.forward.put(stranger, RUN, there, 3, bytes(1)), { code: 'OVERLOADED' });
  ok(b.warned.length > 0);
  await b.forward.put(place, RUN, there, 3, bytes(1));
});

test('a wait that nobody waits for any more ends, and takes nothing with it', async () => {
  const gone = new AbortController();
  const waiting = b.shared.take(RUN, { from: 'jp', to: 'lu' }, 0, 20_000, gone.signal);
  const refused = rejects(waiting, { code: 'OVERLOADED' });
  setTimeout(() => gone.abort(), 20);
  await refused;
  await a.shared.put(RUN, { from: 'jp', to: 'lu' }, 0, bytes(4));
  const taken = await b.shared.take(RUN, { from: 'jp', to: 'lu' }, 0, 0, never);
  deepStrictEqual(await recordsOf(taken), [bytes(4)]);
});

test('who has them and lives keeps them; taken over, they are of another epoch, also for who had them', async () => {
  const before = await a.shared.put(RUN, there, 4, bytes(1));
  await rejects(b.shared.open(RUN, ['lu', 'jp']), { code: 'CONFLICT' });
  equal(await b.shared.put(RUN, there, 5, bytes(1)), before);
  // The two cannot speak to each other any more.
  places.set(RUN, { ...places.get(RUN)!, address: '127.0.0.1:9' });
  await b.shared.open(RUN, ['lu', 'jp']);
  const after = await a.shared.put(RUN, there, 0, bytes(1));
  notEqual(after, before);
  equal(await b.shared.put(RUN, there, 1, bytes(1)), after);
  // The first one ends late: the second one's are not touched.
  await a.shared.close(RUN);
  equal(await a.shared.put(RUN, there, 2, bytes(1)), after);
});

test('of a run that is over there is nothing; of one that nobody has opened, or whose process died, not yet', async () => {
  await b.shared.close(RUN);
  await rejects(a.shared.put(RUN, there, 0, bytes(1)), { code: 'OVERLOADED' });
  state = 'incomplete';
  await rejects(a.shared.put(RUN, there, 0, bytes(1)), { code: 'NOT_FOUND' });
  const dead = { epoch: 'x', ...b.own, address: '127.0.0.1:9' };
  places.set(RUN, dead);
  await rejects(a.shared.put(RUN, there, 0, bytes(1)), { code: 'OVERLOADED' });
});

test('an address that is taken is said to be, when the service starts', async () => {
  const port = Number(a.own.address.split(':')[1]);
  const taken = listenForRecords(
    new Records(never),
    new Secret('test', bytes(1, 32)),
    {
      host: '127.0.0.1',
      port,
    },
    noUploads,
  );
  await rejects(taken, {
    code: 'CONFIGURATION_INVALID',
    fields: { errors: [{ pointer: '/peers/listen', code: 'ADDRESS_NOT_AVAILABLE' }] },
  });
});
