/**
 * Integers as Paillier needs them: gcd, inverse, residues, bytes, uniform draws.
 *
 * JavaScript bigints are variable time in the size and sometimes in the value of their operands.
 * Whatever is secret and long-lived goes through modular-power.ts, where OpenSSL is.
 * @module
 */
import { fromHex, toHex } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';

export const bitLength = (value: bigint): number => (value === 0n ? 0 : value.toString(2).length);

/** The residue of `value` in [0, modulus). */
export const mod = (value: bigint, modulus: bigint): bigint => {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
};

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** value^-1 mod modulus. Refuses with INVALID_PARAMETER where there is none. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, s0, s1] = [modulus, mod(value, modulus), 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  check(r0 === 1n, 'INVALID_PARAMETER', 'not invertible');
  return mod(s0, modulus);
}

/** Big endian, no leading zero byte; zero is one byte. */
export function toBytes(value: bigint): Uint8Array {
  const text = value.toString(16);
  return fromHex(text.length % 2 === 0 ? text : `0${text}`);
}

/** Big endian in `length` bytes. Refuses what is longer with INVALID_PARAMETER. */
export function toFixedBytes(value: bigint, length: number): Uint8Array {
  const text = value.toString(16).padStart(2 * length, '0');
  check(text.length === 2 * length, 'INVALID_PARAMETER', `number over ${length} bytes`);
  return fromHex(text);
}

export const fromBytes = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);

/** Uniform in [0, 2^bits). */
export function uniformBits(bits: number, rng: Rng): bigint {
  const length = Math.ceil(bits / 8);
  return fromBytes(rng(length)) >> BigInt(8 * length - bits);
}

/** Uniform in [1, bound): draws of the same bit length, rejected outside. */
export function uniformPositive(bound: bigint, rng: Rng): bigint {
  check(bound > 1n, 'INVALID_PARAMETER', 'nothing to draw from');
  const bits = bitLength(bound - 1n);
  for (;;) {
    const value = uniformBits(bits, rng);
    if (value > 0n && value < bound) return value;
  }
}
