/**
 * What a holder that came back from a backup takes from the sandbox and from the others, over real stores, with
 * a sandbox of the test that answers a page at a time.
 */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished, test } from 'vitest';
import { type Checkpoint, writeNote } from '../../src/audit/checkpoint.ts';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { canonicalBytes } from '../../src/base/canonical-json.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { systemRng } from '../../src/base/rng.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import {
  HOLDER_RECOVERY_MIGRATIONS,
  HolderRecovery,
  type HolderRecoveryTables,
} from '../../src/engine/stores/holder-recovery.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import {
  decodeFrame,
  encodeFrame,
  EVERYONE,
  type Frame,
  SANDBOX,
  signFrame,
} from '../../src/flows/frame.ts';
import { encodeRecovery, type Mirror, readRecover } from '../../src/flows/recovery.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { HOLDER_FRAME_MIGRATIONS, HolderFrames } from '../../src/engine/stores/holder-frames.ts';
import {
  HOLDER_CHECKPOINT_MIGRATIONS,
  HolderCheckpoints,
} from '../../src/engine/stores/holder-checkpoints.ts';
import { HOLDER_RUN_MIGRATIONS, HolderRuns } from '../../src/engine/stores/holder-runs.ts';
import { LEDGER_MIGRATIONS } from '../../src/engine/stores/ledger-rows.ts';
import { recover } from '../../src/holder/recovery.ts';
import { adoptCheckpoints, endRuns } from '../../src/holder/recovery-ends.ts';
import { Studies } from '../../src/holder/studies.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { acceptedStudy, signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import type { RunTables } from './run-stores.ts';
import path from 'node:path';

const KEYS = studyKeys(['be', 'jp', 'lu']);
const STUDY = acceptedStudy(KEYS);
const keyOf = (name: string): SigningKey => KEYS.identity.get(name)!;
const id = (name: string): string => sha256Hex(utf8(name));

function lab() {
  const store = openStore<RunTables & HolderRecoveryTables>(path.join(scratch(), 'store.db'), [
    ...LEDGER_MIGRATIONS,
    ...HOLDER_FRAME_MIGRATIONS,
    ...HOLDER_RUN_MIGRATIONS,
    ...HOLDER_CHECKPOINT_MIGRATIONS,
    ...HOLDER_RECOVERY_MIGRATIONS,
  ]);
  onTestFinished(() => store.close());
  const frames = new HolderFrames(store);
  const runs = new HolderRuns(store);
  const checkpoints = new HolderCheckpoints(store);
  const recovery = new HolderRecovery(store);
  const ledger = new StoredLedger({ store, holder: 'lu', clock: localClock });
  const studies = new Studies({
    holder: 'lu',
    identity: keyOf('lu').publicText,
    others: Object.fromEntries(['be', 'jp'].map((name) => [name, keyOf(name).publicText])),
    stewards: [KEYS.steward.get('lu')!.publicText],
    runs,
    ledger,
    clock: localClock,
  });
  const forgotten: string[] = [];
  const consequences = {
    holder: 'lu',
    key: keyOf('lu'),
    recovery,
    frames,
    runs,
    checkpoints,
    forget: async (run: string) => {
      forgotten.push(run);
    },
  };
  const accept = () => studies.accept(canonicalBytes(signedStudy(studyDraft(KEYS), KEYS)));
  return { ...consequences, consequences, store, ledger, studies, accept };
}

/** A sandbox that hands out `page` frames at a time, and the other holders, who answer at once. */
class Place {
  readonly inbox: Uint8Array[] = [];
  readonly pushed: Frame[] = [];
  readonly looked: string[] = [];
  readonly #page: number;
  readonly #answer: (asked: Frame, name: string) => Mirror;

  constructor(page: number, answer: (asked: Frame, name: string) => Mirror) {
    this.#page = page;
    this.#answer = answer;
  }

