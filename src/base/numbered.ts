/**
 * Messages of one direction, sealed under a key of their own with their number as nonce: AES-256-GCM (SP 800-38D).
 *
 * Adversary   whoever carries them. Another number, another key or another byte does not open.
 * Limit       a number is used once under a key; the caller counts. The tag stands at the end, 16 bytes.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { check, refuseAs } from './errors.ts';
import type { Secret } from './secret.ts';

/** What sealing adds to the bytes. */
export const SEAL_TAG = 16;
const NONCE = 12;

function nonceOf(number: number): Uint8Array {
  const nonce = new Uint8Array(NONCE);
  new DataView(nonce.buffer).setBigUint64(NONCE - 8, BigInt(number));
  return nonce;
}

export function sealNumbered(key: Secret, number: number, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key.expose(), nonceOf(number));
  const sealed = new Uint8Array(plain.length + SEAL_TAG);
  sealed.set(cipher.update(plain));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plain.length);
  return sealed;
}

/** Refuses with MALFORMED_MESSAGE what is not message `number` under this key. */
export function openNumbered(key: Secret, number: number, sealed: Uint8Array): Uint8Array {
  return refuseAs('MALFORMED_MESSAGE', `message ${number}`, () => {
    check(sealed.length >= SEAL_TAG, 'MALFORMED_MESSAGE', 'sealed length');
    const end = sealed.length - SEAL_TAG;
    const decipher = createDecipheriv('aes-256-gcm', key.expose(), nonceOf(number));
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
  });
}
