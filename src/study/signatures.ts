/**
 * Approval of a study: Ed25519 signatures of stewards over the RFC 8785 form of the draft.
 *
 * A study stands when every holder has at least `need` valid signatures by different steward
 * keys of its own. One signature that does not verify, is there twice, or is of a key that the
 * study does not name refuses the whole: nobody has a reason to send one.
 *
 * An amended version is signed by as many stewards of the version before it, whose agreement it changes, and
 * by as many of its own, who take it over: the two thresholds of a change of keys (The Update Framework,
 * specification 1.0, section 5.3.4). It travels with every version before it, each with its signatures. A key
 * that was revoked where it is checked counts for nothing.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { shapeErrors } from '../base/input.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import { type CohortParser, parseStudy, type Study } from './agreement.ts';
import { amendmentOf } from './amendment.ts';
import type { DeclarationErrors } from './image-clause.ts';

const Signature = Type.Object(
  {
    holder: Type.String({ maxLength: 64 }),
    key: Type.String({ maxLength: 64 }),
    signature: Type.String({ minLength: 86, maxLength: 86 }),
  },
  { additionalProperties: false },
);

const Version = {
  study: Type.Unknown(),
  signatures: Type.Array(Signature, { maxItems: 256 }),
};
const CLOSED = { additionalProperties: false } as const;
const SignedShape = Type.Object(
  {
    ...Version,
    /** Of an amended study: the versions before, the first one first. */
    history: Type.Optional(Type.Array(Type.Object(Version, CLOSED), { minItems: 1, maxItems: 63 })),
  },
  CLOSED,
);

export type StudySignature = {
  readonly holder: string;
  readonly key: PublicKeyText;
  readonly signature: string;
};

export type SignedVersion<C> = {
  readonly study: Study<C>;
  readonly signatures: readonly StudySignature[];
};

export type SignedStudy<C> = SignedVersion<C> & {
  /** The versions before, the first one first; none where it was never amended. */
  readonly history?: readonly SignedVersion<C>[];
};

/** Signatures that a holder's stewards have given, and need to give. */
export type Approval = { readonly holder: string; readonly given: number; readonly need: number };

type Stewards = { readonly need: number; readonly keys: readonly PublicKeyText[] };

/** Whose signatures of a holder count: those of this version, and of the one before. */
const stewardsOf = (study: Study<unknown>, holder: string): Stewards[] =>
  [study, study.previous].flatMap(
    (version) => version?.holders.find(({ name }) => name === holder)?.stewards ?? [],
  );

const isSteward = (study: Study<unknown>, holder: string, key: PublicKeyText): boolean =>
  stewardsOf(study, holder).some(({ keys }) => keys.includes(key));

/** The holder that a key signs a study for: it may be one that an amendment adds, or takes out. */
export const holderOfSteward = (study: Study<unknown>, key: PublicKeyText): string | undefined =>
  study.holders.find(({ name }) => isSteward(study, name, key))?.name;

/** Signs as a steward of `holder`. Refuses with FORBIDDEN a key that is none. */
export function signStudy(study: Study<unknown>, holder: string, key: SigningKey): StudySignature {
  check(isSteward(study, holder, key.publicText), 'FORBIDDEN', 'not a steward key');
  const signature = key.signObject(DOMAIN.study, study.draft);
  return { holder, key: key.publicText, signature };
}

const versionJson = ({ study, signatures }: SignedVersion<unknown>) => ({
  study: study.draft,
  signatures: signatures.map(({ holder, key, signature }) => ({ holder, key, signature })),
});

/** The signed form of DESIGN section 9. */
export const signedJson = (signed: SignedStudy<unknown>): Json => ({
  ...versionJson(signed),
  ...(signed.history?.length && { history: signed.history.map(versionJson) }),
});

/**
 * Reads the signed form and checks every version of the study, but no signature. Refuses with INVALID_STUDY, and
 * with AMENDMENT_REFUSED what an amendment may not change.
 */
