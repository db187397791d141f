/** Two parties in one process: a pair of channels with a record of all frames, and randomness to replay. */
import { createCipheriv, createHash } from 'node:crypto';
import type { Rng } from '../../../src/base/rng.ts';
import type { Channel } from '../../../src/psi/channel.ts';
import type { Identifiers } from '../../../src/psi/items.ts';
import { type VoleMatches, type VoleOptions, voleReceive } from '../../../src/psi/vole/receiver.ts';
import { type VoleSent, voleSend } from '../../../src/psi/vole/sender.ts';

export type Party = 'receiver' | 'sender';
export type Sent = { readonly from: Party; readonly frame: Uint8Array };

/** A queue of frames; closing it rejects whoever waits. */
class Line {
  readonly #frames: Uint8Array[] = [];
  readonly #waiting: ((frame: Promise<Uint8Array>) => void)[] = [];
  #closed: Promise<never> | undefined;

  push(frame: Uint8Array): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#frames.push(frame);
    else next(Promise.resolve(frame));
  }

  async pull(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    return this.#closed ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#closed = Promise.reject(new Error('the peer is gone'));
    this.#closed.catch(() => {});
    for (const next of this.#waiting.splice(0)) next(this.#closed);
  }
}

/** Sees every frame on its way and says what arrives instead, in order. */
export type Tamper = (sent: Sent, number: number) => readonly Uint8Array[];

export class Link {
  readonly sent: Sent[] = [];
  readonly #lines = { receiver: new Line(), sender: new Line() };
  readonly #tamper: Tamper;

  constructor(tamper: Tamper = ({ frame }) => [frame]) {
    this.#tamper = tamper;
  }

  end(party: Party): Channel {
    const peer = party === 'receiver' ? 'sender' : 'receiver';
    return {
      send: async (frame) => {
        const sent = { from: party, frame: frame.slice() };
        const number = this.sent.filter(({ from }) => from === party).length;
        this.sent.push(sent);
        for (const arriving of this.#tamper(sent, number)) this.#lines[party].push(arriving);
      },
      receive: () => this.#lines[peer].pull(),
    };
  }

  close(): void {
    this.#lines.receiver.close();
    this.#lines.sender.close();
  }
}

/** The stream of AES-128-CTR under a key from `label`: the same for the same label. */
export function seededRng(label: string): Rng {
  const key = createHash('sha256').update(label).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  return (length) => new Uint8Array(cipher.update(new Uint8Array(length)));
}

export type Run = {
  readonly received: VoleMatches;
  readonly sent: VoleSent;
  readonly frames: readonly Sent[];
};

/** One session over a fresh link. A side that rejects closes the link for the other. */
export async function session(
  xs: Identifiers,
  ys: Identifiers,
  options: { receiver?: VoleOptions; sender?: VoleOptions; tamper?: Tamper } = {},
): Promise<Run> {
  const link = new Link(options.tamper);
  const closing = <T>(party: Promise<T>): Promise<T> =>
    party.catch((error: unknown) => {
      link.close();
      throw error;
    });
  const [received, sent] = await Promise.all([
    closing(voleReceive(xs, link.end('receiver'), options.receiver)),
    closing(voleSend(ys, link.end('sender'), options.sender)),
  ]);
  return { received, sent, frames: link.sent };
}

/** Names with `offset`: two lists overlap where their numbers do. */
export const names = (count: number, offset = 0): string[] =>
  Array.from({ length: count }, (_, i) => `person-${offset + i}`);

/** What an intersection is: rows of `xs` whose name is in `ys`, first rows only. */
export function plainMatches(xs: readonly string[], ys: readonly string[]): number[] {
  const theirs = new Set(ys);
  return xs.flatMap((x, i) => (theirs.has(x) && xs.indexOf(x) === i ? [i] : []));
}
