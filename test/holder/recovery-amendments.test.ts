/**
 * A holder that came back from a backup of before an amendment: it goes on in the version that it had accepted, with
 * what was spent under it, or does not go on. The sandbox of the test says as much, or as little, as it likes.
 */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import path from 'node:path';
import { onTestFinished, test } from 'vitest';
import { canonicalBytes, type Json } from '../../src/base/canonical-json.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import {
  HOLDER_RECOVERY_MIGRATIONS,
  HolderRecovery,
  type HolderRecoveryTables,
} from '../../src/engine/stores/holder-recovery.ts';
import {
  HOLDER_NARROWING_MIGRATIONS,
  HolderNarrowings,
  type HolderNarrowingTables,
} from '../../src/engine/stores/holder-narrowings.ts';
import { StoredLedger } from '../../src/engine/stores/ledger-store.ts';
import type { SandboxWire } from '../../src/engine/transport/sandbox-wire.ts';
import {
  decodeFrame,
  encodeFrame,
  EVERYONE,
  type Frame,
  signFrame,
} from '../../src/flows/frame.ts';
import { encodeReservation } from '../../src/flows/pooled/reservation.ts';
import { encodeRecovery, type Mirror, readRecover, recoveryRun } from '../../src/flows/recovery.ts';
import { HOLDER_FRAME_MIGRATIONS, HolderFrames } from '../../src/engine/stores/holder-frames.ts';
import {
  HOLDER_CHECKPOINT_MIGRATIONS,
  HolderCheckpoints,
} from '../../src/engine/stores/holder-checkpoints.ts';
import { HOLDER_RUN_MIGRATIONS, HolderRuns } from '../../src/engine/stores/holder-runs.ts';
import { LEDGER_MIGRATIONS } from '../../src/engine/stores/ledger-rows.ts';
import { mirrorFor } from '../../src/holder/mirror.ts';
import { recover } from '../../src/holder/recovery.ts';
import { Studies } from '../../src/holder/studies.ts';
import { localClock, silentLog } from '../support/memory-ports.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';
import { amendedStudy, signedStudy, studyDraft, studyKeys } from '../support/study.ts';
import { readPartlySigned, readSignedStudy } from '../../src/flows/study-terms.ts';
import { signStudy } from '../../src/study/signatures.ts';
import type { RunTables } from './run-stores.ts';

type Draft = Record<string, Json>;

const KEYS = studyKeys(['jp', 'lu']);
const D = (digit: string): string => digit.repeat(64);
const first = signedStudy(studyDraft(KEYS), KEYS);
const budget =
  (rho: string, expires?: string) =>
  (draft: Draft): Draft => ({
    ...draft,
    ...(expires !== undefined && { expires }),
    budget: { ...(draft['budget'] as Draft), lu: { rho, delta: '1/1000000' } },
  });
const second = amendedStudy(first, KEYS, budget('2/1'));
const third = amendedStudy(second, KEYS, budget('3/1'));
const read = (signed: Json) => readSignedStudy(signed);
const STUDY = read(first).id;

function lab(revoked: readonly string[] = [], stewards = [KEYS.steward.get('lu')!]) {
  const store = openStore<RunTables & HolderRecoveryTables & HolderNarrowingTables>(
    path.join(scratch(), 'store.db'),
    [
      ...LEDGER_MIGRATIONS,
      ...HOLDER_FRAME_MIGRATIONS,
      ...HOLDER_RUN_MIGRATIONS,
      ...HOLDER_CHECKPOINT_MIGRATIONS,
      ...HOLDER_RECOVERY_MIGRATIONS,
      ...HOLDER_NARROWING_MIGRATIONS,
    ],
  );
  onTestFinished(() => store.close());
  const runs = new HolderRuns(store);
  const ledger = new StoredLedger({ store, holder: 'lu', clock: localClock });
  const studies = new Studies({
    holder: 'lu',
    identity: KEYS.identity.get('lu')!.publicText,
    others: { jp: KEYS.identity.get('jp')!.publicText },
    stewards: stewards.map(({ publicText }) => publicText),
    revoked,
    runs,
    narrowings: new HolderNarrowings(store),
    ledger,
    clock: localClock,
  });
  const options = {
    holder: 'lu',
    key: KEYS.identity.get('lu')!,
    recovery: new HolderRecovery(store),
    frames: new HolderFrames(store),
    runs,
    checkpoints: new HolderCheckpoints(store),
    forget: () => Promise.resolve(undefined),
  };
  return { options, runs, ledger, studies };
}
type Lab = ReturnType<typeof lab>;

