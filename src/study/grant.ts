/**
 * A budget grant: more to spend for a study, at one holder or several, signed by people.
 *
 * Four eyes in every country: at each holder of the study at least two different stewards sign, and as
 * many as the study needs. One of them proposes; a proposal is no approval, and nobody approves an own
 * one. A holder with a single steward cannot take part: it signs a new study instead.
 *
 * The id of a grant is the digest of what is signed, with a nonce: a ledger adds it once, however
 * often it is shown. After `expires` it is not added any more; what was added stays.
 * @module
 */
import { type Static, Type } from 'typebox';
import { utf8, toBase64Url } from '../base/bytes.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { isPlainLine, pointerTo, readFraction, shapeErrors } from '../base/input.ts';
import { NAME_PATTERN } from '../base/name.ts';
import { Rational } from '../base/rational.ts';
import type { Rng } from '../base/rng.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import type { Study, StudyBudget } from './agreement.ts';

const CLOSED = { additionalProperties: false } as const;
const GRANT_FORMAT = 'kakehashi/grant/1';
const Name = Type.String({ pattern: NAME_PATTERN.source });
const Amount = Type.String({ minLength: 3, maxLength: 80 });
const Key = Type.String({ minLength: 1, maxLength: 64 });

const GrantShape = Type.Object(
  {
    format: Type.Literal(GRANT_FORMAT),
    study: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    amounts: Type.Record(
      Type.String({ pattern: NAME_PATTERN.source }),
      Type.Object({ rho: Amount, delta: Amount }, CLOSED),
    ),
    reason: Type.String({ minLength: 1, maxLength: 200 }),
    proposer: Type.Object({ holder: Name, key: Key }, CLOSED),
    expires: Type.String({ minLength: 24, maxLength: 24 }),
    nonce: Type.String({ pattern: '^[A-Za-z0-9_-]{22}$' }),
  },
  CLOSED,
);

const Signature = Type.Object(
  { holder: Name, key: Key, signature: Type.String({ minLength: 86, maxLength: 86 }) },
  CLOSED,
);
const SignedShape = Type.Object(
  { grant: Type.Unknown(), signatures: Type.Array(Signature, { maxItems: 256 }) },
  CLOSED,
);

export type GrantSignature = Static<typeof Signature>;

/** Checked against its study; says nothing of signatures. */
export type Grant = {
  readonly id: Digest;
  /** What is signed. */
  readonly text: Json;
  readonly study: Digest;
  /** By holder. */
  readonly amounts: ReadonlyMap<string, StudyBudget>;
  readonly reason: string;
  readonly proposer: { readonly holder: string; readonly key: PublicKeyText };
  readonly expires: Date;
};

export type SignedGrant = { readonly grant: Grant; readonly signatures: readonly GrantSignature[] };

const isSteward = (study: Study<unknown>, holder: string, key: PublicKeyText): boolean =>
  study.holders.some(({ name, stewards }) => name === holder && stewards.keys.includes(key));

function refuse(errors: readonly InputError[]): void {
  if (errors.length > 0) throw new Refusal('INVALID_GRANT', 'grant', { errors });
}

/** Reads what is signed. Refuses with INVALID_GRANT, STUDY_UNKNOWN or FORBIDDEN (no steward). */
function readGrant(json: Json, study: Study<unknown>): Grant {
  refuse(shapeErrors(GrantShape, json));
  const text = json as unknown as Static<typeof GrantShape>;
  check(text.study === study.id, 'STUDY_UNKNOWN', 'grant of another study');
  const errors: InputError[] = [];
  const report = (code: string, ...at: string[]): void => {
    errors.push({ pointer: pointerTo('', ...at), code });
  };
  for (const [name, { rho, delta }] of Object.entries(text.amounts)) {
    if (!study.budget.has(name)) report('UNKNOWN_HOLDER', 'amounts', name);
    if ((readFraction(rho)?.sign() ?? 0) <= 0) report('AMOUNT_INVALID', 'amounts', name, 'rho');
    const exact = readFraction(delta);
    if (exact === undefined || exact.sign() < 0 || Rational.ONE.atMost(exact)) {
      report('AMOUNT_INVALID', 'amounts', name, 'delta');
    }
  }
  if (Object.keys(text.amounts).length === 0) report('MISSING_FIELD', 'amounts');
  if (!isPlainLine(text.reason, 200)) report('WRONG_FORMAT', 'reason');
  const expires = new Date(text.expires);
  if (Number.isNaN(expires.getTime()) || expires.toISOString() !== text.expires) {
    report('DATE_INVALID', 'expires');
  }
  refuse(errors);
  const { holder, key } = text.proposer;
  check(isSteward(study, holder, key), 'FORBIDDEN', 'proposed by no steward of the study');
  return {
    id: sha256Hex(utf8(canonicalJson(json))),
    text: json,
    study: study.id,
    amounts: new Map(
      Object.entries(text.amounts).map(([name, { rho, delta }]) => [
        name,
        { rho: Rational.parse(rho), delta: Rational.parse(delta) },
      ]),
    ),
    reason: text.reason,
    proposer: text.proposer,
    expires,
  };
}

