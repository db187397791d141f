/**
 * Pseudonyms for each study: 16 bytes of F(key of the study, id), RFC 9497.
 *
 * One seed gives every study its own key, so that pseudonyms of two studies cannot be brought
 * together without it (gap One-More Diffie-Hellman). The seed and an id give the pseudonym: whoever
 * has the seed, or may ask without limit, can try a list of names. Two of n people have equal
 * pseudonyms with probability n^2 / 2^129.
 * @module
 */
import { utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Secret } from '../../base/secret.ts';
import type { OprfContext } from './group.ts';
import { deriveKeyPair, type OprfKeyPair } from './keys.ts';

export const PSEUDONYM_BYTES = 16;
const PURPOSE = 'kakehashi/pseudonym/1';

/** The key pair of `study`, the hexadecimal digest of its canonical form. */
export function studyKeyPair(context: OprfContext, seed: Secret, study: string): OprfKeyPair {
  check(/^[0-9a-f]{64}$/.test(study), 'INVALID_PARAMETER', 'study is no digest');
  return deriveKeyPair(context, seed, utf8(`${PURPOSE}/${study}`));
}

/** The pseudonym that an OPRF output stands for. */
export const pseudonymOf = (output: Uint8Array): Uint8Array => output.slice(0, PSEUDONYM_BYTES);
