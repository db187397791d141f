/** What is left of an ended run once its ciphertexts were kept for long enough: everything but them. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'vitest';
import { encodeCbor } from '../../src/base/codec.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { SandboxColumnTables } from '../../src/engine/stores/sandbox-columns.ts';
import { SandboxErasures } from '../../src/engine/stores/sandbox-erasures.ts';
import { SandboxFrames } from '../../src/engine/stores/sandbox-frames.ts';
import { SandboxJobResults } from '../../src/engine/stores/sandbox-jobs.ts';
import { SandboxLog } from '../../src/engine/stores/sandbox-log.ts';
import { SandboxRuns } from '../../src/engine/stores/sandbox-runs.ts';
import { SandboxSent } from '../../src/engine/stores/sandbox-sent.ts';
import { SANDBOX_MIGRATIONS, type SandboxTables } from '../../src/engine/stores/sandbox-store.ts';
import { SandboxStudies } from '../../src/engine/stores/sandbox-studies.ts';
import { StoredBlobs } from '../../src/engine/stores/stored-blobs.ts';
import {
  checkFrameSignature,
  decodeFrame,
  decodeKept,
  EVERYONE,
  type Frame,
  type FrameKind,
  signFrame,
} from '../../src/flows/frame.ts';
import { Erasures } from '../../src/sandbox/erasures.ts';
import { StudyLog } from '../../src/sandbox/study-log.ts';
import { Wakeups } from '../../src/sandbox/wakeups.ts';
import { onBothStores, openedAt } from '../engine/stores/kinds.ts';
import { refused } from '../support/refused.ts';

const STUDY = 'a'.repeat(64);
const RUN = 'b'.repeat(64);
const QUERY = 'c'.repeat(64);
const KEY = SigningKey.generate();
const DAY_MS = 86_400_000;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const CIPHERTEXT = systemRng(20_000);
const frame = (sequence: number, kind: FrameKind, body: Uint8Array): Frame =>
  signFrame({ study: STUDY, run: RUN, from: 'lu', to: EVERYONE, sequence, kind, body }, KEY);
const CONTRIBUTION = frame(2, 'contribution', encodeCbor([RUN, CIPHERTEXT]));

onBothStores(({ place }) => {
  async function open(retentionDays = 7) {
    const at = place();
    const store = await openedAt<SandboxTables>(at, SANDBOX_MIGRATIONS);
    const studies = new SandboxStudies(store);
    const frames = new SandboxFrames(store);
    const runs = new SandboxRuns(store);
    const erasures = new SandboxErasures(store);
    const blobs = new StoredBlobs(store);
    const log = new SandboxLog(store, systemRng);
    const clock = { now: (): Date => here.now, until: () => Promise.resolve() };
    const wakeups = new Wakeups();
    const record = new StudyLog({
      store,
      log,
      frames,
      clock,
      wakeups,
      holdersOf: () => Promise.resolve(['lu', 'jp']),
    });
    const service = new Erasures({
      store,
      erasures,
      frames,
      results: new SandboxColumnTables(store),
      blobs,
      record,
      wakeups,
      clock,
      log: quiet,
      retentionDays,
      closing: new AbortController().signal,
    });
    const here = {
      at,
      store,
      frames,
      runs,
      erasures,
      blobs,
      service,
      now: new Date('2030-01-01T00:00:00.000Z'),
      add: (one: Frame) =>
        store.immediate(async (tx) => {
          const arrival = await frames.add(tx, one, ['jp']);
          if (arrival === 'new') await erasures.late(tx, one);
          return arrival;
        }),
      entries: async () => (await log.entries(STUDY, 0, 99)).map(({ entry }) => entry),
      bytes: async (sequence: number) =>
        (
          await store.first(
            store.db.selectFrom('frame').select('bytes').where('sequence', '=', BigInt(sequence)),
          )
        )?.bytes ?? new Uint8Array(0),
    };
    await store.immediate(async (tx) => {
      await studies.keep(tx, STUDY, '{}');
      await tx.run(
        store.db.insertInto('query').values({
          id: QUERY,
          study: STUDY,
          analyst: KEY.publicText,
          nonce: '00',
          signed: '{}',
          query_key: QUERY,
        }),
      );
      await runs.add(tx, {
        id: RUN,
        query: QUERY,
        study: STUDY,
        queryKey: QUERY,
        attempt: 1,
        epoch: 1,
        state: 'computing',
        problem: null,
        release: null,
      });
    });
    await here.add(frame(1, 'plan', Uint8Array.of(1)));
    await here.add(CONTRIBUTION);
    await blobs.put(CIPHERTEXT);
    const sum = await blobs.put(Uint8Array.of(7));
    await new SandboxJobResults(store).keep(`${RUN}/sum`, { job: QUERY, result: sum });
    return here;
  }

  test('a run under way, one that ended lately and one not fetched yet keep them', async () => {
    const here = await open();
    const { service, frames, runs } = here;
    await frames.acknowledge('jp', 2, '2030-01-01T00:00:00.000Z');
    here.now = new Date(here.now.getTime() + 100 * DAY_MS);
    await service.sweep();
    ok((await here.bytes(2)).length > 20_000, 'under way');

    await here.add(frame(3, 'share', encodeCbor([RUN, systemRng(20_000)])));
    await runs.move(RUN, 'released', { release: '{"cells":[]}' });
    await service.sweep();
    here.now = new Date(here.now.getTime() + 7 * DAY_MS - 1);
    await service.sweep();
    ok((await here.bytes(2)).length > 20_000, 'ended lately');

    here.now = new Date(here.now.getTime() + 1);
    await service.sweep();
    ok((await here.bytes(2)).length > 20_000, 'jp has not fetched the share');
    deepStrictEqual(await here.entries(), []);
    await frames.acknowledge('jp', 3, '2030-01-01T00:00:00.000Z');
    await service.sweep();
    ok((await here.bytes(2)).length < 500);
    ok((await here.bytes(3)).length < 500);
  });

  test('what is erased: ciphertexts in frames, blobs and results; what is not: all else', async () => {
    const here = await open(0);
    const { service, frames, runs, blobs, store } = here;
    const whole = await here.bytes(1);
    await frames.acknowledge('jp', 2, '2030-01-01T00:00:00.000Z');
    await runs.move(RUN, 'released', { release: '{"cells":[]}' });
    await service.sweep();
    await service.sweep();
    deepStrictEqual(await here.entries(), [
      { type: 'erasure', at: '2030-01-01T00:00Z', run: RUN, statements: [] },
    ]);
    strictEqual(await blobs.has(sha256Hex(CIPHERTEXT)), false);
    deepStrictEqual(await store.all(store.db.selectFrom('blob').select('digest')), []);
    deepStrictEqual(await store.all(store.db.selectFrom('finished_job').select('key')), []);
    deepStrictEqual(await here.bytes(1), whole, 'the plan is no ciphertext');
    strictEqual((await runs.get(RUN))?.release, '{"cells":[]}');
    deepStrictEqual(await frames.history(RUN), [
      { from: 'lu', kind: 'plan' },
      { from: 'lu', kind: 'contribution' },
    ]);

    // Numbers and digests are there: a frame sent again is known, another of its number is not taken.
    strictEqual(await here.add(CONTRIBUTION), 'seen');
    const other = frame(2, 'contribution', encodeCbor([RUN, systemRng(20_000)]));
    strictEqual(await here.add(other), 'conflict');

    // And a holder that was set back is told what it had signed.
    const page = await new SandboxSent(store).page('lu', 0, 1_000_000);
    strictEqual(page.frames.length, 2);
    const { frame: left, digest } = decodeKept(page.frames[1]!);
    deepStrictEqual({ ...left, body: CONTRIBUTION.body }, CONTRIBUTION);
    checkFrameSignature(left, KEY.publicText, digest);
    deepStrictEqual(
      refused(() => decodeFrame(page.frames[1]!)),
      ['MALFORMED_MESSAGE'],
    );
    deepStrictEqual(
      refused(() => checkFrameSignature(left, KEY.publicText)),
      ['SIGNATURE_REJECTED'],
    );
  });

  test('a ciphertext that comes in late goes as well, under the same entry', async () => {
    const here = await open(0);
    const { service, frames, runs } = here;
    await frames.acknowledge('jp', 2, '2030-01-01T00:00:00.000Z');
    await runs.move(RUN, 'incomplete', { problem: '{}' });
    await service.sweep();
    await here.add(frame(3, 'share', encodeCbor([RUN, systemRng(20_000)])));
    await frames.acknowledge('jp', 3, '2030-01-01T00:00:00.000Z');
    ok((await here.bytes(3)).length > 20_000);
    await service.sweep();
    ok((await here.bytes(3)).length < 500);
    strictEqual((await here.entries()).length, 1);
  });

  test('the files of SQLite do not have them any more', async ({ skip }) => {
    const here = await open(0);
    if (here.at.kind !== 'SQLite') return skip();
    const inFiles = (): boolean =>
      ['', '-wal'].some((end) => {
        const file = `${here.at.at}${end}`;
        return (
          existsSync(file) &&
          readFileSync(file).includes(Buffer.from(CIPHERTEXT.subarray(9000, 9064)))
        );
      });
    ok(inFiles());
    await here.frames.acknowledge('jp', 2, '2030-01-01T00:00:00.000Z');
    await here.runs.move(RUN, 'refused', { problem: '{}' });
    await here.service.sweep();
    ok(!inFiles());
  });
});

test('only a body that is a ciphertext may be missing', () => {
  const plan = frame(1, 'plan', Uint8Array.of(1));
  const cut = encodeCbor([
    1,
    STUDY,
    RUN,
    'lu',
    EVERYONE,
    1,
    'plan',
    new Uint8Array(32),
    new Uint8Array(0),
    plan.signature,
  ]);
  deepStrictEqual(
    refused(() => decodeKept(cut)),
    ['MALFORMED_MESSAGE'],
  );
});
