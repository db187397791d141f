/**
 * Binding for wasm/dice: overlaps |a AND b| of 1,024-bit Bloom-filter encodings, the only costly
 * part of the Dice coefficient 2|a AND b| / (|a| + |b|).
 *
 * Contract  encodings are 128 bytes each, laid end to end; at most QUERY_TILE queries against at
 *           most LIST_TILE encodings a call. Inputs are not modified.
 * Twin      reference/dice.ts computes the same function; test/kernels holds them equal.
 * Memory    one static arena [queries | list | overlaps] of 672 KiB, zeroed after each call as far
 *           as it was used: an encoding of a person is personal data.
 * Timing    operands affect neither branches nor addresses in the kernel; the lengths are public.
 *           Nothing is claimed for the engine's compiler and the machine below it.
 * @module
 */
import { check } from '../base/errors.ts';
import { loadKernel } from './load.ts';

type Exports = {
  dice_overlaps(queries: number, m: number, list: number, n: number, out: number): void;
};

/** Bytes of an encoding. */
export const ENCODING_BYTES = 128;
export const QUERY_TILE = 256;
export const LIST_TILE = 1024;

const PAGE = 65536;
const LIST_AT = QUERY_TILE * ENCODING_BYTES;
const OUT_AT = LIST_AT + LIST_TILE * ENCODING_BYTES;
const END = OUT_AT + QUERY_TILE * LIST_TILE * Uint16Array.BYTES_PER_ELEMENT;

type Kernel = { readonly exports: Exports; readonly memory: WebAssembly.Memory };

/** Read, verified and compiled at the first use. */
let loaded: Kernel | undefined;

function kernel(): Kernel {
  if (loaded !== undefined) return loaded;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(END / PAGE) });
  const instance = new WebAssembly.Instance(loadKernel('dice'), { env: { memory } });
  loaded = { exports: instance.exports as Exports, memory };
  return loaded;
}

/** How many encodings `bytes` holds; refuses a part of one, and more than `most`. */
function countOf(bytes: Uint8Array, most: number): number {
  const count = bytes.length / ENCODING_BYTES;
  check(Number.isInteger(count) && count <= most, 'INVALID_PARAMETER', `${bytes.length} bytes`);
  return count;
}

/** Row i has the overlaps of query i with each encoding of the list, in order. */
export function overlaps(queries: Uint8Array, list: Uint8Array): Uint16Array {
  const m = countOf(queries, QUERY_TILE);
  const n = countOf(list, LIST_TILE);
  const { exports, memory } = kernel();
  const arena = new Uint8Array(memory.buffer);
  arena.set(queries, 0);
  arena.set(list, LIST_AT);
  exports.dice_overlaps(0, m, LIST_AT, n, OUT_AT);
  const out = new Uint16Array(memory.buffer, OUT_AT, m * n);
  const result = out.slice();
  out.fill(0);
  arena.fill(0, 0, queries.length);
  arena.fill(0, LIST_AT, LIST_AT + list.length);
  return result;
}
