/** The system's time. Below flows/ nothing knows any other way to ask for it. @module */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../flows/ports.ts';

/** Node's timers wrap above 2^31 − 1 ms. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => new Date(),
  async until(instant) {
    for (;;) {
      const left = instant.getTime() - Date.now();
      if (left <= 0) return;
      await sleep(Math.min(left, LONGEST_SLEEP_MS));
    }
  },
};
