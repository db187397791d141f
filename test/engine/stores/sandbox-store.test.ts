/** The sandbox's tables: what survives, what is forgotten, what is limited. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { asRefusal } from '../../../src/base/errors.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { StoredBlobs } from '../../../src/engine/stores/stored-blobs.ts';
import { SandboxColumnTables } from '../../../src/engine/stores/sandbox-columns.ts';
import { SandboxEpochs } from '../../../src/engine/stores/sandbox-epochs.ts';
import { SandboxFrames } from '../../../src/engine/stores/sandbox-frames.ts';
import { SandboxJobResults } from '../../../src/engine/stores/sandbox-jobs.ts';
import { SandboxRuns } from '../../../src/engine/stores/sandbox-runs.ts';
import {
  SANDBOX_MIGRATIONS,
  type SandboxTables,
} from '../../../src/engine/stores/sandbox-store.ts';
import { SandboxSent } from '../../../src/engine/stores/sandbox-sent.ts';
import { SandboxStudies } from '../../../src/engine/stores/sandbox-studies.ts';
import { SandboxTokens } from '../../../src/engine/stores/sandbox-tokens.ts';
import {
  decodeFrame,
  encodeFrame,
  EVERYONE,
  type Frame,
  signFrame,
} from '../../../src/flows/frame.ts';
import { refusal } from '../../support/refusal.ts';
import { onBothStores, openAt, type Place } from './kinds.ts';

const STUDY = 'a'.repeat(64);
const RUN = 'b'.repeat(64);
const QUERY = 'c'.repeat(64);
const KEY = SigningKey.generate();

const frame = (sequence: number, body: Uint8Array, from = 'lu'): Frame =>
  signFrame({ study: STUDY, run: RUN, from, to: EVERYONE, sequence, kind: 'plan', body }, KEY);

onBothStores(({ place }) => {
  async function open(at: Place = place()) {
    const store = await openAt<SandboxTables>(at, SANDBOX_MIGRATIONS);
    await store.immediate((tx) => new SandboxStudies(store).keep(tx, STUDY, '{}'));
    return { at, store, frames: new SandboxFrames(store) };
  }

  test('a token id is used once by each key until it may be forgotten', async () => {
    const { store } = await open();
    const tokens = new SandboxTokens(store);
    const at = (seconds: number): Date => new Date(seconds * 1000);
    strictEqual(await tokens.use('k1', 'id', at(90), at(0)), true);
    strictEqual(await tokens.use('k1', 'id', at(90), at(90)), false);
    strictEqual(await tokens.use('k2', 'id', at(90), at(90)), true);
    strictEqual(await tokens.use('k1', 'id', at(181), at(91)), true);
    await store.close();
  });

  test('an acknowledgement never becomes smaller, and a page is of so many bytes', async () => {
    const { store, frames } = await open();
    const size = encodeFrame(frame(1, utf8('1'))).length;
    await store.immediate(async (tx) => {
      for (let n = 1; n <= 3; n += 1) await frames.add(tx, frame(n, utf8(String(n))), ['jp']);
    });
    strictEqual((await frames.deliveries('jp', 0, 1)).length, 1, 'at least one');
    strictEqual((await frames.deliveries('jp', 0, 2 * size)).length, 2);
    const sent = new SandboxSent(store);
    const page = await sent.page('lu', 0, 2 * size);
    strictEqual(page.frames.length, 2);
    strictEqual((await sent.page('lu', page.cursor, 2 * size)).frames.length, 1);
    await frames.acknowledge('jp', 2, '2030-01-01T00:00:00.000Z');
    // A request that was under way before and ends behind it.
    await frames.acknowledge('jp', 1, '2030-01-01T00:00:00.000Z');
    strictEqual((await frames.inbox('jp')).acknowledged, 2);
    await store.close();
  });

  test('a table of encrypted columns is erased once, and takes nothing after it', async () => {
    const { store } = await open();
    const tables = new SandboxColumnTables(store);
    const table = 'd'.repeat(64);
    const row = { table, study: STUDY, holder: 'lu', blocks: 4, list: {}, relinearisation: QUERY };
    await tables.open(row);
    const places = [0, 1].map((block) => ({ block, column: 'c', blob: String(block).repeat(64) }));
    await tables.keepBatch(table, 1, 'e'.repeat(64), places);
    const said = { ciphertexts: 2, bytes: 20 };
    const late = [{ block: 2, column: 'c', blob: '2'.repeat(64) }];
    const [first, batch, second] = await Promise.allSettled([
      tables.erase(table, 10),
      tables.keepBatch(table, 2, 'f'.repeat(64), late),
      tables.erase(table, 10),
    ]);
    deepStrictEqual(first, { status: 'fulfilled', value: said });
    deepStrictEqual(second, first);
    strictEqual(batch.status === 'rejected' && asRefusal(batch.reason).code, 'NOT_FOUND');
    await tables.forget(table);
    deepStrictEqual(await tables.erase(table, 10), said, 'the same when everything is gone');
    await store.close();
  });

  test('the version in force is found by the digest of any version, and of no other study', async () => {
    const { store } = await open();
    const studies = new SandboxStudies(store);
    const [other, second, third] = ['d', 'e', 'f'].map((digit) => digit.repeat(64)) as [
      string,
      string,
      string,
    ];
    await store.immediate((tx) => studies.keep(tx, other, '{}'));
    deepStrictEqual(await studies.present(STUDY), { id: STUDY, agreement: STUDY });
    for (const [version, agreement] of [second, third].entries()) {
      const amended = { id: STUDY, agreement, version: version + 2 };
      await store.immediate((tx) => studies.amend(tx, amended, `{"v":${version}}`));
    }
    for (const named of [STUDY, second, third]) {
      deepStrictEqual(await studies.present(named), { id: STUDY, agreement: third });
    }
    deepStrictEqual(await studies.present(other), { id: other, agreement: other });
    strictEqual(await studies.present(RUN), undefined);
    await store.close();
  });

  test('positions have no gaps, survive, and go when acknowledged', async () => {
    const { at, store, frames } = await open();
    await store.immediate(async (tx) => {
      strictEqual(await frames.add(tx, frame(1, utf8('1')), ['jp', 'be']), 'new');
      strictEqual(await frames.add(tx, frame(2, utf8('2')), ['jp']), 'new');
      strictEqual(await frames.add(tx, frame(2, utf8('2')), ['jp']), 'seen');
      strictEqual(await frames.add(tx, frame(2, utf8('3')), ['jp']), 'conflict');
      strictEqual(await frames.add(tx, frame(4, utf8('4')), ['jp']), 'conflict');
    });
    await frames.acknowledge('jp', 1, '2030-01-01T00:00:00.000Z');
    await store.close();
    const again = await open(at);
    const seen = '2030-01-01T00:00:00.000Z';
    deepStrictEqual(await again.frames.inbox('jp'), { position: 2, acknowledged: 1, seen });
    deepStrictEqual(await again.frames.inbox('be'), { position: 1, acknowledged: 0, seen: null });
    deepStrictEqual(await again.frames.inbox('fr'), { position: 0, acknowledged: 0, seen: null });
    const bodies = (await again.frames.deliveries('jp', 1, 1000)).map(
      (one) => decodeFrame(one).body,
    );
    deepStrictEqual(bodies, [utf8('2')]);
    await again.store.close();
  });

  test('an answer is limited in bytes, but never to nothing', async () => {
    const { store, frames } = await open();
    await store.immediate(async (tx) => {
      for (const n of [1, 2, 3])
        await frames.add(tx, frame(n, new Uint8Array(1000).fill(n)), ['jp']);
    });
    strictEqual((await frames.deliveries('jp', 0, 1)).length, 1);
    strictEqual((await frames.deliveries('jp', 0, 2700)).length, 2);
    strictEqual((await frames.deliveries('jp', 0, 5000)).length, 3);
    await store.close();
  });

  test('a run moves on with an event for each state, and not out of a final one', async () => {
    const { store } = await open();
    const runs = new SandboxRuns(store);
    const studies = new SandboxStudies(store);
    const query = {
      id: QUERY,
      study: STUDY,
      analyst: 'k',
      nonce: 'n',
      signed: '{}',
      queryKey: 'q',
    };
    strictEqual(await studies.keepQuery(query), 'kept');
    strictEqual(await studies.keepQuery(query), 'kept');
    strictEqual(await studies.keepQuery({ ...query, id: RUN }), 'replayed');
    const run = { id: RUN, query: QUERY, study: STUDY, queryKey: 'q', attempt: 1, epoch: 1 };
    await store.immediate((tx) =>
      runs.add(tx, { ...run, state: 'reserving', problem: null, release: null }),
    );
    deepStrictEqual(
      (await runs.unfinished()).map(({ id }) => id),
      [RUN],
    );
    strictEqual(await runs.move(RUN, 'reserving'), false);
    strictEqual(await runs.move(RUN, 'computing'), true);
    strictEqual(await runs.move(RUN, 'released', { release: '{}' }), true);
    strictEqual(await runs.move(RUN, 'aborted'), false);
    deepStrictEqual(await runs.unfinished(), []);
    deepStrictEqual(
      (await runs.eventsAfter(RUN, 1)).map(({ id, data }) => [id, data]),
      [
        [2, '{"state":"computing"}'],
        [3, '{"state":"released"}'],
      ],
    );
    deepStrictEqual(
      (await runs.released(STUDY, ['x', 'q'])).map(({ release }) => release),
      ['{}'],
    );
    await store.close();
  });

  test('the first result of a job is kept', async () => {
    const { store } = await open();
    const results = new SandboxJobResults(store);
    strictEqual(await results.find('k'), undefined);
    deepStrictEqual(await results.keep('k', { job: 'j', result: 'r' }), { job: 'j', result: 'r' });
    deepStrictEqual(await results.keep('k', { job: 'j', result: 's' }), { job: 'j', result: 'r' });
    await store.close();
  });

  test('key epochs: the first that has room, never an older one', async () => {
    const { store } = await open();
    const epochs = new SandboxEpochs(store, 10);
    const take = (ciphertexts: number): Promise<number> =>
      store.immediate(async (tx) => {
        const epoch = await epochs.next(STUDY, ciphertexts, tx);
        await epochs.take(tx, STUDY, epoch, ciphertexts);
        return epoch;
      });
    const taken: number[] = [];
    for (const ciphertexts of [4, 6, 1, 9, 10, 3]) taken.push(await take(ciphertexts));
    deepStrictEqual(taken, [1, 1, 2, 2, 3, 4]);
    await epochs.raise(STUDY, 4);
    await epochs.raise(STUDY, 2);
    deepStrictEqual([await take(7), await take(1)], [4, 5]);
    await epochs.raise(STUDY, 9);
    strictEqual(await epochs.next(STUDY, 10), 9);
    await store.close();
  });

  test('blobs: by their digest, verified, deleted', async () => {
    const { store } = await open();
    const blobs = new StoredBlobs(store);
    const digest = await blobs.put(utf8('bytes'));
    strictEqual(await blobs.put(utf8('bytes')), digest);
    deepStrictEqual(await blobs.get(digest), utf8('bytes'));
    await store.run(store.db.updateTable('blob').set({ bytes: utf8('other') }));
    await rejects(blobs.get(digest), refusal('DATA_DIRECTORY_DAMAGED'));
    strictEqual(await blobs.put(utf8('bytes')), digest);
    deepStrictEqual(await blobs.get(digest), utf8('bytes'));
    await blobs.delete(digest);
    strictEqual(await blobs.has(digest), false);
    await rejects(blobs.get(digest), refusal('NOT_FOUND'));
    await store.close();
  });
});