const said = (kind: Frame['kind'], study: string, run: string, body: Uint8Array): Frame =>
  signFrame(
    { study, run, from: 'lu', to: EVERYONE, sequence: 1, kind, body },
    KEYS.identity.get('lu')!,
  );
const accepted = (signed: Json): Frame => {
  const { id: study, agreement } = read(signed);
  return said('accepted', study, agreement, utf8(agreement));
};
const reserved = (run: string, sequence: number, rho: string): Frame => {
  const amount = { rho, delta: '0/1' };
  const head = { sequence, hash: D('7') };
  const account = { spent: amount, left: amount };
  const body = encodeReservation({ run, plan: D('1'), rho, charged: true, head, account });
  return said('reservation', STUDY, run, body);
};

type Says = {
  readonly sent?: readonly Frame[];
  readonly signed: Json | (() => Json);
  readonly mirror?: Partial<Mirror>;
};

/** Recovers at `here`: 'well', or the code by which it did not end. */
async function recovered(here: Lab, { sent = [], signed, mirror = {} }: Says): Promise<string> {
  const inbox: Uint8Array[] = [];
  const closing = new AbortController();
  let code = 'well';
  const wire: Pick<SandboxWire, 'peek' | 'push' | 'sent' | 'study'> = {
    sent: async (after) => {
      const frames = sent.slice(after).map((frame) => encodeFrame(frame));
      return { frames, cursor: sent.length, acknowledged: 0 };
    },
    study: async () => canonicalBytes(typeof signed === 'function' ? signed() : signed),
    peek: async (_after, from) => ({ frames: inbox.slice(from), cursor: inbox.length }),
    push: async (_run, bytes) => {
      const asked = decodeFrame(bytes);
      if (asked.kind !== 'recover') return;
      const { nonce } = readRecover(asked);
      const told = { nonce, of: 'lu', head: null, epoch: 1, checkpoint: null, seen: [], ...mirror };
      const { study, run } = asked;
      const frame = {
        study,
        run,
        from: 'jp',
        to: EVERYONE,
        sequence: 1,
        body: encodeRecovery(told),
      };
      inbox.push(encodeFrame(signFrame({ ...frame, kind: 'mirror' }, KEYS.identity.get('jp')!)));
    },
  };
  const log = {
    ...silentLog,
    error: (detail: object) => {
      code = (detail as { code: string }).code;
      closing.abort();
    },
  };
  await recover({
    ...here.options,
    identityOf: (name) => KEYS.identity.get(name)?.publicText,
    wire: wire as SandboxWire,
    ledger: here.ledger,
    studies: here.studies,
    clock: localClock,
    rng: systemRng,
    log,
    closing: closing.signal,
  }).catch((error: unknown) => {
    if (code === 'well') throw error;
  });
  return code;
}

async function backup(here: Lab, signed: Json = first): Promise<void> {
  await here.studies.accept(canonicalBytes(signed));
  await here.ledger.load(STUDY, { version: D('a'), epochs: [1], people: D('b') });
}
const reserve = (here: Lab, run: string, rho: string, agreement?: string) =>
  here.ledger.reserve({
    study: STUDY,
    run,
    planDigest: D('1'),
    vectorKey: run,
    rho: Rational.parse(rho),
    delta: Rational.parse('0/1'),
    version: D('a'),
    ticket: { commitment: run, sealedSeed: new Uint8Array(1) },
    ...(agreement !== undefined && { agreement }),
  });
