/**
 * Wakes those who wait for a row: a long poll, an event stream, a run that waits for a frame.
 *
 * Only a hint: whoever is woken looks into the store again. A watch begins before the look that finds
 * nothing, so that what is written while it is looked for is not missed.
 * @module
 */

import { NO_PEERS, type Peers } from '../engine/stores/peers.ts';

/** The topic of whoever deletes what an ended run leaves. */
export const RUN_ENDED = 'run-ended';

/** One who looks and waits by turns, about one topic, until it is disposed of. */
export interface Watch extends Disposable {
  /**
   * Resolves at the next wake-up since the watch began or since the last `next`, when `signal` aborts,
   * or after `milliseconds`.
   */
  next(signal: AbortSignal, milliseconds?: number): Promise<void>;
}

type Watcher = { woken: boolean; resume: () => void };

const nobody = (): void => undefined;

export class Wakeups {
  readonly #watching = new Map<string, Set<Watcher>>();
  readonly #peers: Peers;

  /** What is woken here is woken in every process of `peers`. */
  constructor(peers: Peers = NO_PEERS) {
    this.#peers = peers;
    peers.listen((topic) => {
      for (const one of topic === undefined ? [...this.#watching.keys()] : [topic]) this.#here(one);
    });
  }

  wake(topic: string): void {
    this.#here(topic);
    this.#peers.announce(topic);
  }

  #here(topic: string): void {
    for (const watcher of this.#watching.get(topic) ?? []) {
      watcher.woken = true;
      watcher.resume();
    }
  }

  watch(topic: string): Watch {
    const watcher: Watcher = { woken: false, resume: nobody };
    const watching = this.#watching.get(topic) ?? new Set();
    this.#watching.set(topic, watching.add(watcher));
    return {
      next: (signal, milliseconds) => nextOf(watcher, signal, milliseconds),
      [Symbol.dispose]: () => {
        watching.delete(watcher);
        if (watching.size === 0 && this.#watching.get(topic) === watching) {
          this.#watching.delete(topic);
        }
        watcher.resume();
      },
    };
  }

  /** For a look that is synchronous: the watch begins with the wait. */
  async wait(topic: string, signal: AbortSignal, milliseconds?: number): Promise<void> {
    using watch = this.watch(topic);
    await watch.next(signal, milliseconds);
  }
}

function nextOf(watcher: Watcher, signal: AbortSignal, milliseconds?: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      watcher.resume = nobody;
      watcher.woken = false;
      resolve();
    };
    if (signal.aborted || watcher.woken) {
      done();
      return;
    }
    if (milliseconds !== undefined) timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
    watcher.resume = done;
  });
}
