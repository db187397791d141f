/**
 * Whose run goes next: at most so many at once, and of those that wait one of each study in turn, so that
 * a study with fifty runs does not hold up one with a single run.
 *
 * A turn that lasts too long is taken back for the others while its run goes on: a holder that is away, or
 * stewards who think, hold up nobody else.
 * @module
 */
import type { Digest } from '../base/hash.ts';

export type TurnLimits = {
  /** Runs that are begun at once. */
  readonly most: number;
  /** After this long a turn counts as over. */
  readonly longestMs: number;
};

export type End = () => void;
type Waiting = { readonly begin: () => void };

export class Turns {
  readonly #limits: TurnLimits;
  /** Studies with runs that wait, in the order in which they are next. */
  readonly #queues = new Map<Digest, Waiting[]>();
  #begun = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Runs that wait. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  /** A turn where one is free and nobody waits: with what to call when it has ended. */
  free(): End | undefined {
    return this.#begun < this.#limits.most && this.#queues.size === 0 ? this.#begin() : undefined;
  }

  /** Resolves when a run of `study` may begin, or `signal` aborts, with what to call when it has ended. */
  take(study: Digest, signal: AbortSignal): Promise<End> {
    if (signal.aborted) return Promise.resolve(() => undefined);
    const free = this.free();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve) => {
      const one: Waiting = {
        begin: () => {
          signal.removeEventListener('abort', gone);
          // At once: whoever asks next must not find this turn free.
          resolve(this.#begin());
        },
      };
      const gone = (): void => {
        this.#remove(study, one);
        resolve(() => undefined);
      };
      this.#queues.set(study, [...(this.#queues.get(study) ?? []), one]);
      signal.addEventListener('abort', gone, { once: true });
    });
  }

  #remove(study: Digest, one: Waiting): void {
    const left = (this.#queues.get(study) ?? []).filter((other) => other !== one);
    if (left.length === 0) this.#queues.delete(study);
    else this.#queues.set(study, left);
  }

  #begin(): End {
    this.#begun += 1;
    let over = false;
    const end: End = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      this.#begun -= 1;
      this.#next();
    };
    const timer = setTimeout(end, this.#limits.longestMs);
    timer.unref();
    return end;
  }

  /** The study that is next goes behind the others. */
  #next(): void {
    if (this.#begun >= this.#limits.most) return;
    const [first] = this.#queues;
    if (first === undefined) return;
    const [study, queue] = first;
    const [one, ...rest] = queue;
    this.#queues.delete(study);
    if (rest.length > 0) this.#queues.set(study, rest);
    one?.begin();
  }
}
