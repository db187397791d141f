/**
 * A holder that came back from a backup (DESIGN section 9, "Restore"; rulings 19): before it answers
 * anything it takes back what it sent since, hears the other holders of its live studies, and draws the
 * consequences. The messages are in flows/recovery.ts, what the ledger makes of them in ledger/restore.ts.
 *
 *     1  own frames from the sandbox: numbers go on where they were; what was not sent never will be
 *     2  studies that were accepted since are taken back
 *     3  every other holder of a live study says what it saw; none may be missing
 *     4  versions of studies that this holder was in, by its own word or that of another, are fetched; none may be missing
 *     5  the ledger goes on behind the last entry that anybody saw, with the largest spent, in those versions
 *     6  every run that was under way ends, as incomplete: no share of it is given again
 *     7  a later epoch of every key; the log goes on from the largest checkpoint that anybody co-signed
 *
 * Nothing is acknowledged to the sandbox meanwhile, so what comes in is delivered afterwards, and a
 * recovery that was interrupted begins anew. Two histories are LEDGER_ROLLBACK or LOG_FORKED: it
 * stops, and stays stopped, for people to look at.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { toHex } from '../base/bytes.ts';
import { asRefusal, check, type ErrorCode, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Rng } from '../base/rng.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import {
  checkFrameSignature,
  decodeFrame,
  encodeFrame,
  EVERYONE,
  type Frame,
  type FrameKind,
  signFrame,
} from '../flows/frame.ts';
import type { Clock, Log } from '../flows/ports.ts';
import type { Study } from '../flows/study-terms.ts';
import { headOf } from '../ledger/entry.ts';
import {
  conclude,
  encodeRecovery,
  type Heard,
  readMirror,
  recoveryRun,
} from '../flows/recovery.ts';
import { mirrorFor, recoverIn, seenIn } from './mirror.ts';
import {
  adoptCheckpoints,
  type Consequences,
  endRuns,
  type MirrorOf,
  raiseEpochs,
} from './recovery-ends.ts';
import {
  fetchAmended,
  liveStudies,
  takeAmendments,
  takeNarrowings,
  takeStudies,
  versionsIn,
} from './recovery-studies.ts';
import { ownFrames } from './own-frames.ts';
import type { Studies } from './studies.ts';

export type RecoveryOptions = Consequences & {
  /** The pinned identity key of another holder. */
  readonly identityOf: (holder: string) => PublicKeyText | undefined;
  readonly wire: SandboxWire;
  readonly ledger: StoredLedger;
  readonly studies: Studies;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
};

/** What people have to look at: trying again would find the same. */
const FINAL: readonly ErrorCode[] = [
  'LEDGER_ROLLBACK',
  'LOG_FORKED',
  'LEDGER_CORRUPT',
  'IDENTITY_NOT_PINNED',
];
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const WAIT_SECONDS = 5;

/** Resolves when the holder may answer; never where it must not. Rejects with SHUTTING_DOWN. */
export async function recover(options: RecoveryOptions): Promise<void> {
  const { log, closing, recovery } = options;
  log.warn({}, 'recovering from a backup');
  for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      check(!closing.aborted, 'SHUTTING_DOWN', 'recovery');
      await attempt(options);
      await recovery.set('well');
      log.info({}, 'recovered');
      return;
    } catch (error) {
      const { code, detail, cause } = asRefusal(error);
      if (closing.aborted) throw new Refusal('SHUTTING_DOWN', 'recovery');
      log.error({ code, detail, err: cause }, 'recovery has not ended');
      if (FINAL.includes(code))
        await sleep(2 ** 31 - 1, undefined, { signal: closing }).catch(() => undefined);
      await sleep(pause, undefined, { signal: closing }).catch(() => undefined);
    }
  }
}

async function attempt(options: RecoveryOptions): Promise<void> {
  const { recovery, frames, ledger, runs } = options;
  const { sent, position } = await ownFrames(options);
  await recovery.takeSent(sent);
  await takeStudies(options, sent);
  const { live, over } = await liveStudies(options, await fetchAmended(options, versionsIn(sent)));
  const own = (await ledger.entries()).map(headOf);
  const mirrors = await hear(options, position, live);
  const concluded = conclude(own, [...ownWord(sent), ...mirrors.map(wordOf)]);
  for (const { study, mirror } of mirrors) if (mirror.stopped) await runs.stopStudy(study);
  const told = mirrors.map(({ study, mirror }) => ({ study, version: mirror.version }));
  const amended = await fetchAmended(options, versionsIn(sent, told));
  const grants = await options.studies.grants();
  const head = await ledger.restore({ seen: concluded.head, used: concluded.used, grants });
  await takeAmendments(options, amended);
  const narrowings = mirrors.map(({ study, mirror }) => ({
    study,
    narrowings: mirror.narrowings ?? [],
  }));
  await takeNarrowings(options, narrowings);
  // Nobody said what was spent in it: a version that revives it is not accepted here any more.
  for (const study of over) await runs.stopStudy(study);
  await adoptCheckpoints(options, sent, mirrors);
  const ended = await endRuns(options, sent, concluded);
  const epochs = await raiseEpochs(options, concluded);
  for (const { study, nonce } of uniqueBy(mirrors, ({ study }) => study)) {
    const keyEpoch = epochs.get(study) ?? 2;
    const run = recoveryRun(study, nonce);
    const body = encodeRecovery({ nonce, head, keyEpoch });
    await post(options, { study, run }, 2, 'recovered', body);
  }
  await frames.skip(position);
  options.log.warn({ head: head.sequence, ended }, 'ledger goes on');
}

