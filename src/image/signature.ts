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

/**
 * Whether the author and enough different parties signed this image, the parties for this study, with keys
 * that nobody revoked. Signatures of others say nothing, for or against.
 */
export function isSigned(
  signatures: readonly ImageSignature[],
  wanted: { readonly image: Digest; readonly study: Digest; readonly signers: ImageSigners },
  revoked: ReadonlySet<PublicKeyText> = new Set(),
): boolean {
  const { image, study, signers } = wanted;
  const good = signatures.filter(
    (each) => each.statement.image === image && !revoked.has(each.key) && holds(each),
  );
  const author = good.some(
    ({ key, statement }) =>
      statement.role === 'author' && statement.study === null && key === signers.author,
  );
  const parties = new Set(
    good.flatMap(({ key, statement }) =>
      statement.role === 'party' && statement.study === study && signers.parties.keys.includes(key)
        ? [key]
        : [],
    ),
  );
  return author && parties.size >= signers.parties.need;
}
