/**
 * A signed statement that something was deleted (rulings 38): one format for encrypted columns,
 * the ciphertexts of a run, and whatever comes.
 *
 * Says       the signer destroyed these keys at its own machine, so that copies of what was
 *            encrypted under them are of no use to anybody; and what the sandbox answered when it
 *            was told to delete, which is the sandbox's word.
 * Not said   that nobody kept a copy, or that the released numbers are forgotten.
 * @module
 */
import { type Static, Type } from 'typebox';
import { canonicalBytes, type Json } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import { type Digest, sha256Hex } from '../base/hash.ts';
import { shapeErrors } from '../base/input.ts';
import { MAX_HOLDERS, MAX_MEASURES } from '../base/limits.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import { DigestText, KeyText, Name, SignatureText } from './entry.ts';

const CLOSED = { additionalProperties: false } as const;
export const ERASURE_FORMAT = 'kakehashi/erasure/2';

const Count = Type.Integer({ minimum: 0 });
/**
 * Of the operator's statement about a run: an upload of every holder for every program. A holder's own about a run has
 * a run key and a mask key with every other holder.
 */
export const MOST_KEYS: number = MAX_HOLDERS * MAX_MEASURES;
const Time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });

const ErasureShape = Type.Object(
  {
    format: Type.Literal(ERASURE_FORMAT),
    study: DigestText,
    holder: Name,
    /** What is gone: a table of encrypted columns, the ciphertexts of a run, the rows uploaded for one. */
    of: Type.Object(
      { kind: Type.Enum(['columns', 'run', 'sandboxed-run']), id: DigestText },
      CLOSED,
    ),
    /** The keys that the signer destroyed, by their names. */
    keys: Type.Array(Type.String({ pattern: '^[a-z][a-z0-9/-]{0,79}$' }), {
      maxItems: MOST_KEYS,
    }),
    /** What the sandbox says that it deleted; null where it was not asked yet. */
    sandbox: Type.Union([Type.Object({ ciphertexts: Count, bytes: Count }, CLOSED), Type.Null()]),
    at: Time,
  },
  CLOSED,
);

/** A statement with its signature. */
export const SignedErasureShape = Type.Object(
  { erasure: ErasureShape, key: KeyText, signature: SignatureText },
  CLOSED,
);

export type Erasure = Static<typeof ErasureShape>;
export type SignedErasure = Static<typeof SignedErasureShape>;

/** Call it once the keys are gone, not before. */
export function signErasure(
  { at, ...facts }: Omit<Erasure, 'format' | 'at'> & { readonly at: Date },
  key: SigningKey,
): SignedErasure {
  const erasure: Erasure = { format: ERASURE_FORMAT, ...facts, at: at.toISOString() };
  return { erasure, key: key.publicText, signature: key.signObject(DOMAIN.erasure, erasure) };
}

/** Shape only; MALFORMED_MESSAGE where it is no statement of this format. */
export function readErasure(json: Json): SignedErasure {
  const errors = shapeErrors(SignedErasureShape, json);
  check(errors.length === 0, 'MALFORMED_MESSAGE', `erasure ${errors[0]?.pointer ?? ''}`);
  return json as unknown as SignedErasure;
}

/** Refuses with SIGNATURE_REJECTED a statement that `identity` did not sign. */
export function verifyErasure(signed: SignedErasure, identity: PublicKeyText): Erasure {
  const { erasure, key, signature } = readErasure(signed);
  const holds = key === identity && verifyObject(identity, DOMAIN.erasure, erasure, signature);
  check(holds, 'SIGNATURE_REJECTED', `erasure of ${erasure.of.kind} by ${erasure.holder}`);
  return erasure;
}

/** What the log of the study has of a statement. */
export const erasureDigest = (signed: SignedErasure): Digest => sha256Hex(canonicalBytes(signed));
