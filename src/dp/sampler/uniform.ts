/**
 * Uniform integers below a bound, by rejection: no modulo bias, one half of the tries at most
 * rejected in expectation.
 *
 * A try reads the fewest 32-bit words that hold the bound and keeps the top bits of the last
 * one: the order in which the published vectors of the sampler use their stream, so that those
 * vectors test this code byte by byte.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { ByteSource } from './byte-source.ts';

const bitLength = (value: bigint): number => value.toString(2).length;

/** Uniform on 0, ..., bound − 1. */
export function uniformBelow(bound: bigint, bytes: ByteSource): bigint {
  check(bound > 0n, 'INVALID_PARAMETER', 'uniform bound is not positive');
  if (bound < 0x1_0000_0000n) return BigInt(uniformBelow32(Number(bound), bytes));
  const bits = bitLength(bound);
  const words = Math.ceil(bits / 32);
  const drop = words * 32 - bits;
  for (;;) {
    let value = 0n;
    for (let i = 0; i < words; i++) {
      const word = i === words - 1 ? bytes.word() >>> drop : bytes.word();
      value |= BigInt(word) << BigInt(32 * i);
    }
    if (value < bound) return value;
  }
}

/** `uniformBelow` for 1 ≤ bound < 2^32, in doubles. The caller has checked the range. */
export function uniformBelow32(bound: number, bytes: ByteSource): number {
  const drop = Math.clz32(bound);
  for (;;) {
    const value = bytes.word() >>> drop;
    if (value < bound) return value;
  }
}

/** `uniformBelow` for 1 ≤ bound < 2^53, in doubles. The caller has checked the range. */
export function uniformBelow53(bound: number, bytes: ByteSource): number {
  if (bound < 0x1_0000_0000) return uniformBelow32(bound, bytes);
  const drop = Math.clz32(Math.floor(bound / 0x1_0000_0000));
  for (;;) {
    const low = bytes.word();
    const value = (bytes.word() >>> drop) * 0x1_0000_0000 + low;
    if (value < bound) return value;
  }
}
