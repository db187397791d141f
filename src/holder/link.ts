/**
 * The holder's connection to the sandbox: one loop reads the inbox, one sends the outbox. Both
 * go on after every failure, with a pause that grows to half a minute.
 *
 * A frame that does not decode or does not carry the pinned signature of its sender is never
 * delivered: anybody could have made it, so it is no more than a lost one, and is logged. One that
 * its sender did sign, but whose number is missing its predecessor or was used for something
 * else, ends the run (rulings 36). So does a frame of this holder that the sandbox will never take: it
 * stays in the outbox until the run has ended here, so that a process that dies in between is told again.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asRefusal, check, type ErrorCode, type Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { HolderFrames, Unsent } from '../engine/stores/holder-frames.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import { checkFrameSignature, decodeFrame, EVERYONE, type Frame, SANDBOX } from '../flows/frame.ts';
import type { Log } from '../flows/ports.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const BATCH = 16;
/** Why a frame could not be taken that says nothing about the frame. */
const OWN_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'DATA_DIRECTORY_BUSY',
  'DATABASE_UNREACHABLE',
  'DATA_DIRECTORY_DAMAGED',
  'SHUTTING_DOWN',
]);

/** Refusals that the same bytes will always meet. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'SEQUENCE_CONFLICT',
  'MALFORMED_MESSAGE',
  'INVALID_PARAMETER',
  'UNSUPPORTED_VERSION',
  'SIGNATURE_REJECTED',
  'PAYLOAD_TOO_LARGE',
  'STUDY_UNKNOWN',
  'NOT_FOUND',
  'FORBIDDEN',
]);

export type LinkOptions = {
  readonly holder: string;
  readonly wire: SandboxWire;
  readonly frames: HolderFrames;
  readonly log: Log;
  /** The pinned identity key of another holder. */
  readonly identityOf: (holder: string) => PublicKeyText | undefined;
  /** A frame that was stored, one of the sandbox, or a `recover`, which may come again; must not throw else. */
  readonly deliver: (frame: Frame) => Promise<void>;
  /** A signed frame broke the numbering of its run. */
  readonly conflict: (run: Digest, refusal: Refusal) => void;
  /** The sandbox will never take a frame of this run; true once nothing of it goes on here. */
  readonly rejected: (run: Digest, refusal: Refusal) => Promise<boolean>;
};

export class HolderLink {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  #loops: Promise<void>[] = [];
  #wakeSender: () => void = () => undefined;
  #connected = false;
  #setBack = false;
  #closing = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** The sandbox does not have what was read here: nothing comes in before `kakehashi ledger recover`. */
  get setBack(): boolean {
    return this.#setBack;
  }

  start(): void {
    this.#loops = [this.#forever(() => this.#read()), this.#forever(() => this.#send())];
  }

  /** The outbox has grown. */
  wake(): void {
    this.#wakeSender();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#stop.abort();
    this.wake();
    await Promise.all(this.#loops);
  }

  async #forever(turn: () => Promise<void>): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stop.signal.aborted) {
      try {
        await turn();
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        const refusal = asRefusal(error);
        this.#connected = refusal.code !== 'SANDBOX_UNREACHABLE';
        this.#setBack ||= refusal.code === 'SET_BACK';
        if (!this.#closing) this.#warn(refusal);
        await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  #warn({ code, detail, message }: Refusal): void {
    const { log } = this.#options;
    if (code === 'SET_BACK') log.error({ code, detail, why: message }, 'sandbox link');
    else log.warn({ code, detail }, 'sandbox link');
  }

  async #read(): Promise<void> {
    const { wire, frames } = this.#options;
    const after = await frames.cursor();
    const polled = await wire.poll(after, this.#stop.signal);
    this.#connected = true;
    for (const [index, bytes] of polled.frames.entries()) {
      await this.#receive(bytes, after + index + 1);
    }
  }

  async #receive(bytes: Uint8Array, position: number): Promise<void> {
    const { frames, log, deliver, conflict } = this.#options;
    let frame: Frame | undefined;
    try {
      frame = decodeFrame(bytes);
      if (frame.from === SANDBOX) {
        // It proves itself or is refused by the receiver; what it starts is durable there.
        await deliver(frame);
        await frames.skip(position);
        return;
      }
      this.#check(frame);
      // Of no run that a start takes up again: its answer is stored before it is acknowledged.
      const answeredFirst = frame.kind === 'recover';
      if (answeredFirst) await deliver(frame);
      if ((await frames.accept(frame, position)) === 'seen') return;
      stepDone(frame.run, `received/${frame.kind}`);
      if (!answeredFirst) await deliver(frame);
    } catch (error) {
      const refusal = asRefusal(error);
      const { code, detail } = refusal;
      // A fault of our own store is not the frame's: acknowledged it would be lost.
      if (OWN_FAULTS.has(code)) throw error;
      log.warn({ code, detail, position }, 'frame refused');
      await frames.skip(position);
      if (code === 'SEQUENCE_CONFLICT' && frame !== undefined) conflict(frame.run, refusal);
    }
  }

  #check(frame: Frame): void {
    const { holder, identityOf } = this.#options;
    const identity = identityOf(frame.from);
    check(
      identity !== undefined && frame.from !== holder,
      'IDENTITY_NOT_PINNED',
      `frame from ${frame.from}`,
    );
    check(frame.to === holder || frame.to === EVERYONE, 'MALFORMED_MESSAGE', 'frame to another');
    checkFrameSignature(frame, identity);
  }

  async #send(): Promise<void> {
    const { frames } = this.#options;
    const grown = new Promise<void>((resolve) => {
      this.#wakeSender = resolve;
    });
    /** Runs whose next frame waits, for room in an inbox or for their end: what is behind it waits, other runs go on. */
    const waiting = new Map<Digest, unknown>();
    let unsent = await frames.unsent(BATCH);
    if (unsent.length === 0) {
      await grown;
      return;
    }
    while (unsent.length > 0) {
      for (const item of unsent) {
        if (this.#stop.signal.aborted) return;
        if (waiting.has(item.run) || !(await frames.isUnsent(item))) continue;
        const refused = await this.#push(item);
        if (refused !== undefined) waiting.set(item.run, refused);
      }
      unsent = await frames.unsent(BATCH, [...waiting.keys()]);
    }
    // Tried again after a pause.
    for (const refused of waiting.values()) throw refused;
  }

  /** Returns why the frame waits, where it does. */
  async #push(item: Unsent): Promise<Refusal | undefined> {
    const { frames, wire, log, rejected } = this.#options;
    try {
      await wire.push(addressOf(item), item.frame);
    } catch (error) {
      const refusal = asRefusal(error);
      const { code, detail } = refusal;
      if (code === 'INBOX_FULL') return refusal;
      if (!FINAL.has(code)) throw error;
      const { run, kind } = item;
      log.error({ code, detail, run, kind }, 'frame not taken by the sandbox');
      // What is said behind the end of a run ends none.
      const over = kind === 'erasure' || (await rejected(run, refusal));
      if (!over) return refusal;
    }
    // Also one that will never be taken: sent again it would block everything behind it.
    await frames.markSent(item);
    stepDone(item.run, 'sent');
    return undefined;
  }
}

/** The answer to a recovery is a run that only its study knows of. */
const addressOf = ({ run, kind, frame }: Unsent): Digest =>
  kind === 'mirror' ? decodeFrame(frame).study : run;
