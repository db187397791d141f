/**
 * Shares of collective keys whose epoch has ended here: deleted once no open run is in it. An epoch ends where a later
 * one is entered, also by a recovery, so that a restored backup brings none of them back into use: its files go
 * again at the next start, and the newest epoch never becomes smaller.
 * @module
 */
import { parseStrict } from '../base/canonical-json.ts';
import type { Digest } from '../base/hash.ts';
import type { FileKeyShares } from '../engine/keys/key-shares.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Log } from '../flows/ports.ts';

export type EndedKeysOptions = {
  readonly keys: Pick<FileKeyShares, 'epochs' | 'end'>;
  readonly runs: Pick<HolderRuns, 'runs' | 'epoch'>;
  readonly log: Pick<Log, 'info'>;
};

const epochIn = (request: string): number =>
  (parseStrict(request) as unknown as { readonly epoch: number }).epoch;

/** Idempotent: killed in the middle the rest goes the next time. */
export async function endKeys(study: Digest, { keys, runs, log }: EndedKeysOptions): Promise<void> {
  const newest = await runs.epoch(study);
  const there = [...(await keys.epochs(study))];
  // As a rule, and then runs are not read: this follows every run, and at a start every one that ever was.
  if (there.every((epoch) => epoch >= newest)) return;
  const open = (await runs.runs(study))
    .filter(({ state }) => state === 'open')
    .map(({ request }) => epochIn(request));
  const files = await keys.end(study, (epoch) => epoch >= newest || open.includes(epoch));
  if (files === 0) return;
  log.info({ study, newest, files }, 'key shares of ended epochs deleted');
  stepDone(study, 'keys/ended');
}
