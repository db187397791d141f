/**
 * What every sampler of noise looks like: one bigint at a time, or a vector of 64-bit integers.
 *
 * A sampler that computes in doubles fills a vector through its 32-bit halves: a bigint for each
 * draw would take a tenth of the time.
 * @module
 */
import { check } from '../../base/errors.ts';

export interface IntegerSampler {
  draw(): bigint;
  /** Independent draws in every element. For long vectors fill a subarray at a time. */
  fill(out: BigInt64Array): void;
}

/** Draws integers below 2^53 in absolute value. */
export interface NumberSampler {
  next(): number;
}

const INT64 = 1n << 63n;
const WORD = 2 ** 32;
/** Index of the low half of an element. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

export const samplerOfNumbers = (source: NumberSampler): IntegerSampler => ({
  draw: () => BigInt(source.next()),
  fill(out) {
    const halves = new Int32Array(out.buffer, out.byteOffset, 2 * out.length);
    for (let i = 0; i < halves.length; i += 2) {
      const value = source.next();
      halves[i + LOW] = value; // modulo 2^32
      halves[i + 1 - LOW] = Math.floor(value / WORD);
    }
  },
});

export const samplerOfBigints = (draw: () => bigint): IntegerSampler => ({
  draw,
  fill(out) {
    for (let i = 0; i < out.length; i++) {
      const value = draw();
      check(value < INT64 && value >= -INT64, 'NOISE_RANGE', 'draw beyond 64 bits');
      out[i] = value;
    }
  },
});

/** `count` independent draws. */
export function drawVector(sampler: IntegerSampler, count: number): BigInt64Array {
  check(Number.isSafeInteger(count) && count >= 0, 'INVALID_PARAMETER', 'count of draws');
  const out = new BigInt64Array(count);
  sampler.fill(out);
  return out;
}