const seen = (run: string, sequence: number, rho: string) => ({
  run,
  head: { sequence, hash: D('7') },
  used: { rho, delta: '0/1' },
});
const left = async ({ ledger }: Lab): Promise<string> =>
  (await ledger.account(STUDY)).left.rho.toString();

test('the version it had accepted, with what was spent under it; nothing is reserved under the older one', async () => {
  const here = lab();
  await backup(here);
  const sent = [accepted(second), accepted(third), reserved(D('c'), 7, '3/2')];
  equal(await recovered(here, { sent, signed: third }), 'well');
  const { agreement } = await here.studies.open(STUDY);
  equal(agreement, read(third).agreement);
  equal(await left(here), '3/2');
  await rejects(reserve(here, D('d'), '1/8'), refusal('STUDY_AMENDED'));
  await rejects(reserve(here, D('d'), '2/1', agreement), refusal('BUDGET_EXHAUSTED'));
  await reserve(here, D('d'), '3/2', agreement);
  await rejects(here.studies.accept(canonicalBytes(first)), refusal('STUDY_AMENDED'));
});

test('a later version than it had accepted is not taken on the way', async () => {
  const here = lab();
  await backup(here);
  equal(await recovered(here, { sent: [accepted(second)], signed: third }), 'well');
  equal((await here.studies.open(STUDY)).version, 2);
  equal((await here.studies.accept(canonicalBytes(third))).version, 3);
});

test('kept back by the sandbox: it does not go on, whoever tells; and books nothing meanwhile', async () => {
  for (const says of [
    { sent: [accepted(second)], signed: first },
    { sent: [accepted(third)], signed: second },
    { sent: [], signed: first, mirror: { version: read(second).agreement } },
  ]) {
    const here = lab();
    await backup(here);
    await here.options.recovery.set('recovering');
    const { length } = await here.ledger.entries();
    equal(await recovered(here, says), 'STUDY_AMENDED');
    equal((await here.ledger.entries()).length, length);
    equal(await here.options.recovery.state(), 'recovering');
    // The control: the same word, and the version.
    equal(await recovered(here, { ...says, signed: third }), 'well');
    ok((await here.studies.open(STUDY)).version >= 2);
  }
});

test('only another holder knows: its word on the version and on the spending counts', async () => {
  const here = lab();
  await backup(here);
  const mirror = { version: read(second).agreement, seen: [seen(D('c'), 5, '5/4')] };
  equal(await recovered(here, { signed: second, mirror }), 'well');
  equal((await here.studies.open(STUDY)).version, 2);
  equal(await left(here), '3/4');
});

test('expired in the backup, live in the version it was in: the others are asked', async () => {
  const short = signedStudy(studyDraft(KEYS, { expires: '2026-01-01' }), KEYS);
  const longer = amendedStudy(short, KEYS, budget('2/1', '2099-12-31'));
  const study = read(short).id;
  const mirror = { seen: [seen(D('c'), 5, '5/4')] };
  const before = async () => {
    const here = lab();
    await here.studies.accept(canonicalBytes(short), study, { known: true });
    return here;
  };
  const here = await before();
  equal(await recovered(here, { sent: [accepted(longer)], signed: longer, mirror }), 'well');
  equal((await here.ledger.account(study)).left.rho.toString(), '3/4');
  // Its own word kept back, nobody was asked what is spent: the study is over here.
  const blind = await before();
  equal(await recovered(blind, { signed: short, mirror }), 'well');
  await rejects(blind.studies.accept(canonicalBytes(longer)), refusal('STUDY_STOPPED'));
});

