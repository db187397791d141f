/**
 * Linkage keys: a keyed hash of the canonical fields of a pass, so that two tables can be compared
 * without showing a name.
 *
 *     key = first 16 bytes of HMAC-SHA-256(k, element 1 | value 1 | element 2 | value 2 | ...)
 *
 * k is derived from the secret of one study (HKDF, RFC 5869), so that keys of two studies cannot
 * be joined; every text is preceded by its length and a colon. A missing element means no key in
 * that pass.
 *
 * Assumption  HMAC-SHA-256 is a pseudorandom function.
 * Adversary   someone without the secret learns which rows have equal keys, and nothing else.
 *             Whoever has it tries all names and days of birth in minutes: the secret stays with
 *             the holders, and keys go to no one else but through psi/.
 * Timing      not constant in the values; the process is the holder's own.
 * @module
 */
import { createHmac } from 'node:crypto';
import { deriveKey } from '../base/hash.ts';
import type { Secret } from '../base/secret.ts';
import { type CanonicalRecord, elementOf, type Pass, type Side } from './field.ts';

const INFO = 'kakehashi/linkage/1 key';
export const KEY_BYTES = 16;

const framed = (text: string): string => `${text.length}:${text}`;

/** The sub-key that `passKey` takes. Wipe it after use. */
export const keyOfStudy = (secret: Secret): Secret => deriveKey(secret, INFO);

/** The key of `record` in `pass`; undefined where an element is missing. */
export function passKey(
  record: CanonicalRecord,
  pass: Pass,
  side: Side,
  key: Secret,
): Uint8Array | undefined {
  let message = '';
  for (const element of pass) {
    const value = elementOf(record, element, side);
    if (value === undefined) return undefined;
    message += framed(element) + framed(value);
  }
  const digest = createHmac('sha256', key.expose()).update(message, 'utf8').digest();
  return new Uint8Array(digest.subarray(0, KEY_BYTES));
}
