/** The sandbox's tables: what survives, what is forgotten, what is limited. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import path from 'node:path';
import { test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { SandboxEpochs } from '../../src/engine/sqlite/sandbox-epochs.ts';
import { SandboxFrames } from '../../src/engine/sqlite/sandbox-frames.ts';
import { SandboxJobResults } from '../../src/engine/sqlite/sandbox-jobs.ts';
import { SandboxRuns } from '../../src/engine/sqlite/sandbox-runs.ts';
import { openSandboxStore } from '../../src/engine/sqlite/sandbox-store.ts';
import { SandboxStudies } from '../../src/engine/sqlite/sandbox-studies.ts';
import { SandboxTokens } from '../../src/engine/sqlite/sandbox-tokens.ts';
import { decodeFrame, EVERYONE, type Frame, signFrame } from '../../src/flows/frame.ts';
import { scratch } from '../support/scratch.ts';

const STUDY = 'a'.repeat(64);
const RUN = 'b'.repeat(64);
const QUERY = 'c'.repeat(64);
const KEY = SigningKey.generate();

const frame = (sequence: number, body: Uint8Array, from = 'lu'): Frame =>
  signFrame({ study: STUDY, run: RUN, from, to: EVERYONE, sequence, kind: 'plan', body }, KEY);

function open(file = path.join(scratch(), 'store.db')) {
  const store = openSandboxStore(file);
  store.immediate((tx) => new SandboxStudies(store).keep(tx, STUDY, '{}'));
  return { file, store, frames: new SandboxFrames(store) };
}

test('a token id is used once by each key until it may be forgotten', () => {
  const { store } = open();
  const tokens = new SandboxTokens(store);
  const at = (seconds: number): Date => new Date(seconds * 1000);
  strictEqual(tokens.use('k1', 'id', at(90), at(0)), true);
  strictEqual(tokens.use('k1', 'id', at(90), at(90)), false);
  strictEqual(tokens.use('k2', 'id', at(90), at(90)), true);
  strictEqual(tokens.use('k1', 'id', at(181), at(91)), true);
  store.close();
});

test('positions have no gaps, survive, and go when acknowledged', () => {
  const { file, store, frames } = open();
  store.immediate((tx) => {
    strictEqual(frames.add(tx, frame(1, utf8('1')), ['jp', 'be']), 'new');
    strictEqual(frames.add(tx, frame(2, utf8('2')), ['jp']), 'new');
    strictEqual(frames.add(tx, frame(2, utf8('2')), ['jp']), 'seen');
    strictEqual(frames.add(tx, frame(2, utf8('3')), ['jp']), 'conflict');
    strictEqual(frames.add(tx, frame(4, utf8('4')), ['jp']), 'conflict');
  });
  frames.acknowledge('jp', 1, '2030-01-01T00:00:00.000Z');
  store.close();
  const again = open(file);
  const seen = '2030-01-01T00:00:00.000Z';
  deepStrictEqual(again.frames.inbox('jp'), { position: 2, acknowledged: 1, seen });
  deepStrictEqual(again.frames.inbox('be'), { position: 1, acknowledged: 0, seen: null });
  deepStrictEqual(again.frames.inbox('fr'), { position: 0, acknowledged: 0, seen: null });
  const bodies = again.frames.deliveries('jp', 1, 1000).map((one) => decodeFrame(one).body);
  deepStrictEqual(bodies, [utf8('2')]);
  again.store.close();
});

test('an answer is limited in bytes, but never to nothing', () => {
  const { store, frames } = open();
  store.immediate((tx) => {
    for (const n of [1, 2, 3]) frames.add(tx, frame(n, new Uint8Array(1000).fill(n)), ['jp']);
  });
  strictEqual(frames.deliveries('jp', 0, 1).length, 1);
  strictEqual(frames.deliveries('jp', 0, 2700).length, 2);
  strictEqual(frames.deliveries('jp', 0, 5000).length, 3);
  store.close();
});

test('a run moves on with an event for each state, and not out of a final one', () => {
  const { store } = open();
  const runs = new SandboxRuns(store);
  const studies = new SandboxStudies(store);
  const query = { id: QUERY, study: STUDY, analyst: 'k', nonce: 'n', signed: '{}', queryKey: 'q' };
  strictEqual(studies.keepQuery(query), 'kept');
  strictEqual(studies.keepQuery(query), 'kept');
  strictEqual(studies.keepQuery({ ...query, id: RUN }), 'replayed');
  const run = { id: RUN, query: QUERY, study: STUDY, queryKey: 'q', attempt: 1, epoch: 1 };
  store.immediate((tx) =>
    runs.add(tx, { ...run, state: 'reserving', problem: null, release: null }),
  );
  deepStrictEqual(
    runs.unfinished().map(({ id }) => id),
    [RUN],
  );
  strictEqual(runs.move(RUN, 'reserving'), false);
  strictEqual(runs.move(RUN, 'computing'), true);
  strictEqual(runs.move(RUN, 'released', { release: '{}' }), true);
  strictEqual(runs.move(RUN, 'aborted'), false);
  deepStrictEqual(runs.unfinished(), []);
  deepStrictEqual(
    runs.eventsAfter(RUN, 1).map(({ id, data }) => [id, data]),
    [
      [2, '{"state":"computing"}'],
      [3, '{"state":"released"}'],
    ],
  );
  deepStrictEqual(
    runs.released(STUDY, ['x', 'q']).map(({ release }) => release),
    ['{}'],
  );
  store.close();
});

test('the first result of a job is kept', async () => {
  const { store } = open();
  const results = new SandboxJobResults(store);
  strictEqual(await results.find('k'), undefined);
  deepStrictEqual(await results.keep('k', { job: 'j', result: 'r' }), { job: 'j', result: 'r' });
  deepStrictEqual(await results.keep('k', { job: 'j', result: 's' }), { job: 'j', result: 'r' });
  store.close();
});

test('key epochs: the first that has room, never an older one', () => {
  const { store } = open();
  const epochs = new SandboxEpochs(store, 10);
  const take = (ciphertexts: number): number =>
    store.immediate((tx) => {
      const epoch = epochs.next(STUDY, ciphertexts, tx);
      epochs.take(tx, STUDY, epoch, ciphertexts);
      return epoch;
    });
  deepStrictEqual([4, 6, 1, 9, 10, 3].map(take), [1, 1, 2, 2, 3, 4]);
  epochs.raise(STUDY, 4);
  epochs.raise(STUDY, 2);
  deepStrictEqual([7, 1].map(take), [4, 5]);
  epochs.raise(STUDY, 9);
  strictEqual(epochs.next(STUDY, 10), 9);
  store.close();
});
