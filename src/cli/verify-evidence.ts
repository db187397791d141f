/**
 * `kakehashi verify` as a function: evidence and keys in, what is proved and what is not out.
 *
 * A key proves something about an institution only where it came from somewhere else than the
 * evidence: a signed study, whose id people compared, or a key that the auditor was given. Keys out
 * of a receipt itself show only that it is whole, and the answer says so.
 * @module
 */
import { type Checkpoint, checkCosigned } from '../audit/checkpoint.ts';
import { verifyErasure } from '../audit/erasure.ts';
import { verifyExcerpt, type VerifiedLog } from '../audit/excerpt.ts';
import { type Gap, joinCheckpoints, type Seen } from '../audit/one-log.ts';
import { evidenceIn, type Receipt, verifyReceipt } from '../audit/receipt.ts';
import type { Json } from '../base/canonical-json.ts';
import { tablesOf } from '../analysis/released.ts';
import { asRefusal, check, Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Release } from '../client/release.ts';
import { verifyRelease } from '../client/verify-release.ts';
import { SANDBOX } from '../flows/frame.ts';
import { releaseDigest } from '../flows/pooled/release.ts';
import { readSignedStudy, type Study } from '../flows/study-terms.ts';
import type { EvidenceFile } from './evidence.ts';

export type Keys = ReadonlyMap<string, PublicKeyText>;
/** Where identity keys came from; `itself` is the evidence. */
export type KeySource = 'study' | 'given' | 'itself';

export type Finding = {
  readonly file: string;
  readonly kind: EvidenceFile['kind'];
  readonly study: Digest;
  readonly keys: KeySource;
  readonly proved: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly checkpoints: readonly Checkpoint[];
  readonly log?: VerifiedLog;
};

export type Verified = {
  readonly findings: readonly Finding[];
  /** Checkpoints of a study between which nothing was shown. */
  readonly gaps: readonly (Gap & { readonly study: Digest })[];
};

export type Trust = {
  /** Signed studies by their ids. */
  readonly studies: ReadonlyMap<Digest, Study>;
  readonly given: Keys;
};

const identitiesOf = (study: Study): Keys =>
  new Map(study.holders.map(({ name, identity }) => [name, identity]));

/** The operator of the sandbox signs the end of uploads, where the study names it. */
const operatorOf = (study: Study | undefined, key: PublicKeyText): [string, PublicKeyText][] =>
  study?.images.some(({ sandbox }) => sandbox?.key === key) === true ? [[SANDBOX, key]] : [];

function keysFor(study: Digest, { studies, given }: Trust, itself?: Keys): [Keys, KeySource] {
  const known = studies.get(study);
  if (known !== undefined) return [identitiesOf(known), 'study'];
  if (given.size > 0) return [given, 'given'];
  check(
    itself !== undefined,
    'INVALID_PARAMETER',
    'give --study or --holder NAME=KEY for this file',
  );
  return [itself, 'itself'];
}

const inReceipt = ({ holders }: Receipt): Keys =>
  new Map(holders.map(({ attestation, key }) => [attestation.holder, key]));
const names = (keys: Keys): string => [...keys.keys()].sort().join(', ');

/** What holders say of programs that they had run for a release. */
const programsIn = ({ holders }: Receipt) =>
  holders.flatMap(({ attestation }) =>
    evidenceIn(attestation).map((said) => ({ holder: attestation.holder, ...said })),
  );

function programWords(programs: ReturnType<typeof programsIn>): string {
  const said = programs.map(
    ({ holder, image, place, boundary }) =>
      `${holder} that image ${image.slice(0, 12)} ran ${place === 'sandbox' ? 'in the sandbox' : 'at its place'} behind ${boundary}`,
  );
  return said.length === 0 ? '' : `; as evidence of software only, ${said.join(', ')}`;
}

/** A receipt by itself, or that of a release whose numbers it covers. */
function receiptFinding(receipt: Receipt, trust: Trust, release?: Release) {
  const { study, run, plan, released } = receipt;
  const known = trust.studies.get(study);
  const [all, source] = keysFor(study, trust, inReceipt(receipt));
  // Not every holder of a study has a part in every query: which do follows from the query.
  const taking =
    release === undefined || known === undefined ? [...all.keys()] : verifyRelease(release, known);
  const keys = new Map([...all].filter(([name]) => taking.includes(name)));
  const checkpoint = verifyReceipt(receipt, keys);
  if (release !== undefined && known === undefined) {
    const { query, privacy } = release;
    const body = release.receipt.source ?? { query, ...tablesOf(release), privacy };
    const digest = releaseDigest({ study, run, planDigest: plan }, body);
    check(digest === released, 'PROOF_REJECTED', 'the numbers are not those that were attested');
  }
  const programs = programsIn(receipt);
  const said = receipt.holders[0]?.attestation;
  const { rho, heads, amended } = said ?? { rho: '', heads: {}, amended: undefined };
  const under =
    amended === undefined ? '' : ` under version ${amended.agreement.slice(0, 12)} of the study`;
  const what = release === undefined ? 'a release with this digest' : 'these numbers';
  return {
    study,
    keys: source,
    proved:
      `every holder (${names(keys)}) signed ${what} at rho ${rho}${under}, and co-signed a log of ` +
      `${checkpoint.size} entries that has it at place ${receipt.log.index + 1}${programWords(programs)}`,
    facts: {
      ...{ run, plan, released, rho, heads, index: receipt.log.index, size: checkpoint.size },
      ...amended,
      ...(programs.length > 0 && { images: programs }),
    },
    checkpoints: [checkpoint],
  };
}

