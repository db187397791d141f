/** Two ends of a channel in memory, with everything that passed, and a place to change it. */
import type { Channel } from '../../../src/psi/channel.ts';

export type Side = 'left' | 'right';

/** Gets each frame with its sender and number; what it returns is delivered. */
export type Tamper = (frame: Uint8Array, from: Side, index: number) => Uint8Array;

class Queue {
  readonly #frames: Uint8Array[] = [];
  readonly #waiting: ((frame: Uint8Array) => void)[] = [];

  push(frame: Uint8Array): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#frames.push(frame);
    else waiting(frame);
  }

  shift(): Promise<Uint8Array> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

export class ChannelPair {
  readonly left: Channel;
  readonly right: Channel;
  /** What each side has sent, before tampering. */
  readonly sent: Record<Side, Uint8Array[]> = { left: [], right: [] };

  constructor(tamper: Tamper = (frame) => frame) {
    const [toLeft, toRight] = [new Queue(), new Queue()];
    const end = (side: Side, out: Queue, into: Queue): Channel => ({
      send: (frame) => {
        this.sent[side].push(frame.slice());
        out.push(tamper(frame.slice(), side, this.sent[side].length - 1));
        return Promise.resolve();
      },
      receive: () => into.shift(),
    });
    this.left = end('left', toRight, toLeft);
    this.right = end('right', toLeft, toRight);
  }

  get bytes(): number {
    return [...this.sent.left, ...this.sent.right].reduce((sum, frame) => sum + frame.length, 0);
  }
}

/** Both sides of a session; the first refusal ends it, as a caller that closes the channel does. */
export const both = async <T>(receiver: Promise<T>, sender: Promise<unknown>): Promise<T> =>
  (await Promise.all([receiver, sender]))[0];
