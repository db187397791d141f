/**
 * Approval of a study: Ed25519 signatures of stewards over the RFC 8785 form of the draft.
 *
 * A study stands when every holder has at least `need` valid signatures by different steward
 * keys of its own. One signature that does not verify, is there twice, or is of a key that the
 * study does not name refuses the whole: nobody has a reason to send one.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import { check, Refusal } from '../base/errors.ts';
import { shapeErrors } from '../base/input.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import { type CohortParser, parseStudy, type Study } from './agreement.ts';
import type { DeclarationErrors } from './image-clause.ts';

const Signature = Type.Object(
  {
    holder: Type.String({ maxLength: 64 }),
    key: Type.String({ maxLength: 64 }),
    signature: Type.String({ minLength: 86, maxLength: 86 }),
  },
  { additionalProperties: false },
);

const SignedShape = Type.Object(
  { study: Type.Unknown(), signatures: Type.Array(Signature, { maxItems: 256 }) },
  { additionalProperties: false },
);

export type StudySignature = {
  readonly holder: string;
  readonly key: PublicKeyText;
  readonly signature: string;
};

export type SignedStudy<C> = {
  readonly study: Study<C>;
  readonly signatures: readonly StudySignature[];
};

/** Signatures that a holder's stewards have given, and need to give. */
export type Approval = { readonly holder: string; readonly given: number; readonly need: number };

/** Signs as a steward of `holder`. Refuses with FORBIDDEN a key that is none. */
export function signStudy(study: Study<unknown>, holder: string, key: SigningKey): StudySignature {
  const named = study.holders.find(({ name }) => name === holder);
  check(named?.stewards.keys.includes(key.publicText) === true, 'FORBIDDEN', 'not a steward key');
  const signature = key.signObject(DOMAIN.study, study.draft);
  return { holder, key: key.publicText, signature };
}

/** The signed form of DESIGN section 9. */
export const signedJson = ({ study, signatures }: SignedStudy<unknown>): Json => ({
  study: study.draft,
  signatures: signatures.map(({ holder, key, signature }) => ({ holder, key, signature })),
});

/** Reads the signed form and checks the study, but no signature. Refuses with INVALID_STUDY. */
export function parseSigned<C>(
  json: Json,
  cohort: CohortParser<C>,
  declared?: DeclarationErrors,
): SignedStudy<C> {
  const shape = shapeErrors(SignedShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_STUDY', 'signed form', { errors: shape });
  const signed = json as Static<typeof SignedShape>;
  return {
    study: parseStudy(signed.study as Json, cohort, declared),
    signatures: signed.signatures.map(({ holder, key, signature }) => ({ holder, key, signature })),
  };
}

function verifies(key: PublicKeyText, draft: Json, signature: string): boolean {
  try {
    return verifyObject(key, DOMAIN.study, draft, signature);
  } catch {
    return false; // a signature that is not base64url of 64 bytes
  }
}

/** Verifies every signature there is. Refuses with SIGNATURE_REJECTED; says who is still missing. */
export function approvals({ study, signatures }: SignedStudy<unknown>): Approval[] {
  const seen = new Set<string>();
  signatures.forEach(({ holder, key, signature }, i) => {
    const named = study.holders.find(({ name }) => name === holder);
    const reject = (why: string): string => `signature ${i + 1}, of ${holder}: ${why}`;
    const own = named?.stewards.keys.includes(key) === true;
    check(own, 'SIGNATURE_REJECTED', reject('not a steward key of the study'));
    check(!seen.has(key), 'SIGNATURE_REJECTED', reject('this key has signed before'));
    check(
      verifies(key, study.draft, signature),
      'SIGNATURE_REJECTED',
      reject('does not verify, or the study was changed after it was signed'),
    );
    seen.add(key);
  });
  return study.holders.map(({ name, stewards }) => ({
    holder: name,
    given: stewards.keys.filter((key) => seen.has(key)).length,
    need: stewards.need,
  }));
}

/** The study, when every holder has approved it. Refuses with STUDY_UNSIGNED otherwise. */
export function verifySigned<C>(signed: SignedStudy<C>): Study<C> {
  for (const { holder, given, need } of approvals(signed)) {
    check(given >= need, 'STUDY_UNSIGNED', `${holder}: ${given} of ${need} signatures`);
  }
  return signed.study;
}
