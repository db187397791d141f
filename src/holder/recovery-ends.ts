/**
 * What a recovery (recovery.ts) makes of what it heard, beside the ledger: the log goes on from the largest
 * checkpoint that anybody co-signed, every run that was under way is over, and no key of before is used.
 * @module
 */
import { type Checkpoint, readNote } from '../audit/checkpoint.ts';
import { fromUtf8 } from '../base/bytes.ts';
import { check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { SigningKey } from '../base/sign.ts';
import type { HolderCheckpoints } from '../engine/stores/holder-checkpoints.ts';
import type { HolderFrames } from '../engine/stores/holder-frames.ts';
import type { HolderRecovery } from '../engine/stores/holder-recovery.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import { announce } from '../engine/transport/run-relay.ts';
import { type Frame, SANDBOX } from '../flows/frame.ts';
import { encodeRefusal } from '../flows/pooled/refusal.ts';
import { type Conclusion, type Mirror, recoveryRun } from '../flows/recovery.ts';

/** What another holder said about a study, under the nonce that it was asked with. */
export type MirrorOf = { readonly study: Digest; readonly nonce: string; readonly mirror: Mirror };

export type Consequences = {
  readonly holder: string;
  readonly key: SigningKey;
  readonly recovery: HolderRecovery;
  readonly frames: HolderFrames;
  readonly runs: HolderRuns;
  readonly checkpoints: HolderCheckpoints;
  /** Deletes keys and long messages of a run that has ended. */
  readonly forget: (run: Digest) => Promise<void>;
};

/** The log goes on from the largest checkpoint that this holder signed, or that any other one did. */
export async function adoptCheckpoints(
  { checkpoints }: Consequences,
  sent: readonly Frame[],
  mirrors: readonly MirrorOf[],
): Promise<void> {
  const known: { checkpoint: Checkpoint; run: Digest }[] = [
    ...sent
      .filter(({ kind, to }) => kind === 'cosignature' && to === SANDBOX)
      .map(({ run, body }) => ({ run, checkpoint: readNote(fromUtf8(body)).checkpoint })),
    ...mirrors.flatMap(({ study, nonce, mirror: { checkpoint } }) =>
      checkpoint === null
        ? []
        : [{ run: recoveryRun(study, nonce), checkpoint: { study, ...checkpoint } }],
    ),
  ].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  for (const { checkpoint, run } of known) {
    const last = await checkpoints.last(checkpoint.study);
    const forked = last?.size === checkpoint.size && last.root !== checkpoint.root;
    check(!forked, 'LOG_FORKED', `two logs of ${checkpoint.size} entries`);
    const before = await checkpoints.of(checkpoint.study, run);
    if (before === undefined && checkpoint.size > (last?.size ?? 0))
      await checkpoints.keep(checkpoint, run);
  }
}

/** Ends every run that is not over by this holder's own word; returns how many. */
export async function endRuns(
  { holder, key, frames, runs, forget }: Consequences,
  sent: readonly Frame[],
  { runs: heard }: Conclusion,
): Promise<number> {
  const open = new Map<Digest, Digest>(heard);
  for (const { kind, study, run } of sent) if (kind === 'run-key') open.set(run, study);
  for (const { id, study, state } of await runs.runs()) if (state === 'open') open.set(id, study);
  const over = new Set(
    sent.filter(({ kind }) => kind === 'receipt' || kind === 'refusal').map(({ run }) => run),
  );
  const refusal = encodeRefusal(new Refusal('RUN_INCOMPLETE', 'restored'), true);
  for (const [run, study] of open) {
    if (!over.has(run)) {
      const here = { study, run, holder, key, frames, wake: () => undefined };
      await announce(here, 'refusal', refusal);
    }
    await runs.endRun(run, 'ended', 'RUN_INCOMPLETE');
    await forget(run);
  }
  return open.size;
}

/** No run of an earlier epoch is answered any more, and no share of an old key given. */
export async function raiseEpochs({ runs, recovery }: Consequences, { epochs }: Conclusion) {
  const raised = new Map<Digest, number>();
  for (const { id } of await runs.studies()) {
    const epoch = Math.max(await recovery.epoch(id), epochs.get(id) ?? 1) + 1;
    await recovery.raiseEpoch(id, epoch);
    raised.set(id, epoch);
  }
  return raised;
}