/** A proposal, signed by who makes it. */
export function proposeGrant(
  study: Study<unknown>,
  asked: {
    readonly amounts: Readonly<Record<string, { readonly rho: string; readonly delta: string }>>;
    readonly reason: string;
    readonly expires: Date;
  },
  proposer: { readonly holder: string; readonly key: SigningKey },
  rng: Rng,
): SignedGrant {
  const { holder, key } = proposer;
  const json = {
    format: GRANT_FORMAT,
    study: study.id,
    amounts: asked.amounts,
    reason: asked.reason,
    proposer: { holder, key: key.publicText },
    expires: asked.expires.toISOString(),
    nonce: toBase64Url(rng(16)),
  };
  const grant = readGrant(json, study);
  return { grant, signatures: [signatureOf(grant, holder, key)] };
}

const signatureOf = (grant: Grant, holder: string, key: SigningKey): GrantSignature => ({
  holder,
  key: key.publicText,
  signature: key.signObject(DOMAIN.grant, grant.text),
});

/** Adds an approval. Refuses with SELF_APPROVAL who proposed it, with FORBIDDEN who is no steward. */
export function approveGrant(
  study: Study<unknown>,
  { grant, signatures }: SignedGrant,
  holder: string,
  key: SigningKey,
): SignedGrant {
  check(isSteward(study, holder, key.publicText), 'FORBIDDEN', 'not a steward key');
  check(key.publicText !== grant.proposer.key, 'SELF_APPROVAL', 'who proposes does not approve');
  const others = signatures.filter((one) => one.key !== key.publicText);
  return { grant, signatures: [...others, signatureOf(grant, holder, key)] };
}

/** Signatures of a holder that are there and that there must be: the proposal counts as one of its holder's. */
export type Eyes = { readonly holder: string; readonly given: number; readonly need: number };

const FOUR_EYES = 2;

function verifies(key: PublicKeyText, text: Json, signature: string): boolean {
  try {
    return verifyObject(key, DOMAIN.grant, text, signature);
  } catch {
    return false; // a signature that is not base64url of 64 bytes
  }
}

/** Verifies every signature there is; refuses with SIGNATURE_REJECTED. A revoked key counts for nothing. */
export function grantEyes(
  study: Study<unknown>,
  { grant, signatures }: SignedGrant,
  revoked: readonly PublicKeyText[] = [],
): Eyes[] {
  const seen = new Set<PublicKeyText>();
  for (const { holder, key, signature } of signatures) {
    check(isSteward(study, holder, key), 'SIGNATURE_REJECTED', `${holder}: not a steward key`);
    check(!seen.has(key), 'SIGNATURE_REJECTED', `${holder}: this key has signed before`);
    check(verifies(key, grant.text, signature), 'SIGNATURE_REJECTED', `${holder}: does not verify`);
    seen.add(key);
  }
  check(seen.has(grant.proposer.key), 'SIGNATURE_REJECTED', 'not signed by who proposed it');
  for (const key of revoked) seen.delete(key);
  return study.holders.map(({ name, stewards }) => ({
    holder: name,
    given: stewards.keys.filter((key) => seen.has(key)).length,
    need: Math.max(FOUR_EYES, stewards.need),
  }));
}

/** Refuses with GRANT_UNSIGNED until two stewards of every holder have signed, GRANT_EXPIRED after it. */
export function checkGrant(
  study: Study<unknown>,
  signed: SignedGrant,
  now: Date,
  revoked: readonly PublicKeyText[] = [],
): void {
  for (const { holder, given, need } of grantEyes(study, signed, revoked)) {
    check(given >= need, 'GRANT_UNSIGNED', `${holder}: ${given} of ${need} signatures`);
  }
  check(now < signed.grant.expires, 'GRANT_EXPIRED', signed.grant.expires.toISOString());
}

export const signedGrantJson = ({ grant, signatures }: SignedGrant): Json => ({
  grant: grant.text,
  signatures,
});

/** The signed form; the study must be that of the grant. */
export function readSignedGrant(json: Json, study: Study<unknown>): SignedGrant {
  refuse(shapeErrors(SignedShape, json));
  const { grant, signatures } = json as unknown as {
    readonly grant: Json;
    readonly signatures: readonly GrantSignature[];
  };
  return { grant: readGrant(grant, study), signatures };
}
