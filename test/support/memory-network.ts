/**
 * A relay in memory for flows composed in one process. Keeps every signed frame, as the sandbox
 * does, and lets a test drop, alter or repeat frames on their way to one receiver.
 */
import { Refusal } from '../../src/base/errors.ts';
import type { Digest } from '../../src/base/hash.ts';
import type { SigningKey } from '../../src/base/sign.ts';
import { EVERYONE, type Frame, type FrameKind, signFrame } from '../../src/flows/frame.ts';
import type { Relay } from '../../src/flows/ports.ts';

/** What `receiver` gets instead of `frame`; undefined: it never arrives. */
export type Tamper = (frame: Frame, receiver: string) => Frame | undefined;

export class MemoryNetwork {
  readonly transcript: Frame[] = [];
  tamper: Tamper = (frame) => frame;
  #waiting: (() => void)[] = [];

  relay(study: Digest, run: Digest, holder: string, key: SigningKey): Relay {
    return {
      send: async (kind, to, body) => {
        const sent = this.transcript.filter(
          (f) => f.run === run && f.from === holder && f.to === to,
        );
        if (sent.some((frame) => frame.kind === kind)) return;
        const bytes = await body();
        const sequence = sent.length + 1;
        this.put(signFrame({ study, run, from: holder, to, sequence, kind, body: bytes }, key));
      },
      receive: (kind, from) => this.receive(run, holder, kind, from),
    };
  }

  put(frame: Frame): void {
    this.transcript.push(frame);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  async receive(run: Digest, to: string, kind: FrameKind, from: string): Promise<Uint8Array> {
    for (;;) {
      const arrived = this.transcript
        .filter((f) => f.run === run && f.from === from && f.kind === kind)
        .filter((f) => f.to === to || f.to === EVERYONE)
        .flatMap((frame) => this.tamper(frame, to) ?? []);
      if (arrived[0] !== undefined) return arrived[0].body;
      const refused = this.transcript.find((f) => f.run === run && f.kind === 'refusal');
      if (refused !== undefined) throw new Refusal('RUN_ABORTED', refused.from);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
