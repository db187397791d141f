/** What goes with a run that has ended, and what this holder signs about its keys (audit/erasure.ts, rulings 38). @module */
import { signErasure } from '../audit/erasure.ts';
import { canonicalBytes } from '../base/canonical-json.ts';
import { asRefusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { FileKeyShares } from '../engine/keys/key-shares.ts';
import { emptyFrames } from '../engine/stores/frame-upkeep.ts';
import type { HolderFrames, HolderFrameTables } from '../engine/stores/holder-frames.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { STATEMENT, type StoredSteps } from '../engine/stores/steps-store.ts';
import { stepDone } from '../engine/stores/step-channel.ts';
import type { Store } from '../engine/stores/store.ts';
import { SANDBOX } from '../flows/frame.ts';
import { SECRET_STEPS } from '../flows/pooled-aggregate.ts';
import type { HolderPorts } from '../flows/ports.ts';
import { endKeys } from './ended-keys.ts';

export type EndedRunOptions = {
  readonly store: Store<HolderFrameTables>;
  readonly runs: HolderRuns;
  readonly frames: HolderFrames;
  readonly steps: StoredSteps;
  readonly keys: FileKeyShares;
  readonly ports: Pick<HolderPorts, 'holder' | 'key' | 'clock' | 'log'>;
};

const unlessItStays = (error: unknown): void => {
  if (asRefusal(error).code !== 'FILE_NOT_REMOVED') throw error;
};

/**
 * Deletes keys and long messages of a run that has ended; gives what this holder signs about that, where it had any.
 * Idempotent.
 */
export async function forgetRun(
  run: Digest,
  { store, runs, frames, steps, keys, ports }: EndedRunOptions,
): Promise<Uint8Array | undefined> {
  const { holder, key, clock, log } = ports;
  const study = (await runs.run(run))?.study;
  const statementOf =
    study === undefined
      ? undefined
      : (names: readonly string[]): Uint8Array => {
          const of = { kind: 'run', id: run } as const;
          const said = { study, holder, of, keys: [...names], sandbox: null, at: clock.now() };
          return canonicalBytes(signErasure(said, key));
        };
  // The statement is kept in the transaction in which the keys go.
  await steps.forget(run, SECRET_STEPS, statementOf);
  await emptyFrames(store, run);
  stepDone(run, 'keys/forgotten');
  const statement = await steps.stored(run, STATEMENT);
  // Said only when the pages that held them are written over; once.
  const unsaid = statement !== undefined && !(await frames.queued(run, SANDBOX, 'erasure'));
  if (unsaid) await store.scrub();
  // What cannot be removed is said, and tried again, by whoever watches (main.ts): the run has ended all the same.
  if (study !== undefined) await endKeys(study, { keys, runs, log }).catch(unlessItStays);
  return statement;
}
