/** Which studies a recovery (recovery.ts) is about: those of the backup, those since, and what became of them. @module */
import { fromUtf8 } from '../base/bytes.ts';
import { canonicalBytes, type Json, parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { SandboxWire } from '../engine/transport/sandbox-wire.ts';
import type { Frame } from '../flows/frame.ts';
import { decodeRefusal } from '../flows/pooled/refusal.ts';
import type { Clock, Log } from '../flows/ports.ts';
import { readPartlySigned, type Study } from '../flows/study-terms.ts';
import { checkLive } from '../study/terms.ts';
import { versionOf, versionsOf } from '../study/versions.ts';
import type { Studies } from './studies.ts';

export type StudySources = {
  readonly wire: SandboxWire;
  readonly runs: HolderRuns;
  readonly studies: Studies;
  readonly clock: Clock;
  readonly closing: AbortSignal;
};

type SignedForm = { readonly history?: readonly Json[] } & Record<string, Json>;

/** The signed form as it was when the version of this number was the last. */
function upToVersion(body: Uint8Array, version: number): Uint8Array {
  const { history = [], ...last } = parseStrict(fromUtf8(body)) as SignedForm;
  const present = [...history, last][version - 1] as Record<string, Json>;
  const before = history.slice(0, version - 1);
  return canonicalBytes({ ...present, ...(before.length > 0 && { history: before }) });
}

/**
 * A study that is in nothing but our own word is taken in again, also one that has expired since; one that a
 * steward of this holder stopped stays stopped (rulings 35). What it grants is booked with the restore.
 */
export async function takeStudies(
  { wire, runs, studies, closing }: StudySources,
  sent: readonly Frame[],
) {
  for (const { kind, study } of sent) {
    if (kind !== 'accepted' || (await runs.study(study)) !== undefined) continue;
    // Its amendments come behind the restored head, as those of a study in the backup do.
    await studies.know(upToVersion(await wire.study(study, closing), 1), study);
    const present = await studies.any(study);
    if (!sent.some((one) => one.kind === 'accepted' && one.study === study && one.run !== study))
      studies.checkPins(present);
  }
  for (const { kind, study, run, from, body } of sent) {
    if (kind !== 'refusal' || run !== study || (await runs.study(study)) === undefined) continue;
    if (decodeRefusal(body, from).code === 'STUDY_STOPPED') await runs.stopStudy(study);
  }
}

/** A version that this holder was in, with all before it. */
export type Amended = { readonly study: Study; readonly body: Uint8Array };

/** Versions that this holder is known to have been in, by study. */
export type Versions = ReadonlyMap<Digest, ReadonlySet<Digest>>;

export function versionsIn(
  sent: readonly Frame[],
  told: readonly { readonly study: Digest; readonly version: Digest | undefined }[] = [],
): Versions {
  const versions = new Map<Digest, Set<Digest>>();
  const note = (study: Digest, version: Digest): unknown =>
    versions.set(study, (versions.get(study) ?? new Set()).add(version));
  for (const { kind, study, run } of sent) if (kind === 'accepted') note(study, run);
  for (const { study, version } of told) if (version !== undefined) note(study, version);
  return versions;
}

/**
 * By study, the newest of the versions that this holder was in and that are not here. Refuses with STUDY_AMENDED
 * where the sandbox keeps one back: the older version in the backup is not what this holder goes on with.
 */
export async function fetchAmended(
  { wire, runs, studies, closing }: StudySources,
  versions: Versions,
): Promise<ReadonlyMap<Digest, Amended>> {
  const amended = new Map<Digest, Amended>();
  for (const [id, accepted] of versions) {
    const stored = await runs.study(id);
    if (stored === undefined) continue;
    const here = await studies.any(id);
    if ([...accepted].every((agreement) => versionOf(here, agreement) !== undefined)) continue;
    const body = await wire.study(id, closing);
    const last = readPartlySigned(parseStrict(fromUtf8(body))).study;
    const behind = versionOf(last, here.agreement) !== undefined;
    const whole = [...accepted].every((agreement) => versionOf(last, agreement) !== undefined);
    check(behind && whole, 'STUDY_AMENDED', `a version of ${id} that was accepted is kept back`);
    for (const study of versionsOf(last)) {
      if (!accepted.has(study.agreement)) continue;
      if (stored.state !== 'stopped') studies.checkPins(study);
      amended.set(id, { study, body: upToVersion(body, study.version) });
      break;
    }
  }
  return amended;
}

/** Books and keeps them, once the ledger goes on: what amends comes behind the restored head. */
export async function takeAmendments(
  { studies }: StudySources,
  amended: ReadonlyMap<Digest, Amended>,
): Promise<void> {
  for (const [id, { body }] of amended) await studies.accept(body, id, { known: true });
}

/**
 * What narrowed a study before the backup came back, from holders that still have it. One that is not behind the
 * version here, or that nobody signed, binds nothing and is logged.
 */
export async function takeNarrowings(
  { runs, studies, log }: Pick<StudySources, 'runs' | 'studies'> & { readonly log: Log },
  told: readonly { readonly study: Digest; readonly narrowings: readonly unknown[] }[],
): Promise<void> {
  for (const { study, narrowings } of told) {
    for (const narrowing of narrowings) {
      const { signed } = (await runs.study(study)) ?? {};
      check(signed !== undefined, 'STUDY_UNKNOWN', study);
      const { history = [], ...present } = parseStrict(signed) as SignedForm;
      const version = { ...(narrowing as SignedForm), history: [...history, present] };
      try {
        await studies.take(canonicalBytes(version), study);
      } catch (error) {
        const { code, detail } = asRefusal(error);
        if (code === 'INTERNAL') throw error;
        log.warn({ study, code, detail }, 'narrowing not taken back');
      }
    }
  }
}

/** Those in which something can still be spent, in the version that this holder was in; and those that are over. */
export async function liveStudies(
  { runs, studies, clock }: StudySources,
  amended: ReadonlyMap<Digest, Amended>,
): Promise<{ readonly live: readonly Study[]; readonly over: readonly Digest[] }> {
  const live: Study[] = [];
  const over: Digest[] = [];
  for (const { id, state } of await runs.studies()) {
    if (state === 'stopped') continue;
    const study = amended.get(id)?.study ?? (await studies.any(id));
    try {
      checkLive(study, clock.now());
      live.push(study);
    } catch {
      // Its holders may be gone: nobody is asked.
      over.push(id);
    }
  }
  return { live, over };
}
