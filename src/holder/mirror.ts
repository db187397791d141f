/**
 * What this holder tells another one that came back from a backup: everything that it saw of the other's
 * ledger in a study, as the other itself had signed it (flows/recovery.ts).
 *
 * Reveals  to the holders of the study what the reservations of that study, its versions and a stop said to them before.
 * @module
 */
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { asRefusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText, SigningKey } from '../base/sign.ts';
import type { HolderCheckpoints } from '../engine/stores/holder-checkpoints.ts';
import type { HolderFrames } from '../engine/stores/holder-frames.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { announce } from '../engine/transport/run-relay.ts';
import { checkFrameSignature, decodeFrame, type Frame } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import { agreementAsked } from '../flows/pooled/compile-run.ts';
import { readReservation } from '../flows/pooled/reservation.ts';
import type { Log } from '../flows/ports.ts';
import {
  encodeRecovery,
  type Mirror,
  MOST_NARROWINGS,
  readRecover,
  type Seen,
} from '../flows/recovery.ts';
import type { Study } from '../flows/study-terms.ts';
import { signedJson } from '../study/signatures.ts';
import { versionsOf } from '../study/versions.ts';
import type { Studies } from './studies.ts';

export type MirrorSources = {
  readonly runs: HolderRuns;
  readonly frames: HolderFrames;
  readonly checkpoints: HolderCheckpoints;
  readonly studies: Pick<Studies, 'any' | 'signedNarrowings'>;
};

export type MirrorWire = {
  readonly holder: string;
  readonly key: SigningKey;
  readonly log: Log;
  /** Tells the link that the outbox has grown. */
  readonly wake: () => void;
};

/** Of the sender of `frame`, a `recover` message whose signature was checked. */
export async function mirrorFor(
  frame: Pick<Frame, 'study' | 'run' | 'body' | 'from'>,
  { runs, frames, checkpoints, studies }: MirrorSources,
): Promise<Mirror> {
  const { study, from } = frame;
  const { nonce, head: known } = readRecover(frame);
  const seen: Seen[] = [];
  const under = new Set<Digest>();
  for (const { id, request } of await runs.runs(study)) {
    const one = seenIn(await frames.body(id, 'reservation', from), id);
    if (one === undefined) continue;
    under.add(agreementAsked(parseStrict(request)));
    if (one.head.sequence > known.sequence) seen.push(one);
  }
  const present = (await runs.study(study)) && (await studies.any(study));
  const version = present && (await versionOfAsker(from, present, under, frames));
  const narrowings = present && (await narrowingsOf(present, studies));
  const last = await checkpoints.last(study);
  return {
    nonce,
    of: from,
    head: (await runs.last(from)) ?? null,
    epoch: await runs.epoch(study),
    checkpoint: last === undefined ? null : { size: last.size, root: last.root },
    seen,
    ...((await stoppedBy(from, study, frames)) && { stopped: true as const }),
    ...(version !== undefined && { version }),
    ...(narrowings?.length && { narrowings }),
  };
}

/** Without the versions before: the asker has those, or fetches them. */
async function narrowingsOf(present: Study, studies: MirrorSources['studies']): Promise<Json[]> {
  const signed = await studies.signedNarrowings(present);
  return signed.slice(0, MOST_NARROWINGS).map((one) => signedJson({ ...one, history: [] }));
}

/** The newest amended version known here that `from` said to be in; `under` are those of its reservations. */
async function versionOfAsker(
  from: string,
  present: Study,
  under: ReadonlySet<Digest>,
  frames: HolderFrames,
): Promise<Digest | undefined> {
  for (const { agreement, previous } of versionsOf(present)) {
    if (previous === undefined) break;
    const accepted = await frames.body(agreement, 'accepted', from);
    if (accepted !== undefined || under.has(agreement)) return agreement;
  }
  return undefined;
}

/** Whether that holder told that its stewards stopped the study. */
async function stoppedBy(from: string, study: Digest, frames: HolderFrames): Promise<boolean> {
  return (await frames.refusals(study)).some(
    (one) => one.from === from && decodeRefusal(one.body, from).code === 'STUDY_STOPPED',
  );
}

/** A `recover` message that a holder signed whose key is pinned; undefined for any other frame. */
export function recoverIn(
  bytes: Uint8Array,
  identityOf: (holder: string) => PublicKeyText | undefined,
): Frame | undefined {
  try {
    const frame = decodeFrame(bytes);
    const identity = identityOf(frame.from);
    if (frame.kind !== 'recover' || identity === undefined) return undefined;
    checkFrameSignature(frame, identity);
    readRecover(frame);
    return frame;
  } catch {
    return undefined;
  }
}

/** What a reservation told; undefined where there is none, or one that nobody can read. */
export function seenIn(body: Uint8Array | undefined, run: Digest): Seen | undefined {
  if (body === undefined) return undefined;
  try {
    const { head, account, discloses } = readReservation(body);
    return { run, head, used: account.spent, ...(discloses !== undefined && { discloses }) };
  } catch (error) {
    if (asRefusal(error).code === 'MALFORMED_MESSAGE') return undefined;
    throw error;
  }
}

/** Answers a `recover` message; what cannot be read is logged and has no answer. */
export async function answerRecovery(
  frame: Frame,
  sources: MirrorSources,
  { holder, key, wake, log }: MirrorWire,
): Promise<void> {
  const { study, run, from } = frame;
  try {
    const mirror = await mirrorFor(frame, sources);
    const here = { study, run, holder, key, frames: sources.frames, wake };
    await announce(here, 'mirror', encodeRecovery(mirror));
    log.warn({ study, holder: from, seen: mirror.seen.length }, 'a holder came back from a backup');
  } catch (error) {
    const { code, detail } = asRefusal(error);
    if (code !== 'MALFORMED_MESSAGE') throw error;
    log.warn({ study, holder: from, code, detail }, 'recovery not answered');
  }
}