const erasedWords = ({ statements }: VerifiedLog['erasures']): string =>
  statements === 0
    ? ''
    : `, and ${statements} statements that a holder destroyed its keys of a run`;

function findingOf(evidence: EvidenceFile, trust: Trust): Omit<Finding, 'file' | 'kind'> {
  if (evidence.kind === 'release') {
    const { release } = evidence;
    return receiptFinding(release.receipt, trust, release);
  }
  if (evidence.kind === 'receipt') return receiptFinding(evidence.receipt, trust);
  if (evidence.kind === 'checkpoint') {
    const { checkpoint } = evidence.note;
    const { study, size, root } = checkpoint;
    const [keys, source] = keysFor(study, trust);
    checkCosigned(evidence.note, keys);
    const proved = `every holder (${names(keys)}) co-signed the log of ${size} entries`;
    return { study, keys: source, proved, facts: { size, root }, checkpoints: [checkpoint] };
  }
  if (evidence.kind === 'log') {
    const study = readSignedStudy(evidence.excerpt.study as Json);
    const keys = identitiesOf(study);
    const log = verifyExcerpt(evidence.excerpt, study.id, keys);
    const { tree, cosigned, types, checkpoints, erasures } = log;
    const proved = `every holder (${names(keys)}) co-signed the first ${cosigned} of these ${tree.size} entries${erasedWords(erasures)}`;
    const facts = { size: tree.size, cosigned, types, erasures };
    return { study: study.id, keys: 'study', proved, facts, checkpoints, log };
  }
  if (evidence.kind === 'erasure') {
    const { study, holder, of, at } = evidence.signed.erasure;
    const itself = new Map([[holder, evidence.signed.key]]);
    const [holders, source] = keysFor(study, trust, itself);
    const keys = new Map([
      ...holders,
      ...operatorOf(trust.studies.get(study), evidence.signed.key),
    ]);
    const identity = keys.get(holder);
    check(identity !== undefined, 'PROOF_REJECTED', `no key of ${holder}`);
    verifyErasure(evidence.signed, identity);
    const proved = `${holder} signed that it destroyed the keys of ${of.kind} ${of.id.slice(0, 12)}${of.kind === 'sandboxed-run' ? ', under which rows had been uploaded; that it kept no copy is its word' : ''}`;
    return { study, keys: source, proved, facts: { holder, of, at }, checkpoints: [] };
  }
  const { study, first, second } = evidence.proof;
  const facts = { first, second };
  return { study, keys: 'itself', proved: '', facts, checkpoints: [] };
}

/** PROOF_REJECTED, SIGNATURE_REJECTED or LOG_FORKED, with the file; what is called wrongly stays that. */
function rejected(file: string, error: unknown): Refusal {
  const { code, detail } = asRefusal(error);
  if (code === 'INVALID_PARAMETER') return new Refusal('USAGE', `${file}: ${detail}`);
  const kept = code === 'SIGNATURE_REJECTED' || code === 'LOG_FORKED' ? code : 'PROOF_REJECTED';
  return new Refusal(kept, `${file}: ${detail}`, undefined, { cause: error });
}

/** A log brings its signed study: other evidence of the same id is checked by its keys too. */
function withLogs(files: readonly EvidenceFile[], { studies, given }: Trust): Trust {
  const known = new Map(studies);
  for (const evidence of files) {
    if (evidence.kind !== 'log') continue;
    try {
      const study = readSignedStudy(evidence.excerpt.study as Json);
      known.set(study.id, study);
    } catch (error) {
      throw rejected(evidence.file, error);
    }
  }
  return { studies: known, given };
}

export function verifyEvidence(files: readonly EvidenceFile[], given: Trust): Verified {
  const trust = withLogs(files, given);
  const findings = files.map((evidence): Finding => {
    try {
      return { file: evidence.file, kind: evidence.kind, ...findingOf(evidence, trust) };
    } catch (error) {
      throw rejected(evidence.file, error);
    }
  });
  const gaps = [...new Set(findings.map(({ study }) => study))].flatMap((study) => {
    const of = findings.filter((one) => one.study === study);
    const seen: Seen[] = of.flatMap(({ file, checkpoints }) =>
      checkpoints.map((checkpoint) => ({ source: file, checkpoint })),
    );
    const logs = of.flatMap(({ log }) => log?.tree ?? []);
    const proofs = files.flatMap((one) =>
      one.kind === 'consistency' && one.proof.study === study ? [one.proof] : [],
    );
    return joinCheckpoints(seen, { logs, proofs }).map((gap) => ({ study, ...gap }));
  });
  return { findings, gaps };
}
