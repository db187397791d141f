/**
 * A holder's end of one run on the wire, over its frame store: what is sent is stored first,
 * what is received was stored first, so both survive a restart.
 * @module
 */
import { Refusal } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { SigningKey } from '../../base/sign.ts';
import { EVERYONE, type FrameKind, signFrame } from '../../flows/frame.ts';
import type { Relay } from '../../flows/ports.ts';
import type { HolderFrames } from '../stores/holder-frames.ts';
import { stepDone } from '../stores/step-channel.ts';

export type RunRelayOptions = {
  readonly study: Digest;
  readonly run: Digest;
  readonly holder: string;
  /** The holders of the run: nobody else can end it. */
  readonly peers: readonly string[];
  readonly key: SigningKey;
  readonly frames: HolderFrames;
  /** Tells the sender that the outbox has grown. */
  readonly wake: () => void;
};

/** Tells all holders of a study one thing, once, of a run that this process takes no part in. */
export const announce = (
  options: Omit<RunRelayOptions, 'peers'>,
  kind: FrameKind,
  body: Uint8Array,
): Promise<void> =>
  new RunRelay({ ...options, peers: [] }).send(kind, EVERYONE, () => Promise.resolve(body));

export class RunRelay implements Relay {
  readonly #options: RunRelayOptions;
  #waiting: (() => void)[] = [];
  #ended: Refusal | undefined;
  readonly #over = new AbortController();

  constructor(options: RunRelayOptions) {
    this.#options = options;
  }

  async send(kind: FrameKind, to: string, body: () => Promise<Uint8Array>): Promise<void> {
    const { study, run, holder, key, frames, wake } = this.#options;
    this.#checkOpen();
    if (!(await frames.queued(run, to, kind))) {
      const bytes = await body();
      this.#checkOpen();
      await frames.enqueue(run, to, kind, (sequence) => {
        // Under the lock of the store: what was ended and withdrawn meanwhile does not come back.
        this.#checkOpen();
        return signFrame({ study, run, from: holder, to, sequence, kind, body: bytes }, key);
      });
      stepDone(run, `queued/${kind}`);
    }
    wake();
  }

  async receive(kind: FrameKind, from: string): Promise<Uint8Array> {
    const { run, frames } = this.#options;
    for (;;) {
      this.#checkOpen();
      const notified = this.#notice();
      const body = await frames.body(run, kind, from);
      if (body !== undefined) return body;
      const refused = await this.#refused();
      if (refused !== undefined) throw refused;
      await notified;
    }
  }

  /** Rejects when this run is over for this holder: by itself, or because another one refused it. */
  async ended(): Promise<never> {
    for (;;) {
      this.#checkOpen();
      const notified = this.#notice();
      const refused = await this.#refused();
      if (refused !== undefined) throw refused;
      await notified;
    }
  }

  /** Aborts, with the refusal, when the run is over for this holder. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** A frame of this run has arrived. */
  async notify(): Promise<void> {
    this.#resume();
    const refused = await this.#refused();
    if (refused !== undefined) this.#over.abort(refused);
  }

  /** Ends the flow at its next message: the service shuts down or a steward stopped the study. */
  end(refusal: Refusal): void {
    this.#ended ??= refusal;
    this.#over.abort(this.#ended);
    this.#resume();
  }

  /** Resolves at the next notice from now on: asked for before a look, so that none is missed. */
  #notice(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #resume(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  async #refused(): Promise<Refusal | undefined> {
    const { run, peers, frames } = this.#options;
    const refused = (await frames.refusals(run)).find(({ from }) => peers.includes(from));
    return refused && new Refusal('RUN_ABORTED', `refused by ${refused.from}`);
  }

  #checkOpen(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
