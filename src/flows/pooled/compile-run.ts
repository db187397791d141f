/**
 * From a signed query to a run: what every party computes for itself, with equal result.
 *
 * The run id binds the signed query, the collective key and the attempt (rulings 4), so a
 * different query, or the same one under another key, is another run.
 * @module
 */
import { canonicalBytes, type Json } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { Rational } from '../../base/rational.ts';
import { transcriptDigest } from '../../base/transcript.ts';
import { compile } from '../../cohort/compile.ts';
import type { Plan } from '../../cohort/plan.ts';
import { planDigest } from '../../cohort/plan-digest.ts';
import { parseQuery } from '../../cohort/query.ts';
import { keyId, type KeyIdentity } from '../../he/collective/key.ts';
import { type Parameters, parametersOf } from '../../he/ring/parameters.ts';
import type { Ceilings } from '../../ledger/ceilings.ts';
import { ceilingsOf } from '../../study/ceilings.ts';
import { verifyQuery } from '../../study/signed-query.ts';
import { type AmendedVersion, amendedVersion, versionOf } from '../../study/versions.ts';
import { type Study, termsOf } from '../study-terms.ts';

export const FLOW = 'pooled-aggregate';
const LINKED_FLOW = 'linked-aggregate';
const INSIDE_FLOW = 'inside-holder';

function flowOf({ link, inside }: Plan): string {
  if (inside !== undefined) return INSIDE_FLOW;
  return link === undefined ? FLOW : LINKED_FLOW;
}

/** A query is tried again under a new run id this many times at most. */
export const MAX_ATTEMPTS = 16;
const KEY_ATTEMPT = 1;
/** Key epochs are counted from this; no study has as many as 2^31. */
export const FIRST_EPOCH = 1;
export const LAST_EPOCH = 2 ** 31;
/** At this delta epsilon is shown where a study has a budget without any. */
const READING_DELTA = Rational.of(1, 1_000_000);

export type RunRequest = {
  /** As the analyst signed it. */
  readonly query: Json;
  /** From 1. */
  readonly attempt: number;
  /** Of the collective key (key-epoch.ts), from 1. The sandbox proposes it, every holder checks it. */
  readonly epoch: number;
};

export type CompiledRun = {
  readonly study: Digest;
  /** Where the study was amended: the version that is asked under, and the one before it. */
  readonly amended: AmendedVersion | undefined;
  readonly run: Digest;
  readonly plan: Plan;
  readonly planDigest: Digest;
  /** The encryption: one parameter set, or one for each of several plaintext moduli, of one ring. */
  readonly sets: readonly Parameters[];
  readonly key: KeyIdentity;
  readonly keyId: Digest;
  /** The query itself, as it was asked. */
  readonly query: Json;
  /** Names of its axes in the order asked for. */
  readonly groupBy: readonly string[];
  /** Epsilon is shown at this delta. */
  readonly delta: Rational;
  /** Who signed the query, by name in the study. */
  readonly analyst: string;
  /** By holder: what the study signs beside its budget. */
  readonly ceilings: ReadonlyMap<string, Ceilings>;
  /** So many stewards of every holder must approve this plan; 0 where none need to. */
  readonly approvals: number;
};

type SignedText = {
  readonly study: Digest;
  readonly query: Json;
  readonly rho: string;
  readonly signature: { readonly analyst: string };
};

/** The body of a `query` frame: a query that a named analyst of `study` signed, not yet expired. */
export function readRunRequest(json: Json, study: Study, now: Date): RunRequest {
  check(
    typeof json === 'object' &&
      json !== null &&
      Object.keys(json).sort().join() === 'attempt,epoch,query',
    'MALFORMED_MESSAGE',
    'run request shape',
  );
  const { query, attempt, epoch } = json as unknown as RunRequest;
  const within = (value: number, last: number): boolean =>
    Number.isSafeInteger(value) && value >= 1 && value <= last;
  check(within(attempt, MAX_ATTEMPTS), 'MALFORMED_MESSAGE', 'attempt');
  check(within(epoch, LAST_EPOCH), 'MALFORMED_MESSAGE', 'key epoch');
  verifyQuery(query, study, now);
  return { query, attempt, epoch };
}

/** The digest of the version that a stored request was signed under. */
export const agreementAsked = (request: Json): Digest =>
  (request as unknown as { readonly query: SignedText }).query.study;

/** The version of `study` that a stored request was signed under, and accepted: it may be in force no more. */
export function versionAsked(study: Study, request: Json): Study {
  const agreement = agreementAsked(request);
  const version = versionOf(study, agreement);
  check(version !== undefined, 'STUDY_UNKNOWN', agreement);
  return version;
}

/** The smallest delta that any holder granted: epsilon is then an upper bound for every one. */
function readingDelta(study: Study): Rational {
  const granted = [...study.budget.values()].map(({ delta }) => delta).filter((d) => !d.isZero());
  return granted.reduce((a, b) => (a.atMost(b) ? a : b), granted[0] ?? READING_DELTA);
}

const approvalsFor = ({ approval }: Study, { rho }: Plan): number =>
  approval === undefined || rho.atMost(approval.above) ? 0 : approval.stewards;

/** Compiles a request whose signature was checked by `readRunRequest`. */
export function compileRun(
  study: Study,
  { query: signed, attempt, epoch }: RunRequest,
): CompiledRun {
  const { query: asked, rho, signature } = signed as unknown as SignedText;
  const terms = termsOf(study);
  const query = parseQuery(asked, terms);
  const plan = compile(terms, query);
  if (plan.rho.toString() !== rho) {
    const errors = [{ pointer: '/rho', code: 'NOT_THE_PRICE' }];
    throw new Refusal('INVALID_QUERY', 'signed rho is not what the plan charges', { errors });
  }
  const key: KeyIdentity = {
    study: study.id,
    flow: flowOf(plan),
    epoch,
    attempt: KEY_ATTEMPT,
    holders: plan.holders,
  };
  // Inside one holder there is no collective key: its place in the run id says so.
  const id =
    plan.inside === undefined
      ? keyId(key)
      : transcriptDigest('kakehashi/no-key/1', [study.id, key.flow, epoch, ...plan.holders]);
  return {
    study: study.id,
    amended: amendedVersion(study),
    run: transcriptDigest('kakehashi/run/1', [sha256Hex(canonicalBytes(signed)), id, attempt]),
    plan,
    planDigest: planDigest(plan),
    sets: plan.parameters.map(parametersOf),
    key,
    keyId: id,
    query: asked,
    groupBy: query.groupBy,
    delta: readingDelta(study),
    analyst: signature.analyst,
    ceilings: ceilingsOf(study),
    approvals: approvalsFor(study, plan),
  };
}

/** A request that was accepted at `accepted`, under the version that it was signed under. */
export function compileStored(
  study: Study,
  stored: Json,
  accepted: Date,
): { readonly version: Study; readonly request: RunRequest; readonly run: CompiledRun } {
  const version = versionAsked(study, stored);
  const request = readRunRequest(stored, version, accepted);
  return { version, request, run: compileRun(version, request) };
}
