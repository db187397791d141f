/**
 * Binding for wasm/gf128: products in GF(2^128) with one fixed factor. An element is 16 bytes, little
 * endian, bit i the coefficient of x^i, modulo x^128 + x^7 + x^2 + x + 1.
 *
 * Contract  arrays of equal length, a multiple of 16 bytes.
 * Twin      reference/gf128.ts computes the same function; test/kernels holds them equal.
 * Memory    one arena of 192 KiB an instance: [multiples of the factor | sums | elements]; operands
 *           are wiped after each call, the multiples when the instance is disposed of.
 * Timing    the fixed factor decides neither branches nor addresses; the other one decides addresses
 *           and must be public or the caller's own (see the kernel).
 * @module
 */
import { check } from '../base/errors.ts';
import { Arena } from './arena.ts';

type Exports = {
  gf128_table(table: number): void;
  gf128_add_product(sums: number, x: number, n: number, table: number): void;
};

export const WORD = 16;
const TABLE = 16 * 256 * WORD;
const CHUNK = 4096;

/** Doubles in place: times x. The carry is x^128 = x^7 + x^2 + x + 1. */
function timesX(element: Uint32Array): void {
  const [a = 0, b = 0, c = 0, d = 0] = element;
  element[3] = (d << 1) | (c >>> 31);
  element[2] = (c << 1) | (b >>> 31);
  element[1] = (b << 1) | (a >>> 31);
  element[0] = (a << 1) ^ (-(d >>> 31) & 0x87);
}

/** Σ c_i x^i over `coefficients`, 16 bytes each: any number of them. */
export function evaluateAtX(coefficients: Uint8Array): Uint8Array {
  const words = new Uint32Array(coefficients.slice().buffer);
  const sum = new Uint32Array(4);
  for (let at = words.length - 4; at >= 0; at -= 4) {
    timesX(sum);
    for (let k = 0; k < 4; k += 1) sum[k] = (sum[k] as number) ^ (words[at + k] as number);
  }
  return new Uint8Array(sum.buffer);
}

export class FixedFactor implements Disposable {
  readonly #arena = new Arena<Exports, 'table' | 'sums' | 'x'>('gf128', {
    table: TABLE,
    sums: CHUNK * WORD,
    x: CHUNK * WORD,
  });

  constructor(factor: Uint8Array) {
    check(factor.length === WORD, 'INVALID_PARAMETER', `factor of ${factor.length} bytes`);
    const power = new Uint32Array(factor.slice().buffer);
    for (let bit = 0; bit < 128; bit += 1) {
      const entry = (bit >> 3) * 256 + (1 << (bit & 7));
      this.#arena.words('table', 4, entry * WORD).set(power);
      timesX(power);
    }
    power.fill(0);
    this.#arena.kernel.gf128_table(this.#arena.at.table);
  }

  /** In place: sums[i] += x[i] · factor. */
  addProduct(sums: Uint8Array, x: Uint8Array): void {
    const size = sums.length;
    check(
      x.length === size && size % WORD === 0,
      'INVALID_PARAMETER',
      `${size}, ${x.length} bytes`,
    );
    const { kernel, at } = this.#arena;
    for (let from = 0; from < size; from += CHUNK * WORD) {
      const length = Math.min(CHUNK * WORD, size - from);
      const slot = this.#arena.bytes('sums', length);
      slot.set(sums.subarray(from, from + length));
      this.#arena.bytes('x', length).set(x.subarray(from, from + length));
      kernel.gf128_add_product(at.sums, at.x, length / WORD, at.table);
      sums.set(slot, from);
    }
    this.#arena.bytes('sums', CHUNK * WORD).fill(0);
    this.#arena.bytes('x', CHUNK * WORD).fill(0);
  }

  [Symbol.dispose](): void {
    this.#arena.wipe();
  }
}
