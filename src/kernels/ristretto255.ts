/**
 * Binding for wasm/ristretto255: the prime-order group of RFC 9496, many elements in a call.
 *
 * Contract  n elements are n x 32 bytes, encoded; scalars n x 32 bytes, little endian, below the
 *           order l. Arguments of unequal n and scalars of l or more are refused with
 *           INVALID_PARAMETER, bytes that are no canonical element with MALFORMED_MESSAGE. The
 *           identity is an element: refusing it is up to the protocol. Inputs are not modified.
 * Scalars   where one scalar serves all elements it is given once.
 * Twin      reference/ristretto255.ts computes the same functions; test/kernels holds them equal.
 * Timing    operands affect neither branches nor addresses in the kernel; numbers of items are
 *           public, and so is whether all elements were valid. Nothing is claimed for the engine's
 *           compiler and the machine below it; bench/ct/ristretto255.ts measures them.
 * @module
 */
import { check } from '../base/errors.ts';
import { GENERATOR } from './edwards25519.ts';
import { COMBINED, countOf, itemsOf, RistrettoArena } from './ristretto255-arena.ts';

/** Bytes of an encoded element and of a scalar. */
export const ELEMENT_BYTES = 32;
export const SCALAR_BYTES = 32;
/** Bytes from which an element, or a scalar, is derived. */
export const UNIFORM_BYTES = 64;

/** One instance of the kernel. Making one takes about a millisecond: keep it. */
export class Ristretto255 {
  readonly #arena = new RistrettoArena();

  constructor() {
    const { kernel, at } = this.#arena;
    this.#decode(GENERATOR, 0, 1, at.points);
    kernel.ristretto_prepare_base(at.points);
    this.#arena.wipe();
  }

  /** A byte of 1 for each encoding that is an element, 0 for the others. */
  valid(elements: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(countOf(elements, ELEMENT_BYTES), 1, (from, n) => {
      this.#arena.put(at.input, itemsOf(elements, ELEMENT_BYTES, from, n));
      kernel.ristretto_decode(at.input, n, at.points, at.others);
      return at.others;
    });
  }

  /** Element derivation (RFC 9496 section 4.3.4) from n x 64 uniform bytes. */
  derive(uniform: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(countOf(uniform, UNIFORM_BYTES), ELEMENT_BYTES, (from, n) => {
      this.#derive(uniform, from, n);
      kernel.ristretto_encode(at.points, n, at.input);
      return at.input;
    });
  }

