/**
 * The relay: takes frames that holders signed, stores them, puts them into the inboxes they are
 * for, and wakes whoever waits. It reads only what is addressed to everybody or to the sandbox.
 *
 * Adversary  the sandbox itself, which could drop, delay and reorder: holders check signatures and
 *            numbers again. What is refused here is what a holder would refuse anyway, early.
 *
 * Numbers    a frame that breaks the numbering of its run is refused, and its holder ends the run. What that holder
 *            signs then is taken behind a gap too, so that the others see it and end theirs; where its number was used
 *            before, the run ends here, and another holder's stays open until its steward stops the study.
 * @module
 */
import { check, type ErrorCode, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { SandboxEpochs } from '../engine/stores/sandbox-epochs.ts';
import type { SandboxErasures } from '../engine/stores/sandbox-erasures.ts';
import type { SandboxFrames } from '../engine/stores/sandbox-frames.ts';
import { isFinal, type SandboxRuns } from '../engine/stores/sandbox-runs.ts';
import type { SandboxSent, SentPage } from '../engine/stores/sandbox-sent.ts';
import type { SandboxStore } from '../engine/stores/sandbox-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import {
  checkFrameSignature,
  decodeFrame,
  type FrameKind,
  MAX_FRAME_BYTES,
} from '../flows/frame.ts';
import {
  decodeRefusal,
  isHolderLimit,
  isStudyCeiling,
  type RunRefusal,
} from '../flows/pooled/refusal.ts';
import type { Clock, Relay as RelayPort } from '../flows/ports.ts';
import { isOfRecovery, readRecovered } from '../flows/recovery.ts';
import type { Study } from '../flows/study-terms.ts';
import { versionOf } from '../study/versions.ts';
import { addressees } from './addressees.ts';
import { readStatement } from './statements.ts';
import type { StudyLog } from './study-log.ts';
import type { Wakeups } from './wakeups.ts';

/**
 * What goes into a full inbox too: a holder that recovers acknowledges nothing before it was answered, and what ends a
 * run makes no more of it. Each is one message of a run.
 */
const ALWAYS: readonly FrameKind[] = ['recover', 'mirror', 'recovered', 'refusal'];
const MINUTE_MS = 60_000;
/** A process that took a frame and died may not have said so to the others. */
const LOOK_AGAIN_MS = 5000;

export type RelayOptions = {
  readonly store: SandboxStore;
  readonly frames: SandboxFrames;
  readonly runs: SandboxRuns;
  readonly epochs: Pick<SandboxEpochs, 'raise'>;
  readonly sent: SandboxSent;
  readonly erasures: Pick<SandboxErasures, 'late' | 'erased'>;
  readonly clock: Clock;
  readonly wakeups: Wakeups;
  readonly record: Pick<StudyLog, 'frame' | 'close' | 'statement'>;
  /** Frames that may wait for one holder. */
  readonly inboxFrames: number;
  /** A run that can get no further, by its messages. */
  readonly broken: (run: Digest, fault: Refusal) => Promise<void>;
  /** Aborts when the service closes. */
  readonly closing: AbortSignal;
};

export class Relay {
  readonly #options: RelayOptions;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /**
   * Takes one frame of `run` from the holder whose identity key is `identity`. Returns whether
   * it was here before. `study` is the study of the run.
   */
  async accept(
    identity: PublicKeyText,
    study: Study,
    run: Digest,
    bytes: Uint8Array,
  ): Promise<boolean> {
    const { store, frames, runs, epochs, erasures, wakeups, record, inboxFrames } = this.#options;
    const frame = decodeFrame(bytes);
    const sender = study.holders.find((holder) => holder.identity === identity);
    check(sender?.name === frame.from, 'SIGNATURE_REJECTED', 'frame of another holder');
    checkFrameSignature(frame, identity);
    const recovers = run === study.id && isOfRecovery(frame);
    check(
      frame.study === study.id && (frame.run === run || recovers),
      'MALFORMED_MESSAGE',
      'frame of another study or run',
    );
    const recipients = addressees(frame, study);
    if (frame.kind === 'refusal') decodeRefusal(frame.body, frame.from);
    if (frame.kind === 'erasure') readStatement(frame, identity);

    const arrival = await store.immediate(async (tx) => {
      const most = ALWAYS.includes(frame.kind) ? Infinity : inboxFrames;
      const outcome = await frames.add(tx, frame, recipients, most);
      if (outcome === 'new') await record.frame(tx, frame);
      if (outcome === 'new') await erasures.late(tx, frame);
      if (outcome === 'new' && frame.kind === 'erasure' && (await erasures.erased(tx, run)))
        await record.statement(tx, frame);
      // What comes behind the end of a run is no step of it.
      const step = versionOf(study, run) === undefined && frame.kind !== 'erasure';
      if (outcome === 'new' && step) {
        const data = JSON.stringify({ holder: frame.from, kind: frame.kind });
        await runs.addEvent(tx, run, 'step', data);
      }
      return outcome;
    });
    check(arrival !== 'full', 'INBOX_FULL', `${frame.kind} to ${recipients.join()}`);
    if (arrival === 'conflict') {
      const fault = new Refusal('SEQUENCE_CONFLICT', `${frame.kind} ${frame.sequence}`);
      if (frame.kind === 'refusal') await this.#options.broken(run, fault);
      throw fault;
    }
    if (arrival === 'new') {
      stepDone(run, `frame/${frame.kind}`);
      for (const holder of recipients) wakeups.wake(`inbox/${holder}`);
      wakeups.wake(`run/${run}`);
      if (frame.kind === 'refusal' && run === study.id) await record.close(study.id);
      if (frame.kind === 'recovered') await epochs.raise(study.id, readRecovered(frame).keyEpoch);
    }
    return arrival === 'seen';
  }

