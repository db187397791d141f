/** Which studies a recovery (recovery.ts) is about: those of the backup, those since, and what became of them. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { canonicalBytes, type Json, parseStrict } from '../base/canonical-json.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import type { Frame } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import type { Clock } from '../flows/ports.ts';
import type { Study } from '../flows/study-terms.ts';
import { checkLive } from '../study/terms.ts';
import { versionOf } from '../study/versions.ts';
import type { Studies } from './studies.ts';

export type StudySources = {
  readonly wire: SandboxWire;
  readonly runs: HolderRuns;
  readonly studies: Studies;
  readonly clock: Clock;
  readonly closing: AbortSignal;
};

/** The version that a study began with, as it was signed. */
function firstVersion(body: Uint8Array): Uint8Array {
  const { history } = parseStrict(fromUtf8(body)) as { readonly history?: readonly Json[] };
  const [first] = history ?? [];
  return first === undefined ? body : canonicalBytes(first);
}

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
    // Its amendments come behind the restored head, as those of a study in the backup do.
    const body = firstVersion(await wire.study(study, closing));
    await studies.accept(body, study, { expired: true });
  }
  for (const { kind, study, run, from, body } of sent) {
    if (kind !== 'refusal' || run !== study || (await runs.study(study)) === undefined) continue;
    if (decodeRefusal(body, from).code === 'STUDY_STOPPED') await runs.stopStudy(study);
  }
}

/**
 * The versions that this holder had accepted since the backup, once its ledger goes on: what amends comes behind
 * the restored head. A sandbox that keeps one back leaves this holder at a version of which no other holder runs a query.
 */
export async function takeAmendments(
  { wire, runs, studies, closing }: StudySources,
  sent: readonly Frame[],
): Promise<void> {
  for (const { kind, study, run } of sent) {
    if (kind !== 'accepted' || run === study || (await runs.study(study)) === undefined) continue;
    if (versionOf(await studies.any(study), run) !== undefined) continue;
    await studies.accept(await wire.study(study, closing), study, { expired: true });
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
