/**
 * Hashes and the functions made from them. SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF
 * (RFC 5869), SHAKE-128 (FIPS 202) and an AES-256-CTR key stream (SP 800-38A).
 *
 * Small inputs go through @noble/hashes, bulk output through node:crypto. A digest is written
 * as 64 lower-case hexadecimal digits wherever it is text.
 * @module
 */
import { createCipheriv, createHash } from 'node:crypto';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from './bytes.ts';
import { check } from './errors.ts';
import { Secret } from './secret.ts';

/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Digest = string;

export const DIGEST_PATTERN = /^[0-9a-f]{64}$/;

/** 32 bytes. Above 4 KiB OpenSSL is faster than the call costs. */
export function sha256(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4096) return nobleSha256(bytes);
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

export const sha256Hex = (bytes: Uint8Array): Digest => toHex(sha256(bytes));

export const hmacSha256 = (key: Secret, message: Uint8Array): Uint8Array =>
  hmac(nobleSha256, key.expose(), message);

/** HKDF-SHA-256 without salt: a sub-key of `key` for the purpose `info`. `length` ≤ 8160 bytes. */
export const deriveKey = (key: Secret, info: string, length = 32): Secret =>
  new Secret(info, hkdf(nobleSha256, key.expose(), undefined, utf8(info), length));

/** `length` bytes of SHAKE-128 over a public `seed`. */
export function shake128(seed: Uint8Array, length: number): Uint8Array {
  const out = createHash('shake128', { outputLength: length }).update(seed).digest();
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}

/**
 * `length` bytes of AES-256-CTR under a 32-byte `key`, counter from zero. A key is used for
 * one stream only: derive one with `deriveKey` for each.
 */
export function keyStream(key: Secret, length: number): Uint8Array {
  check(key.expose().length === 32, 'INVALID_PARAMETER', 'stream key length');
  const cipher = createCipheriv('aes-256-ctr', key.expose(), new Uint8Array(16));
  const out = cipher.update(new Uint8Array(length));
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}
