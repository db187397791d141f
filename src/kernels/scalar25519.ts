/**
 * Binding for the scalars of wasm/ristretto255: integers modulo the prime order l of the group,
 * 32 bytes little endian below l each, many in a call where that is quicker.
 *
 * In the kernel rather than in BigInt, whose running time depends on the values: these are keys
 * and blinding factors. Contract, memory and timing are those of ristretto255.ts; scalars of l or
 * more, and zero where an inverse is asked for, are refused with INVALID_PARAMETER.
 * @module
 */
import { check } from '../base/errors.ts';
import { countOf, itemsOf, RistrettoArena } from './ristretto255-arena.ts';

const [SCALAR, WIDE] = [32, 64];

export class Scalar25519 {
  readonly #arena = new RistrettoArena();

  /** n x 64 bytes, little endian, modulo l. Uniform bytes give uniform scalars. */
  reduce(wide: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(countOf(wide, WIDE), SCALAR, (from, n) => {
      this.#arena.put(at.input, itemsOf(wide, WIDE, from, n));
      kernel.scalar_reduce(at.input, n, at.scalars);
      return at.scalars;
    });
  }

  /** Is every scalar of `scalars` below l? */
  canonical(scalars: Uint8Array): boolean {
    return this.#faults(scalars, 0) === 0;
  }

  /** Is any scalar of `scalars` zero? */
  hasZero(scalars: Uint8Array): boolean {
    return this.#faults(scalars, 16) > 0;
  }

  /** a[i] b[i]; one `b` may serve all. */
  multiply(a: Uint8Array, b: Uint8Array): Uint8Array {
    const { kernel } = this.#arena;
    return this.#pairwise(a, b, (x, y, out) => kernel.scalar_multiply(x, y, out));
  }

  /** a[i] + b[i]; one `b` may serve all. */
  add(a: Uint8Array, b: Uint8Array): Uint8Array {
    const { kernel } = this.#arena;
    return this.#pairwise(a, b, (x, y, out) => kernel.scalar_add(x, y, out, 0));
  }

  /** a[i] - b[i]; one `b` may serve all. */
  subtract(a: Uint8Array, b: Uint8Array): Uint8Array {
    const { kernel } = this.#arena;
    return this.#pairwise(a, b, (x, y, out) => kernel.scalar_add(x, y, out, 1));
  }

  /** 1/x[i] mod l. One exponentiation for a batch. */
  invert(scalars: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(countOf(scalars, SCALAR), SCALAR, (from, n) => {
      this.#load(scalars, from, n, at.scalars);
      check(kernel.scalar_faults(at.scalars, n) >>> 16 === 0, 'INVALID_PARAMETER', 'zero scalar');
      kernel.scalar_invert(at.scalars, n, at.prefixes);
      return at.scalars;
    });
  }

  #pairwise(
    a: Uint8Array,
    b: Uint8Array,
    operate: (a: number, b: number, out: number) => void,
  ): Uint8Array {
    const { at } = this.#arena;
    const [n, given] = [countOf(a, SCALAR), countOf(b, SCALAR)];
    check(given === n || given === 1, 'INVALID_PARAMETER', `${given} scalars for ${n}`);
    const step = given === n ? SCALAR : 0;
    return this.#arena.inBatches(n, SCALAR, (from, size) => {
      this.#load(a, from, size, at.points);
      this.#load(b, step > 0 ? from : 0, step > 0 ? size : 1, at.others);
      for (let i = 0; i < size; i++) {
        operate(at.points + i * SCALAR, at.others + i * step, at.scalars + i * SCALAR);
      }
      return at.scalars;
    });
  }

  #load(scalars: Uint8Array, from: number, n: number, address: number): void {
    this.#arena.put(address, itemsOf(scalars, SCALAR, from, n));
    const faults = this.#arena.kernel.scalar_faults(address, n) & 0xffff;
    check(faults === 0, 'INVALID_PARAMETER', `${faults} scalars are not below the order`);
  }

  /** The sum over all batches of one half of what `scalar_faults` counts. */
  #faults(scalars: Uint8Array, shift: number): number {
    const { kernel, at } = this.#arena;
    let sum = 0;
    this.#arena.inBatches(countOf(scalars, SCALAR), 0, (from, n) => {
      this.#arena.put(at.scalars, itemsOf(scalars, SCALAR, from, n));
      sum += (kernel.scalar_faults(at.scalars, n) >>> shift) & 0xffff;
      return at.scalars;
    });
    return sum;
  }
}
