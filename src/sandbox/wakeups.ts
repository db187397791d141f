/**
 * Wakes those who wait for a row: a long poll, an event stream, a run that waits for a frame.
 *
 * Only a hint: whoever is woken looks into the store again. Store and wait are synchronous, so
 * nothing can come between a look that found nothing and the wait.
 * @module
 */
export class Wakeups {
  readonly #waiting = new Map<string, Set<() => void>>();

  wake(topic: string): void {
    const waiting = this.#waiting.get(topic);
    this.#waiting.delete(topic);
    for (const resume of waiting ?? []) resume();
  }

  /** Resolves at the next wake-up, when `signal` aborts, or after `milliseconds`. */
  wait(topic: string, signal: AbortSignal, milliseconds?: number): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const waiting = this.#waiting.get(topic) ?? new Set();
      this.#waiting.set(topic, waiting);
      let timer: NodeJS.Timeout | undefined;
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(topic) === waiting) {
          this.#waiting.delete(topic);
        }
        resolve();
      };
      if (milliseconds !== undefined) timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done, { once: true });
      waiting.add(done);
    });
  }
}
