/**
 * One instance of wasm/ristretto255 with its memory: constants, temporaries, base table, and an
 * arena for batches of at most 512 items, which is zeroed, with the temporaries, after each.
 * The bindings ristretto255.ts and scalar25519.ts share it.
 * @module
 */
import { check } from '../base/errors.ts';
import {
  D,
  D_MINUS_ONE_SQ,
  INVSQRT_A_MINUS_D,
  L,
  ONE_MINUS_D_SQ,
  P,
  SQRT_AD_MINUS_ONE,
  SQRT_M1,
  toLittleEndian,
} from './edwards25519.ts';
import { loadKernel } from './load.ts';

type Exports = {
  ristretto_constant(slot: number, bytes: number): void;
  ristretto_wipe(): void;
  ristretto_arena(): number;
  ristretto_decode(bytes: number, n: number, points: number, valid: number): number;
  ristretto_encode(points: number, n: number, bytes: number): void;
  ristretto_encode_doubled(points: number, n: number, bytes: number, prefixes: number): void;
  ristretto_derive(bytes: number, n: number, points: number): void;
  ristretto_add(points: number, others: number, n: number, minus: number): void;
  ristretto_equal(points: number, others: number, n: number, bytes: number): void;
  ristretto_multiply_half(points: number, n: number, scalars: number, stride: number): void;
  ristretto_combine_half(
    points: number,
    n: number,
    scalars: number,
    tables: number,
    digits: number,
  ): void;
  ristretto_multiply_base_half(points: number, n: number, scalars: number): void;
  ristretto_prepare_base(base: number): void;
  scalar_constant(slot: number, bytes: number): void;
  scalar_faults(bytes: number, n: number): number;
  scalar_reduce(wide: number, n: number, out: number): void;
  scalar_multiply(a: number, b: number, out: number): void;
  scalar_add(a: number, b: number, out: number, minus: number): void;
  scalar_invert(scalars: number, n: number, prefixes: number): void;
};

const [POINT, FIELD, PAGES, PAGE] = [144, 36, 7, 65536];
const BATCH = 512;
const WIDE = 64;
/** Items of one combination: their windows, nine points each, are all in the arena. */
export const COMBINED = 64;
const [WINDOW, DIGITS] = [9 * POINT, 64];
// wasm/ristretto255/layout.ts, in its order; Montgomery's R is 2^261.
const FIELD_CONSTANTS = [
  ...[1n, D, (2n * D) % P, SQRT_M1],
  ...[SQRT_AD_MINUS_ONE, INVSQRT_A_MINUS_D, ONE_MINUS_D_SQ, D_MINUS_ONE_SQ],
];
const SCALAR_CONSTANTS = [L, 2n ** 522n % L, 2n ** 778n % L];

/** Addresses of the parts of the arena, each with room for a batch. */
type Slots = {
  readonly input: number;
  readonly scalars: number;
  readonly points: number;
  readonly others: number;
  readonly prefixes: number;
  /** For a combination. */
  readonly tables: number;
  readonly digits: number;
};

export class RistrettoArena {
  static #module: WebAssembly.Module | undefined;

  readonly kernel: Exports;
  readonly at: Slots;
  readonly #bytes: Uint8Array;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: PAGES });
    RistrettoArena.#module ??= loadKernel('ristretto255');
    const instance = new WebAssembly.Instance(RistrettoArena.#module, { env: { memory } });
    this.kernel = instance.exports as Exports;
    this.#bytes = new Uint8Array(memory.buffer);
    const input = this.kernel.ristretto_arena();
    const scalars = input + BATCH * WIDE;
    const points = scalars + BATCH * 32;
    const others = points + BATCH * POINT;
    const prefixes = others + BATCH * POINT;
    const tables = prefixes + BATCH * FIELD;
    const digits = tables + COMBINED * WINDOW;
    check(digits + COMBINED * DIGITS <= PAGES * PAGE, 'INTERNAL', 'arena of the kernel');
    this.at = { input, scalars, points, others, prefixes, tables, digits };

    FIELD_CONSTANTS.forEach((value, i) => {
      this.put(input, toLittleEndian(value));
      this.kernel.ristretto_constant(i * FIELD, input);
    });
    SCALAR_CONSTANTS.forEach((value, i) => {
      this.put(input, toLittleEndian(value));
      this.kernel.scalar_constant((FIELD_CONSTANTS.length + i) * FIELD, input);
    });
    this.wipe();
  }

  put(address: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, address);
  }

  /** A copy: never a view of kernel memory. */
  take(address: number, length: number): Uint8Array {
    return this.#bytes.slice(address, address + length);
  }

  wipe(): void {
    this.kernel.ristretto_wipe();
    this.#bytes.fill(0, this.at.input);
  }

  /**
   * `total` items in batches: `run(from, n)` handles items from..from+n and says where it left
   * the results, `size` bytes each. Whatever happens, nothing is left in the arena.
   */
  inBatches(
    total: number,
    size: number,
    run: (from: number, n: number) => number,
    batch = BATCH,
  ): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(total * size);
    for (let from = 0; from < total; from += batch) {
      const n = Math.min(batch, total - from);
      try {
        const address = run(from, n);
        out.set(this.#bytes.subarray(address, address + n * size), from * size);
      } finally {
        this.wipe();
      }
    }
    return out;
  }
}

/** How many items of `size` bytes `bytes` is; INVALID_PARAMETER where it is no whole number. */
export function countOf(bytes: Uint8Array, size: number): number {
  check(bytes.length % size === 0, 'INVALID_PARAMETER', `${bytes.length} bytes, items of ${size}`);
  return bytes.length / size;
}

/** Items `from` to `from + n` of `size` bytes each. */
export const itemsOf = (bytes: Uint8Array, size: number, from: number, n: number): Uint8Array =>
  bytes.subarray(from * size, (from + n) * size);