test('a steward whose key was lost since, and one revoked since: the version is taken back all the same', async () => {
  const fresh = SigningKey.generate();
  const renewed = (draft: Draft): Draft => ({
    ...draft,
    holders: (draft['holders'] as Draft[]).map((holder) =>
      holder['name'] === 'lu'
        ? { ...holder, stewards: { need: 1, keys: [fresh.publicText] } }
        : holder,
    ),
  });
  const unsigned = amendedStudy(first, KEYS, renewed) as Draft;
  const { study } = readPartlySigned(unsigned);
  const signed = {
    ...unsigned,
    signatures: [...(unsigned['signatures'] as Json[]), signStudy(study, 'lu', fresh)],
  } as Json;
  const lost = KEYS.steward.get('lu')!.publicText;
  const here = lab([lost], [fresh]);
  const sent = [said('accepted', STUDY, STUDY, utf8(STUDY)), accepted(signed)];
  equal(await recovered(here, { sent, signed }), 'well');
  equal((await here.studies.open(STUDY)).version, 2);
  // What others send for the first time is not signed by a revoked key.
  await rejects(
    lab([lost], [fresh]).studies.accept(canonicalBytes(signed)),
    refusal('STUDY_UNSIGNED'),
  );
});

test('a study accepted and a run reserved since the backup, in whatever order: one ledger', async () => {
  const here = lab();
  await backup(here);
  const other = signedStudy(studyDraft(KEYS, { minimumCell: 3 }), KEYS);
  const sent = [reserved(D('c'), 3, '1/4'), accepted(other)];
  equal(await recovered(here, { sent, signed: other }), 'well');
  equal(await left(here), '3/4');
  equal((await here.ledger.account(read(other).id)).left.rho.toString(), '1/1');
});

test('amended and then stopped since: stopped, in the version that was stopped', async () => {
  const here = lab();
  await backup(here);
  const mirror = { stopped: true as const, version: read(second).agreement };
  equal(await recovered(here, { sent: [accepted(second)], signed: second, mirror }), 'well');
  await rejects(here.studies.open(STUDY), refusal('STUDY_STOPPED'));
  equal((await here.studies.any(STUDY)).version, 2);
  deepStrictEqual(
    (await here.ledger.entries()).map(({ body }) => body.type),
    ['grant', 'load', 'restore', 'amend'],
  );
});

test('what another holder tells: the version that the asker was in, and what narrows it', async () => {
  const asked = async (of: Lab) => {
    const head = { sequence: 1, hash: D('7') };
    const nonce = '1'.repeat(32);
    const body = encodeRecovery({ nonce, head });
    const frame = { study: STUDY, run: recoveryRun(STUDY, nonce), from: 'jp', body };
    return mirrorFor(frame, { ...of.options, studies: of.studies });
  };
  const other = lab();
  await backup(other, second);
  equal((await asked(other)).version, undefined);
  const { agreement } = read(second);
  const word = { study: STUDY, run: agreement, from: 'jp', to: EVERYONE, sequence: 1 };
  const key = KEYS.identity.get('jp')!;
  await other.options.frames.accept(
    signFrame({ ...word, kind: 'accepted', body: utf8(agreement) }, key),
    1,
  );
  equal((await asked(other)).version, agreement);
  const less = amendedStudy(second, KEYS, budget('1/2'), ['jp']);
  equal(await other.studies.take(canonicalBytes(less)), 'narrowed');
  const { narrowings = [], version = '' } = await asked(other);
  equal(narrowings.length, 1);

  const here = lab();
  await backup(here);
  const forged = { ...(narrowings[0] as Draft), signatures: [] };
  const mirror = { version, narrowings: [forged, ...narrowings] };
  equal(await recovered(here, { signed: second, mirror }), 'well');
  const bound = await here.studies.narrowings(await here.studies.open(STUDY));
  deepStrictEqual(
    bound.map((study) => study.agreement),
    [readPartlySigned(less).study.agreement],
  );
});
