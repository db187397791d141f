/**
 * Signatures on an image: of its author, who answers for the program, and of parties of a study, who let
 * it run there. A party signs for one study by its id, so that what was signed for one permits nothing
 * in another. Ed25519 over the RFC 8785 form of the statement, with a tag of their own.
 * @module
 */
import { type Static, Type } from 'typebox';
import type { Digest } from '../base/hash.ts';
import {
  DOMAIN,
  PUBLIC_KEY_PATTERN,
  type PublicKeyText,
  type SigningKey,
  verifyObject,
} from '../base/sign.ts';

const CLOSED = { additionalProperties: false } as const;
const Hex = Type.String({ pattern: '^[0-9a-f]{64}$' });

const Statement = Type.Object(
  {
    format: Type.Literal('kakehashi/image-signature/1'),
    image: Hex,
    role: Type.Enum(['author', 'party']),
    /** The id of the study that a party signs for; null of an author. */
    study: Type.Union([Hex, Type.Null()]),
  },
  CLOSED,
);

export const SignatureShape = Type.Object(
  {
    statement: Statement,
    key: Type.String({ pattern: PUBLIC_KEY_PATTERN.source }),
    signature: Type.String({ minLength: 86, maxLength: 86 }),
  },
  CLOSED,
);

export type ImageSignature = Static<typeof SignatureShape>;

export function signImage(
  key: SigningKey,
  image: Digest,
  by: { readonly role: 'author' } | { readonly role: 'party'; readonly study: Digest },
): ImageSignature {
  const study = by.role === 'party' ? by.study : null;
  const statement = { format: 'kakehashi/image-signature/1', image, role: by.role, study } as const;
  return { statement, key: key.publicText, signature: key.signObject(DOMAIN.image, statement) };
}

/** Who must have signed: named in the study. */
export type ImageSigners = {
  readonly author: PublicKeyText;
  readonly parties: { readonly need: number; readonly keys: readonly PublicKeyText[] };
};

function holds({ key, statement, signature }: ImageSignature): boolean {
  try {
    return verifyObject(key, DOMAIN.image, statement, signature);
  } catch {
    return false;
  }
}

/** Whose signature, of which role, the study asks for. */
export type WantedSignatures = {
  readonly image: Digest;
  readonly study: Digest;
  readonly signers: ImageSigners;
};

/**
 * The signatures that count, one of every key: of the author, and of parties for this study, over this
 * image. Signatures of others say nothing, for or against.
 */
export function wantedSignatures(
  signatures: readonly ImageSignature[],
  { image, study, signers }: WantedSignatures,
): ImageSignature[] {
  const counts = ({ key, statement }: ImageSignature): boolean =>
    statement.role === 'author'
      ? statement.study === null && key === signers.author
      : statement.study === study && signers.parties.keys.includes(key);
  const good = signatures.filter(
    (each) => each.statement.image === image && counts(each) && holds(each),
  );
  return [...new Map(good.map((each) => [each.key, each])).values()];
}

/** Whether the author and enough parties signed, with keys that nobody revoked. */
export function isSigned(
  signatures: readonly ImageSignature[],
  wanted: WantedSignatures,
  revoked: ReadonlySet<PublicKeyText> = new Set(),
): boolean {
  const good = wantedSignatures(signatures, wanted).filter(({ key }) => !revoked.has(key));
  const parties = good.filter(({ statement }) => statement.role === 'party').length;
  return parties < good.length && parties >= wanted.signers.parties.need;
}
