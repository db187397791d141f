/**
 * Takes frames off a channel while this side computes, so that neither party waits for the other
 * to read: two parties that only send would block each other once the buffers between them are full.
 * @module
 */
import type { Frames } from '../frames.ts';
import { ELEMENT_BYTES, frameCount, frameSize } from './messages.ts';

/** Lets the machine's pending input and output happen between two frames of computing. */
export const letOthersRun = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export class Inbox {
  readonly #bodies: Uint8Array[] = [];
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Reads the lists, each of a kind and a number of elements, in this order. What goes wrong
   * rejects here and in `next`. */
  async fill(frames: Frames, lists: readonly (readonly [number, number])[]): Promise<void> {
    try {
      for (const [kind, items] of lists) {
        for (let index = 0; index < frameCount(items); index++) {
          this.#bodies.push(await frames.receive(kind, frameSize(items, index) * ELEMENT_BYTES));
          this.#wake?.();
        }
      }
    } catch (reason) {
      this.#failure = { reason };
      this.#wake?.();
      throw reason;
    }
  }

  /** The elements of the next frame. */
  async next(): Promise<Uint8Array> {
    for (;;) {
      const body = this.#bodies.shift();
      if (body !== undefined) return body;
      if (this.#failure !== undefined) throw this.#failure.reason;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
