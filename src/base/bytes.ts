/** Byte strings: comparison, concatenation, hexadecimal, base64url, integers. Strict decoders. @module */
import { timingSafeEqual } from 'node:crypto';
import { check } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Refuses what is not well-formed UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    check(false, 'MALFORMED_MESSAGE', 'not UTF-8');
  }
}

/** Of as many parts as a list may have. */
export function concatAll(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  concatAll(parts);

/** Equality in time that depends on the lengths only. */
export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && timingSafeEqual(a, b);

export const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

/** Lower-case hexadecimal only; anything else is refused. */
export function fromHex(text: string): Uint8Array {
  check(/^(?:[0-9a-f]{2})*$/.test(text), 'MALFORMED_MESSAGE', 'not lower-case hexadecimal');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

export const toBase64Url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url');

/** Unpadded base64url (RFC 4648 section 5), canonical: re-encoding gives the same text. */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
  check(toBase64Url(bytes) === text, 'MALFORMED_MESSAGE', 'not canonical base64url');
  return bytes;
}

/** `value` as 8 bytes, big endian. `value` is a safe non-negative integer. */
export function uint64(value: number): Uint8Array {
  check(Number.isSafeInteger(value) && value >= 0, 'INVALID_PARAMETER', 'not a safe integer');
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}
