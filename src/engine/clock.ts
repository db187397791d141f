/**
 * The system's time. Below flows/ nothing knows any other way to ask for it. A wait is measured by the
 * clock that nobody sets: where the time of day jumps meanwhile, it ends when it would have.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../flows/ports.ts';

/** Node's timers wrap above 2^31 − 1 ms. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  async until(instant) {
    const end = performance.now() + instant.getTime() - Date.now();
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) return;
      // Timers may fire a moment early, and fractions of a millisecond are cut off.
      await sleep(Math.min(Math.ceil(left), LONGEST_SLEEP_MS));
    }
  },
};
