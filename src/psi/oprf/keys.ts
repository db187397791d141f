/**
 * Key pairs of RFC 9497 section 3.2: derived from a seed, or random.
 *
 * One seed and an `info` that names study and purpose give every study its own key, so that its
 * pseudonyms say nothing about another's (gap One-More Diffie-Hellman, section 7.2.1).
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { oneByte, twoBytes } from './expand-message.ts';
import { type OprfContext, tagOf } from './group.ts';

export type OprfKeyPair = { readonly secretKey: Secret; readonly publicKey: Uint8Array };

const SEED_BYTES = 32;
const LABEL = 'oprf secret key';

/** DeriveKeyPair(seed, info), section 3.2.1. */
export function deriveKeyPair(context: OprfContext, seed: Secret, info: Uint8Array): OprfKeyPair {
  const { group } = context;
  check(seed.expose().length === SEED_BYTES, 'INVALID_PARAMETER', 'seed length');
  check(info.length < 65536, 'INVALID_PARAMETER', `info of ${info.length} bytes`);
  const input = concat(seed.expose(), twoBytes(info.length), info);
  const tag = tagOf(context, 'DeriveKeyPair');
  for (let counter = 0; counter < 256; counter++) {
    const scalar = group.hashToScalar(concat(input, oneByte(counter)), tag);
    if (group.isZero(scalar)) continue;
    input.fill(0);
    return { publicKey: group.multiplyBase(scalar), secretKey: new Secret(LABEL, scalar) };
  }
  check(false, 'INTERNAL', 'no key in 256 attempts');
}

/** GenerateKeyPair, section 3.2. */
export function generateKeyPair({ group }: OprfContext, rng: Rng): OprfKeyPair {
  const scalar = group.randomScalars(1, rng);
  return { publicKey: group.multiplyBase(scalar), secretKey: new Secret(LABEL, scalar) };
}
