/**
 * A frame of this holder that the sandbox will never take: its run can get no further, here and at the others, and each
 * of them hears so. What is signed about it comes behind a gap in the numbers, which whoever gets it sees.
 * @module
 */
import { Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SigningKey } from '../base/sign.ts';
import type { HolderFrames } from '../engine/stores/holder-frames.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { announce } from '../engine/transport/run-relay.ts';
import { encodeRefusal } from '../flows/pooled/refusal.ts';
import { FINAL_AFTER_TOUCH } from './hold-run.ts';

export type RejectedOptions = {
  readonly holder: string;
  readonly key: SigningKey;
  readonly runs: Pick<HolderRuns, 'run'>;
  readonly frames: HolderFrames;
  /** Ends the flow of a run where it waits; false where there is none. */
  readonly end: (run: Digest, refusal: Refusal) => boolean;
  readonly wake: () => void;
};

/** As a refusal that ends a run also after data was touched. */
const forGood = (refusal: Refusal): Refusal =>
  FINAL_AFTER_TOUCH.has(refusal.code)
    ? refusal
    : new Refusal('RUN_INCOMPLETE', refusal.code, undefined, { cause: refusal });

/** True once nothing of the run goes on here, and its end is in the outbox. */
export async function endRejected(
  run: Digest,
  refusal: Refusal,
  { runs, end, ...own }: RejectedOptions,
): Promise<boolean> {
  const final = forGood(refusal);
  if (end(run, final)) return false;
  const stored = await runs.run(run);
  // It has nothing to wait for itself, and what the others wait for will not come.
  if (stored?.state === 'attested')
    await announce({ study: stored.study, run, ...own }, 'refusal', encodeRefusal(final, true));
  return true;
}
