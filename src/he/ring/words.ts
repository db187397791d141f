/** 32-bit little-endian words of byte strings, whatever the alignment of the bytes. @module */
import { check } from '../../base/errors.ts';

/** A copy of `bytes` as words; the length must be a multiple of 4. */
export function wordsOf(bytes: Uint8Array): Uint32Array {
  check(bytes.length % 4 === 0, 'INVALID_PARAMETER', 'not whole words');
  return new Uint32Array(bytes.slice().buffer);
}
