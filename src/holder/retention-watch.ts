/**
 * Has a running holder delete what is due (cohort-retention.ts): looks at the start of every day (UTC), when a last day
 * ends, and at least once an hour, because a clock may be set and a machine may sleep. A cohort that a query is being
 * answered from is deleted when that is done.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asRefusal } from '../base/errors.ts';
import type { Clock, Log } from '../flows/ports.ts';
import type { Expired } from './cohort-retention.ts';

const DAY_MS = 86_400_000;
const LONGEST_MS = 3_600_000;
/** While something is left that is due. */
const AGAIN_MS = 30_000;

export type RetentionWatchOptions = {
  /** Deletes what is due. */
  readonly expire: () => Promise<Expired>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Waits so long, or until `closing`. */
  readonly wait?: (milliseconds: number, closing: AbortSignal) => Promise<void>;
};

const waited = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal }).catch(() => undefined);

/** Until `closing` aborts. */
export async function watchRetention(
  { expire, clock, log, wait = waited }: RetentionWatchOptions,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    const toMidnight = DAY_MS - (clock.now().getTime() % DAY_MS);
    let pause = Math.min(toMidnight, LONGEST_MS);
    try {
      const { deleted, finished, busy } = await expire();
      for (const { deletion } of finished) {
        log.info({ study: deletion.study }, 'cohort deleted: its deletion had been cut off');
      }
      for (const { deletion } of deleted) {
        log.info({ study: deletion.study }, 'cohort deleted: its last day is over');
      }
      if (busy.length > 0) pause = AGAIN_MS;
    } catch (error) {
      const { code, detail } = asRefusal(error);
      log.error({ code, detail }, 'cohorts past their last day stay for now');
      pause = AGAIN_MS;
    }
    await wait(pause, closing);
  }
}