  /** What a holder sent, and how far it had read: for one that came back from a backup. */
  async sent(holder: string, after: number): Promise<SentPage & { readonly acknowledged: number }> {
    const { frames, sent } = this.#options;
    const { acknowledged } = await frames.inbox(holder);
    return { ...(await sent.page(holder, after, MAX_FRAME_BYTES)), acknowledged };
  }

  /**
   * Frames behind `from`, which is `after` or later; waits up to `milliseconds` for the first. What is up to
   * `after` is acknowledged, and nothing else: what lies between the two stays.
   */
  async poll(
    holder: string,
    { after, from }: { readonly after: number; readonly from: number },
    milliseconds: number,
    gone: AbortSignal,
  ): Promise<Uint8Array[]> {
    const { frames, clock, wakeups, closing } = this.#options;
    const inbox = await frames.inbox(holder);
    const where = `after ${after}, from ${from}, inbox ${inbox.acknowledged} to ${inbox.position}`;
    // Below what was acknowledged the frames are gone, and above what was delivered this store is an older one:
    // new frames must not pass for those that the holder has read. Either way the holder has to recover.
    if (after > inbox.position) await frames.leap(holder, after);
    check(after >= inbox.acknowledged && after <= inbox.position, 'SET_BACK', where);
    check(after <= from && from <= inbox.position, 'CONFLICT', where);
    const minute = Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS;
    const seen = new Date(minute).toISOString();
    if (after > inbox.acknowledged || seen !== inbox.seen) {
      await frames.acknowledge(holder, after, seen);
    }
    using arrivals = wakeups.watch(`inbox/${holder}`);
    const found = await frames.deliveries(holder, from, MAX_FRAME_BYTES);
    if (found.length > 0 || milliseconds === 0) return found;
    await arrivals.next(AbortSignal.any([gone, closing]), milliseconds);
    return await frames.deliveries(holder, from, MAX_FRAME_BYTES);
  }

  /** What decided that a run cannot go on: the first refusal that is not an answer to another. */
  async refusal(run: Digest): Promise<(RunRefusal & { readonly holder: string }) | undefined> {
    const all = await this.refusals(run);
    return all.find(({ code }) => code !== 'RUN_ABORTED') ?? all[0];
  }

  async refusals(run: Digest): Promise<(RunRefusal & { readonly holder: string })[]> {
    return (await this.#options.frames.ofKinds(run, ['refusal'])).map(({ body, from }) => ({
      ...decodeRefusal(body, from),
      holder: from,
    }));
  }

  /** The read side of one run, for the flow. */
  reader(run: Digest): Pick<RelayPort, 'receive'> {
    const { frames, runs, wakeups, closing } = this.#options;
    return {
      receive: async (kind, from) => {
        using arrivals = wakeups.watch(`run/${run}`);
        for (;;) {
          check(!closing.aborted, 'SHUTTING_DOWN', 'relay');
          const body = await frames.body(run, kind, from);
          if (body !== undefined) return body;
          const refused = await this.refusal(run);
          if (refused !== undefined) throw refusalOf(refused);
          const stored = await runs.get(run);
          check(stored !== undefined && !isFinal(stored.state), 'RUN_INCOMPLETE', 'has ended');
          await arrivals.next(closing, LOOK_AGAIN_MS);
        }
      },
    };
  }
}

/** As a refusal of our own, with the public fields of its code only. */
export function refusalOf({
  code,
  fields,
  epoch,
  holder,
}: RunRefusal & { readonly holder: string }): Refusal {
  if (isStudyCeiling(code) && fields !== undefined && 'left' in fields) {
    return new Refusal<ErrorCode>(code, 'said by a holder', fields);
  }
  if (isHolderLimit(code) && fields !== undefined) {
    const { asked } = fields;
    return new Refusal<ErrorCode>(code, 'said by a holder', { holder, asked });
  }
  if (code === 'COHORT_MISSING') return new Refusal(code, 'said by a holder', { holder });
  if (code === 'KEY_EPOCH' && epoch !== undefined) {
    return new Refusal(code, 'said by a holder', { holder, epoch });
  }
  return new Refusal(code, 'said by a holder');
}