const ownWord = (sent: readonly Frame[]): Heard[] =>
  sent.flatMap(({ kind, study, run, body }) => {
    const seen = kind === 'reservation' ? seenIn(body, run) : undefined;
    // Runs without a reservation are over as well.
    return [{ study, seen: seen === undefined ? [] : [seen], heads: [], epochs: [] }];
  });

const wordOf = ({ study, mirror }: MirrorOf): Heard => ({
  study,
  seen: mirror.seen,
  heads: mirror.head === null ? [] : [mirror.head],
  epochs: [mirror.epoch],
});

const uniqueBy = <T>(all: readonly T[], keyOf: (one: T) => string): T[] => [
  ...new Map(all.map((one) => [keyOf(one), one])).values(),
];

/** Asks about every live study, and waits for all of its other holders. */
async function hear(
  options: RecoveryOptions,
  position: number,
  live: readonly Study[],
): Promise<MirrorOf[]> {
  const { holder, ledger, rng, log, wire, closing } = options;
  const nonce = toHex(rng(16));
  const head = await ledger.head();
  for (const { id: study } of live) {
    const run = recoveryRun(study, nonce);
    await post(options, { study, run }, 1, 'recover', encodeRecovery({ nonce, head }));
  }
  const heard = new Map<string, MirrorOf>();
  const answered = new Set<Digest>();
  const missing = (): string[] =>
    live.flatMap(({ id, holders }) =>
      holders
        .map(({ name }) => name)
        .filter((name) => name !== holder && !heard.has(`${id} ${name}`)),
    );
  let told = '';
  // Page after page: an answer may lie behind all that came in since the backup.
  for (let from = position; missing().length > 0; ) {
    check(!closing.aborted, 'SHUTTING_DOWN', 'recovery');
    const { frames, cursor } = await wire.peek(position, from, closing, WAIT_SECONDS);
    from = cursor;
    for (const bytes of frames) {
      await answerOther(bytes, options, answered);
      const mirror = mirrorIn(bytes, nonce, options);
      if (mirror !== undefined) heard.set(`${mirror.study} ${mirror.from}`, mirror);
    }
    const waits = [...new Set(missing())].sort();
    // Said where the inbox was read to its end, so that an answer that is there is not missed.
    if (frames.length === 0 && waits.join() !== told) {
      log.warn({ holders: waits }, 'recovery waits for holders');
      told = waits.join();
    }
  }
  return [...heard.values()];
}

/** The answer to this question, by a holder whose key is pinned; anything else is for later. */
function mirrorIn(bytes: Uint8Array, nonce: string, { holder, identityOf }: RecoveryOptions) {
  try {
    const frame = decodeFrame(bytes);
    const identity = identityOf(frame.from);
    if (frame.kind !== 'mirror' || identity === undefined) return undefined;
    checkFrameSignature(frame, identity);
    const mirror = readMirror(frame);
    if (mirror.nonce !== nonce || mirror.of !== holder) return undefined;
    return { study: frame.study, nonce, mirror, from: frame.from };
  } catch {
    return undefined;
  }
}

/** Another holder may have been set back too: it is told what there is, or the two would wait for ever. */
async function answerOther(
  bytes: Uint8Array,
  options: RecoveryOptions,
  answered: Set<Digest>,
): Promise<void> {
  const { holder, identityOf, log } = options;
  const frame = recoverIn(bytes, identityOf);
  if (frame === undefined || frame.from === holder || answered.has(frame.run)) return;
  answered.add(frame.run);
  const body = encodeRecovery(await mirrorFor(frame, options));
  log.warn({ study: frame.study, holder: frame.from }, 'another holder recovers too');
  await post(options, frame, 1, 'mirror', body);
}

/** A message of a recovery, sent now: it is a run of its own that nobody takes up again. */
async function post(
  { holder, key, wire }: RecoveryOptions,
  { study, run }: Pick<Frame, 'study' | 'run'>,
  sequence: number,
  kind: FrameKind,
  body: Uint8Array,
): Promise<void> {
  const frame = signFrame({ study, run, from: holder, to: EVERYONE, sequence, kind, body }, key);
  await wire.push(study, encodeFrame(frame));
}
