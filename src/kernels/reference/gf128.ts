/** GF(2^128) on bigints, bit i the coefficient of x^i: the oracle of the kernels' tests. */

const MODULUS = (1n << 128n) | 0x87n;

export function multiply(a: bigint, b: bigint): bigint {
  let sum = 0n;
  for (let shifted = a, rest = b; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) sum ^= shifted;
    shifted <<= 1n;
    if (shifted >> 128n === 1n) shifted ^= MODULUS;
  }
  return sum;
}

/** 16 bytes, little endian. */
export const fromBytes = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

export const toBytes = (element: bigint): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => Number((element >> BigInt(8 * i)) & 255n));

/** The elements of a byte string. */
export const elements = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: bytes.length / 16 }, (_, i) =>
    fromBytes(bytes.subarray(16 * i, 16 * i + 16)),
  );