  get wire(): SandboxWire {
    const wire: Pick<SandboxWire, 'peek' | 'push' | 'sent'> = {
      sent: async (after) => ({ frames: [], cursor: after, acknowledged: 0 }),
      peek: async (after, from) => {
        this.looked.push(`${after}/${from}`);
        const frames = this.inbox.slice(from, from + this.#page);
        if (frames.length === 0) await sleep(10);
        return { frames, cursor: from + frames.length };
      },
      push: async (_run, bytes) => {
        const frame = decodeFrame(bytes);
        this.pushed.push(frame);
        if (frame.kind !== 'recover') return;
        for (const name of ['be', 'jp']) {
          const { study, run } = frame;
          const body = encodeRecovery(this.#answer(frame, name));
          const mirror = { study, run, from: name, to: EVERYONE, sequence: 1, body };
          this.inbox.push(encodeFrame(signFrame({ ...mirror, kind: 'mirror' }, keyOf(name))));
        }
      },
    };
    return wire as SandboxWire;
  }
}

const answer = (asked: Frame, checkpoint: Mirror['checkpoint'] = null): Mirror => ({
  nonce: readRecover(asked).nonce,
  of: 'lu',
  head: null,
  epoch: 3,
  checkpoint,
  seen: [],
});

/** Something of an earlier run that this holder has yet to read. */
const unread = (n: number): Uint8Array =>
  encodeFrame(
    signFrame(
      {
        study: STUDY.id,
        run: id(`run ${n}`),
        from: 'jp',
        to: EVERYONE,
        sequence: 1,
        kind: 'plan',
        body: Uint8Array.of(n),
      },
      keyOf('jp'),
    ),
  );

test('answers behind a full page of the inbox are heard, and nothing is acknowledged', async () => {
  const here = lab();
  await here.accept();
  const place = new Place(2, (asked) => answer(asked));
  place.inbox.push(...[1, 2, 3, 4, 5].map(unread));
  await here.recovery.set('recovering');
  const closing = new AbortController();
  onTestFinished(() => closing.abort());
  await recover({
    ...here.consequences,
    identityOf: (name) => KEYS.identity.get(name)?.publicText,
    wire: place.wire,
    ledger: here.ledger,
    studies: here.studies,
    clock: localClock,
    rng: systemRng,
    log: silentLog,
    closing: closing.signal,
  });
  equal(await here.recovery.state(), 'well');
  deepStrictEqual(place.looked, ['0/0', '0/2', '0/4', '0/6']);
  deepStrictEqual(
    place.pushed.map(({ kind }) => kind),
    ['recover', 'recovered'],
  );
  equal(await here.runs.epoch(STUDY.id), 4, 'an epoch that nobody has entered');
  equal(await here.frames.cursor(), 0);
}, 10_000);

const note = (run: string, { size, root }: Omit<Checkpoint, 'study'>): Frame =>
  signFrame(
    {
      study: STUDY.id,
      run: id(run),
      from: 'lu',
      to: SANDBOX,
      sequence: 1,
      kind: 'cosignature',
      body: utf8(writeNote({ checkpoint: { study: STUDY.id, size, root }, cosignatures: [] })),
    },
    keyOf('lu'),
  );
const mirrorOf = (size: number, root: string, nonce = '0'.repeat(32)) => {
  const checkpoint = { size, root: id(root) };
  const said = { nonce, of: 'lu', head: null, epoch: 1, checkpoint, seen: [] };
  return { study: STUDY.id, nonce, mirror: said };
};

test('checkpoints: the largest of one log, whoever said it in whatever order; two logs are refused', async () => {
  const here = lab();
  await here.accept();
  ok(fromUtf8(note('a', { size: 3, root: id('three') }).body).includes('3'));
  await adoptCheckpoints(
    here.consequences,
    [note('a', { size: 3, root: id('three') })],
    [mirrorOf(7, 'seven'), mirrorOf(5, 'five')],
  );
  const kept = await here.checkpoints.all(STUDY.id);
  deepStrictEqual(
    kept.map(({ size, root }) => [size, root]),
    [
      [3, id('three')],
      [7, id('seven')],
    ],
  );
  for (const [sent, mirrors] of [
    [[], [mirrorOf(9, 'nine'), mirrorOf(9, 'another nine')]],
    [[note('b', { size: 9, root: id('nine') })], [mirrorOf(9, 'another nine')]],
    [[], [mirrorOf(3, 'another three', '1'.repeat(32)), mirrorOf(11, 'eleven')]],
  ] as const) {
    await rejects(adoptCheckpoints(here.consequences, sent, mirrors), refusal('LOG_FORKED'));
  }
  deepStrictEqual(await here.checkpoints.all(STUDY.id), kept, 'nothing of them is kept');
});

const said = (kind: Frame['kind'], run: string, sequence: number, body = utf8('body')): Frame =>
  signFrame(
    { study: STUDY.id, run: id(run), from: 'lu', to: EVERYONE, sequence, kind, body },
    keyOf('lu'),
  );

test('what was sent is taken back whole; another frame under a number that was sent is a second copy', async () => {
  const { recovery, frames } = lab();
  const keep = (frame: Frame): Promise<void> =>
    frames.enqueue(frame.run, frame.to, frame.kind, () => frame);
  const sent = said('run-key', 'a', 1);
  const share = said('share', 'a', 2);
  for (const frame of [sent, share]) {
    await keep(frame);
    await frames.markSent(frame);
  }
  await keep(said('receipt', 'b', 1));
  // A share whose body the sandbox has deleted, and a frame of another run since.
  const emptied = { ...share, body: new Uint8Array(0) };
  await recovery.takeSent([sent, emptied, said('plan', 'c', 1)]);
  equal(await frames.queued(id('c'), EVERYONE, 'plan'), true);
  deepStrictEqual(await frames.unsent(10), [], 'what had not left does not leave');

  for (const other of [
    said('plan', 'a', 1),
    said('run-key', 'a', 1, utf8('another body')),
    said('receipt', 'a', 2),
  ]) {
    const both = [said('plan', 'd', 1), other];
    await rejects(recovery.takeSent(both), refusal('LEDGER_ROLLBACK'));
    equal(await frames.queued(id('d'), EVERYONE, 'plan'), false, 'all or nothing');
  }
});

test('of runs that end, those are counted that were under way', async () => {
  const here = lab();
  await here.accept();
  const request = (name: string) => ({
    id: id(name),
    study: STUDY.id,
    request: '{}',
    accepted_at: '2026-01-01T00:00:00.000Z',
  });
  for (const name of ['released', 'open']) await here.runs.keepRun(request(name));
  const sent = [
    said('run-key', 'released', 1),
    said('receipt', 'released', 2),
    said('run-key', 'since', 1),
  ];
  const heard = { head: undefined, used: new Map(), epochs: new Map() };
  const runs = new Map([[id('heard'), STUDY.id]]);
  equal(await endRuns(here.consequences, sent, { ...heard, runs }), 3);
  for (const name of ['open', 'since', 'heard']) {
    equal(await here.frames.queued(id(name), EVERYONE, 'refusal'), true, name);
  }
  equal(await here.frames.queued(id('released'), EVERYONE, 'refusal'), false);
  for (const { state } of await here.runs.runs()) ok(state !== 'open');
});
