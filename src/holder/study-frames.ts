/**
 * A study, or a version of one, that the sandbox hands round: taken, and the answer signed.
 *
 * The run of such a frame is the digest of the version, so that each is answered once and what is signed about
 * one says nothing about another, nor about a run.
 * @module
 */
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { canonicalBytes, type Json, parseStrict } from '../base/canonical-json.ts';
import { asRefusal, check, Refusal } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { RunRelay } from '../engine/transport/run-relay.ts';
import { EVERYONE, type Frame } from '../flows/frame.ts';
import { versionAsked } from '../flows/pooled/compile-run.ts';
import { encodeRefusal } from '../flows/pooled/refusal.ts';
import type { Log } from '../flows/ports.ts';
import { versionOf } from '../study/versions.ts';
import type { Studies } from './studies.ts';

export type StudyDesk = {
  readonly studies: Studies;
  readonly runs: HolderRuns;
  readonly log: Log;
  readonly relay: (study: Digest, run: Digest) => RunRelay;
  /** Whether a run is reserved here. */
  readonly reserved: (run: Digest) => Promise<boolean>;
  /** Ends a run where it waits. */
  readonly end: (run: Digest, refusal: Refusal) => void;
};

/** Of the draft in `body`, which nobody checked yet. */
const agreementIn = (body: Uint8Array): Digest =>
  sha256Hex(canonicalBytes((parseStrict(fromUtf8(body)) as { readonly study: Json }).study));

export async function takeStudy(
  { study, run, body }: Pick<Frame, 'study' | 'run' | 'body'>,
  desk: StudyDesk,
): Promise<'accepted' | 'narrowed' | 'refused'> {
  const { studies, runs, log, relay } = desk;
  try {
    check(agreementIn(body) === run, 'MALFORMED_MESSAGE', 'run is not the digest of the version');
    const taken = await studies.take(body, study);
    log.info({ study, agreement: run }, `study ${taken}`);
    // A narrowing is obeyed; the word on it as a version is for when everybody has signed.
    if (taken === 'accepted') {
      await relay(study, run).send('accepted', EVERYONE, () => Promise.resolve(utf8(run)));
      await endEarlier(study, run, desk);
    }
    return taken;
  } catch (error) {
    const refusal = asRefusal(error);
    const { code, detail } = refusal;
    log.warn({ study, agreement: run, code, detail }, 'study refused');
    // Accepted before, or a run under the name of a study: our own word stands.
    const known = await runs.study(study);
    const stands = known !== undefined && versionOf(await studies.any(study), run) !== undefined;
    if (stands || (await runs.run(run)) !== undefined || !isVersion(run, body)) return 'refused';
    if (known === undefined && run !== study) return 'refused';
    await relay(study, run).send('refusal', EVERYONE, () =>
      Promise.resolve(encodeRefusal(refusal, false)),
    );
    return 'refused';
  }
}

/** What waits for stewards under an earlier version can be reserved no more: the ledger has the present one. */
async function endEarlier(
  study: Digest,
  agreement: Digest,
  { studies, runs, reserved, end }: StudyDesk,
): Promise<void> {
  const present = await studies.any(study);
  for (const { id, request, state } of await runs.runs(study)) {
    if (state !== 'open' || (await reserved(id))) continue;
    if (versionAsked(present, parseStrict(request)).agreement === agreement) continue;
    end(id, new Refusal('STUDY_AMENDED', `run ${id}`));
  }
}

/** A refusal under this digest can be about nothing but this draft. */
function isVersion(run: Digest, body: Uint8Array): boolean {
  try {
    return agreementIn(body) === run;
  } catch {
    return false;
  }
}