export function parseSigned<C>(
  json: Json,
  cohort: CohortParser<C>,
  declared?: DeclarationErrors,
): SignedStudy<C> {
  const shape = shapeErrors(SignedShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_STUDY', 'signed form', { errors: shape });
  const { history = [], ...present } = json as Static<typeof SignedShape>;
  const read: SignedVersion<C>[] = [];
  for (const { study: draft, signatures } of [...history, present]) {
    const study = parseStudy(draft as Json, cohort, declared, read.at(-1)?.study);
    amendmentOf(study);
    read.push({
      study,
      signatures: signatures.map(({ holder, key, signature }) => ({ holder, key, signature })),
    });
  }
  const last = read.pop();
  check(last !== undefined, 'INTERNAL', 'a signed form without a version');
  return read.length === 0 ? last : { ...last, history: read };
}

/**
 * Signatures of copies that stewards signed apart, in one signed form; of a key that is in several, the first.
 * Refuses with INVALID_STUDY copies of different agreements. Verifies no signature.
 */
export function mergeSigned<C>(
  first: SignedStudy<C>,
  others: readonly SignedStudy<C>[],
): SignedStudy<C> {
  const { agreement } = first.study;
  const byKey = new Map<PublicKeyText, StudySignature>();
  for (const { study, signatures } of [first, ...others]) {
    const same = study.agreement === agreement;
    check(same, 'INVALID_STUDY', `copies of ${agreement} and of ${study.agreement}`);
    for (const signature of signatures) {
      if (!byKey.has(signature.key)) byKey.set(signature.key, signature);
    }
  }
  return { ...first, signatures: [...byKey.values()] };
}

function verifies(key: PublicKeyText, draft: Json, signature: string): boolean {
  try {
    return verifyObject(key, DOMAIN.study, draft, signature);
  } catch {
    return false; // a signature that is not base64url of 64 bytes
  }
}

/** The keys whose signature of the present version holds. Refuses with SIGNATURE_REJECTED where one does not. */
export function verifiedKeys(
  { study, signatures }: SignedVersion<unknown>,
  revoked: readonly PublicKeyText[] = [],
): ReadonlySet<PublicKeyText> {
  const seen = new Set<PublicKeyText>();
  signatures.forEach(({ holder, key, signature }, i) => {
    const reject = (why: string): string => `signature ${i + 1}, of ${holder}: ${why}`;
    const own = isSteward(study, holder, key);
    check(own, 'SIGNATURE_REJECTED', reject('not a steward key of the study'));
    check(!seen.has(key), 'SIGNATURE_REJECTED', reject('this key has signed before'));
    check(
      verifies(key, study.draft, signature),
      'SIGNATURE_REJECTED',
      reject('does not verify, or the study was changed after it was signed'),
    );
    seen.add(key);
  });
  for (const key of revoked) seen.delete(key);
  return seen;
}

/**
 * Who is still missing: of an amended version the more of what those of before and those of after have to give.
 * Refuses with SIGNATURE_REJECTED.
 */
export function approvals(
  signed: SignedVersion<unknown>,
  revoked: readonly PublicKeyText[] = [],
): Approval[] {
  const { study } = signed;
  const seen = verifiedKeys(signed, revoked);
  return study.holders.map(({ name }) => {
    const counts = stewardsOf(study, name).map(({ need, keys }) => ({
      given: keys.filter((key) => seen.has(key)).length,
      need,
    }));
    const missing = ({ given, need }: (typeof counts)[number]): number => need - given;
    const least = counts.reduce((a, b) => (missing(b) > missing(a) ? b : a));
    return { holder: name, ...least };
  });
}

/** That enough stewards of every holder signed the present version; STUDY_UNSIGNED otherwise. */
export function checkSigned(
  signed: SignedVersion<unknown>,
  revoked: readonly PublicKeyText[] = [],
): void {
  for (const { holder, given, need } of approvals(signed, revoked)) {
    check(given >= need, 'STUDY_UNSIGNED', `${holder}: ${given} of ${need} signatures`);
  }
}

/**
 * The study, when every holder has approved each of its versions. Refuses with STUDY_UNSIGNED otherwise. A version
 * that came into force stays so when one of those who signed it is revoked later: `revoked` counts for the last.
 */
export function verifySigned<C>(
  signed: SignedStudy<C>,
  revoked: readonly PublicKeyText[] = [],
): Study<C> {
  for (const version of signed.history ?? []) checkSigned(version);
  checkSigned(signed, revoked);
  return signed.study;
}