  /** scalars[i] elements[i] */
  multiply(elements: Uint8Array, scalars: Uint8Array): Uint8Array {
    const n = countOf(elements, ELEMENT_BYTES);
    return this.#products(n, scalars, (from, size) => {
      this.#decode(elements, from, size, this.#arena.at.points);
    });
  }

  /** scalars[i] derive(uniform)[i], without the way through the encoding. */
  multiplyDerived(uniform: Uint8Array, scalars: Uint8Array): Uint8Array {
    const n = countOf(uniform, UNIFORM_BYTES);
    return this.#products(n, scalars, (from, size) => {
      this.#derive(uniform, from, size);
    });
  }

  /** scalars[i] B for the generator B. */
  multiplyBase(scalars: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(countOf(scalars, SCALAR_BYTES), ELEMENT_BYTES, (from, n) => {
      this.#scalars(scalars, from, n);
      kernel.ristretto_multiply_base_half(at.points, n, at.scalars);
      return this.#encodeDoubled(n);
    });
  }

  /** The one element Σ scalars[i] elements[i]; the identity for none. */
  combine(elements: Uint8Array, scalars: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    const [total, given] = [countOf(elements, ELEMENT_BYTES), countOf(scalars, SCALAR_BYTES)];
    check(given === total, 'INVALID_PARAMETER', `${given} scalars for ${total}`);
    const parts: Uint8Array[] = [new Uint8Array(ELEMENT_BYTES)];
    const part = (from: number, n: number): number => {
      this.#decode(elements, from, n, at.points);
      this.#scalars(scalars, from, n);
      kernel.ristretto_combine_half(at.points, n, at.scalars, at.tables, at.digits);
      parts.push(this.#arena.take(this.#encodeDoubled(1), ELEMENT_BYTES));
      return at.input;
    };
    this.#arena.inBatches(total, 0, part, COMBINED);
    return parts.reduce((sum, element) => this.add(sum, element));
  }

  /** a[i] + b[i] */
  add(a: Uint8Array, b: Uint8Array): Uint8Array {
    return this.#sums(a, b, 0);
  }

  /** a[i] - b[i] */
  subtract(a: Uint8Array, b: Uint8Array): Uint8Array {
    return this.#sums(a, b, 1);
  }

  /** A byte of 1 where a[i] = b[i] as elements (section 4.3.3), that is where the bytes are equal. */
  equal(a: Uint8Array, b: Uint8Array): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(this.#pairs(a, b), 1, (from, n) => {
      this.#decode(a, from, n, at.points);
      this.#decode(b, from, n, at.others);
      kernel.ristretto_equal(at.points, at.others, n, at.input);
      return at.input;
    });
  }

  #pairs(a: Uint8Array, b: Uint8Array): number {
    const n = countOf(a, ELEMENT_BYTES);
    check(a.length === b.length, 'INVALID_PARAMETER', `${a.length} and ${b.length} bytes`);
    return n;
  }

  #sums(a: Uint8Array, b: Uint8Array, minus: number): Uint8Array {
    const { kernel, at } = this.#arena;
    return this.#arena.inBatches(this.#pairs(a, b), ELEMENT_BYTES, (from, n) => {
      this.#decode(a, from, n, at.points);
      this.#decode(b, from, n, at.others);
      kernel.ristretto_add(at.points, at.others, n, minus);
      kernel.ristretto_encode(at.points, n, at.input);
      return at.input;
    });
  }

  /** `load(from, n)` leaves points in the arena; they are multiplied by scalars and encoded. */
  #products(
    total: number,
    scalars: Uint8Array,
    load: (from: number, n: number) => void,
  ): Uint8Array {
    const { kernel, at } = this.#arena;
    const given = countOf(scalars, SCALAR_BYTES);
    check(given === total || given === 1, 'INVALID_PARAMETER', `${given} scalars for ${total}`);
    const each = given === total;
    return this.#arena.inBatches(total, ELEMENT_BYTES, (from, n) => {
      load(from, n);
      this.#scalars(scalars, each ? from : 0, each ? n : 1);
      kernel.ristretto_multiply_half(at.points, n, at.scalars, each ? SCALAR_BYTES : 0);
      return this.#encodeDoubled(n);
    });
  }

  #encodeDoubled(n: number): number {
    const { kernel, at } = this.#arena;
    kernel.ristretto_encode_doubled(at.points, n, at.input, at.prefixes);
    return at.input;
  }

  #decode(elements: Uint8Array, from: number, n: number, points: number): void {
    const { kernel, at } = this.#arena;
    this.#arena.put(at.input, itemsOf(elements, ELEMENT_BYTES, from, n));
    const bad = kernel.ristretto_decode(at.input, n, points, at.prefixes);
    check(bad === 0, 'MALFORMED_MESSAGE', `${bad} encodings are no elements`);
  }

  #derive(uniform: Uint8Array, from: number, n: number): void {
    const { kernel, at } = this.#arena;
    this.#arena.put(at.input, itemsOf(uniform, UNIFORM_BYTES, from, n));
    kernel.ristretto_derive(at.input, n, at.points);
  }

  #scalars(scalars: Uint8Array, from: number, n: number): void {
    const { kernel, at } = this.#arena;
    this.#arena.put(at.scalars, itemsOf(scalars, SCALAR_BYTES, from, n));
    const faults = kernel.scalar_faults(at.scalars, n) & 0xffff;
    check(faults === 0, 'INVALID_PARAMETER', `${faults} scalars are not below the order`);
  }
}
