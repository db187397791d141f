/** Which studies a recovery (recovery.ts) is about: those of the backup, those since, and what became of them. @module */
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import type { Frame } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import type { Clock } from '../flows/ports.ts';
import type { Study } from '../flows/study-terms.ts';
import { checkLive } from '../study/terms.ts';
import type { Studies } from './studies.ts';

export type StudySources = {
  readonly wire: SandboxWire;
  readonly runs: HolderRuns;
  readonly studies: Studies;
  readonly clock: Clock;
  readonly closing: AbortSignal;
};

/**
 * A study that is in nothing but our own word is taken in again, also one that has expired since; one that a
 * steward of this holder stopped stays stopped (rulings 35).
 */
export async function takeStudies(
  { wire, runs, studies, closing }: StudySources,
  sent: readonly Frame[],
) {
  for (const { kind, study } of sent) {
    if (kind !== 'accepted' || (await runs.study(study)) !== undefined) continue;
    await studies.accept(await wire.study(study, closing), study, { expired: true });
  }
  for (const { kind, study, run, from, body } of sent) {
    if (kind !== 'refusal' || run !== study || (await runs.study(study)) === undefined) continue;
    if (decodeRefusal(body, from).code === 'STUDY_STOPPED') await runs.stopStudy(study);
  }
}

/** Those in which something can still be spent. */
export async function liveStudies({ runs, studies, clock }: StudySources): Promise<Study[]> {
  const live: Study[] = [];
  for (const { id, state } of await runs.studies()) {
    const study = await studies.any(id);
    try {
      checkLive(study, clock.now());
      if (state !== 'stopped') live.push(study);
    } catch {
      // Over: nothing of it can be spent any more, and its holders may be gone.
    }
  }
  return live;
}
