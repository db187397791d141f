/**
 * Shares of collective keys whose epoch has ended here: deleted once no open run is in it. An epoch ends where a later
 * one is entered, also by a recovery, so that a restored backup brings none of them back into use: its files go
 * again at the next start, and the newest epoch never becomes smaller. One that cannot be removed keeps nothing from
 * going on: no share is given under its epoch (engine/stores/holder-key-epochs.ts), so what stays is a file that whoever
 * breaks in would find, and it is tried again.
 * @module
 */
import { parseStrict } from '../base/canonical-json.ts';
import { asRefusal } from '../base/errors.ts';
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

type AllOptions = EndedKeysOptions & {
  readonly runs: Pick<HolderRuns, 'studies'>;
  readonly log: Pick<Log, 'error'>;
};

const epochIn = (request: string): number =>
  (parseStrict(request) as unknown as { readonly epoch: number }).epoch;

/** Idempotent: killed in the middle the rest goes the next time. Refuses with FILE_NOT_REMOVED. */
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

/** The same of every study; where a file stays it is said once, and tried again whenever this is called. */
export function endKeysOfAll({ keys, runs, log }: AllOptions): () => Promise<void> {
  const said = new Set<Digest>();
  return async () => {
    for (const { id: study } of await runs.studies()) {
      try {
        await endKeys(study, { keys, runs, log });
        said.delete(study);
      } catch (error) {
        const { code, detail } = asRefusal(error);
        if (code !== 'FILE_NOT_REMOVED') throw error;
        const first = !said.has(study);
        said.add(study);
        if (first)
          log.error({ study, code, detail }, 'a key share of an ended epoch stays for now');
      }
    }
  };
}
