/** A noised vector as bytes: two's complement, 8 bytes each, big endian. @module */
import { check } from '../../base/errors.ts';

export function encodeVector(vector: BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(vector.length * 8);
  const view = new DataView(bytes.buffer);
  vector.forEach((value, index) => {
    view.setBigInt64(index * 8, value);
  });
  return bytes;
}

/** Refuses another length than `length` values. */
export function decodeVector(bytes: Uint8Array, length: number): BigInt64Array {
  check(bytes.length === length * 8, 'DATA_DIRECTORY_DAMAGED', 'noised vector length');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return BigInt64Array.from({ length }, (_, index) => view.getBigInt64(index * 8));
}
