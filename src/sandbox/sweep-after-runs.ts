/** When the sandbox looks for what ended runs left: at its start, when a run ends, and every few seconds. @module */
import type { Log } from '../flows/ports.ts';
import { RUN_ENDED, type Wakeups } from './wakeups.ts';

/** For runs that another process of the sandbox ended, periods that are over, and sweeps that failed. */
const SWEEP_MS = 5000;

export type SweepOptions = {
  readonly wakeups: Wakeups;
  readonly log: Pick<Log, 'error'>;
  readonly closing: AbortSignal;
};

/** Until the service closes; a sweep that fails is logged with `failure`, and tried again. */
export async function sweepAfterRuns(
  { wakeups, log, closing }: SweepOptions,
  failure: string,
  sweep: () => Promise<void>,
): Promise<void> {
  while (!closing.aborted) {
    using ends = wakeups.watch(RUN_ENDED);
    await sweep().catch((err: unknown) => {
      if (!closing.aborted) log.error({ err }, failure);
    });
    await ends.next(closing, SWEEP_MS);
  }
}
