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
  readonly forget: (run: Digest) => Promise<unknown>;
};

/**
 * The log goes on from the largest checkpoint that this holder signed, or that any other one did. Refuses with
 * LOG_FORKED, and keeps nothing, where there are two of one size.
 */
export async function adoptCheckpoints(
  { checkpoints }: Pick<Consequences, 'checkpoints'>,
  sent: readonly Frame[],
  mirrors: readonly MirrorOf[],
): Promise<void> {
  const known: Known[] = [
    ...sent
      .filter(({ kind, to }) => kind === 'cosignature' && to === SANDBOX)
      .map(({ run, body }) => ({ run, checkpoint: readNote(fromUtf8(body)).checkpoint })),
    ...mirrors.flatMap(({ study, nonce, mirror: { checkpoint } }) =>
      checkpoint === null
        ? []
        : [{ run: recoveryRun(study, nonce), checkpoint: { study, ...checkpoint } }],
    ),
  ].sort((a, b) => a.checkpoint.size - b.checkpoint.size);
  await checkOneLog(checkpoints, known);
  // Everybody was asked in one run: of its answers the largest.
  const ofRuns = new Map(known.map((one) => [`${one.checkpoint.study} ${one.run}`, one]));
  for (const { checkpoint, run } of ofRuns.values()) {
    const last = await checkpoints.last(checkpoint.study);
    const before = await checkpoints.of(checkpoint.study, run);
    if (before === undefined && checkpoint.size > (last?.size ?? 0))
      await checkpoints.keep(checkpoint, run);
  }
}

type Known = { readonly checkpoint: Checkpoint; readonly run: Digest };

async function checkOneLog(checkpoints: HolderCheckpoints, known: readonly Known[]): Promise<void> {
  for (const study of new Set(known.map(({ checkpoint }) => checkpoint.study))) {
    const roots = new Map<number, Digest>();
    const heard = known.map(({ checkpoint }) => checkpoint).filter((one) => one.study === study);
    for (const { size, root } of [...(await checkpoints.all(study)), ...heard]) {
      const other = roots.get(size) ?? root;
      check(other === root, 'LOG_FORKED', `two logs of ${size} entries`);
      roots.set(size, root);
    }
  }
}

/**
 * Ends every run that was under way: says so to the others where this holder's own word is not that it is over
 * already. Returns how many were not.
 */
export async function endRuns(
  {
    holder,
    key,
    frames,
    runs,
    forget,
  }: Pick<Consequences, 'holder' | 'key' | 'frames' | 'runs' | 'forget'>,
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
  let ended = 0;
  for (const [run, study] of open) {
    if (!over.has(run)) {
      ended += 1;
      const here = { study, run, holder, key, frames, wake: () => undefined };
      await announce(here, 'refusal', refusal);
    }
    await runs.endRun(run, 'ended', 'RUN_INCOMPLETE');
    await forget(run);
  }
  return ended;
}

/** No run of an earlier epoch is answered any more, and no share of an old key given. */
export async function raiseEpochs({ runs }: Pick<Consequences, 'runs'>, { epochs }: Conclusion) {
  const raised = new Map<Digest, number>();
  for (const { id } of await runs.studies()) {
    const epoch = Math.max(await runs.epoch(id), epochs.get(id) ?? 1) + 1;
    await runs.raiseEpoch(id, epoch);
    raised.set(id, epoch);
  }
  return raised;
}
