/**
 * Binding for wasm/rlwe: samplers, encoding, packing and decoding on the registers of
 * rlwe-registers.ts. A ciphertext is made in one memory, without a copy between its steps; key
 * streams, slots and packed bytes enter and leave at the ends.
 *
 * Contract  as rlwe-registers.ts. Slots are below t < 2^32 as 32-bit words, else as 64-bit words.
 * Ranges    lengths are checked here. `unpack` checks every residue of what it reads.
 * Twin      reference/rlwe.ts computes the same functions; test/kernels holds them equal.
 * Timing    operands affect neither branches nor addresses, but for the rejected draws of `uniform`
 *           and `ternary`, which are independent of the accepted ones.
 * @module
 */
import { check } from '../base/errors.ts';
import { companionOf } from './modular.ts';
import { type KernelLimb, RlweRegisters } from './rlwe-registers.ts';

/** base + low wl + high wh mod q for one limb; see `addWords`. */
export type WordFactors = { readonly base: number; readonly wl: number; readonly wh: number };

/** Factors of one limb for `fractions`, as wasm/rlwe/plaintext.ts defines them. */
export type FractionFactors = {
  readonly f: number;
  readonly m1: number;
  readonly m0: number;
  readonly rest: number;
};

/** Plaintext modulus as the kernel wants it: t = 2^bits, or bits = 0 and any t < 2^48. */
export type PlaintextFactors = {
  readonly t: bigint;
  readonly bits: number;
  /** q mod t, and its quotient by t as a double for t that is no power of two. */
  readonly qt: bigint;
};

export type Slots = Uint32Array | BigUint64Array;

export class RlweMachine extends RlweRegisters {
  /**
   * Continues limb `limb` from `filled` residues with uniform ones from `stream`, whole 16-byte
   * blocks; returns how many are there, at most n.
   */
  uniform(register: number, limb: number, filled: number, stream: Uint8Array): number {
    const { q, bits } = this.#limb(limb);
    check(filled >= 0 && filled <= this.n, 'INVALID_PARAMETER', `${filled} residues`);
    this.#stream(stream, stream.length, 16);
    const { stream: from } = this.arena;
    const out = this.at(register, limb);
    const tries = stream.length / 4;
    return this.kernel.rlwe_uniform(from, tries, out, filled, this.n, q, 2 ** bits - 1);
  }

  /** `small` = signed words, for `addSmall`. */
  loadSmall(small: Int32Array): void {
    check(small.length === this.n, 'INVALID_PARAMETER', `${small.length} small coefficients`);
    this.words(this.arena.small).set(small);
  }

  readSmall(): Int32Array {
    return new Int32Array(this.words(this.arena.small));
  }

  /** `small` = n draws of the centred binomial, 8 bytes of stream each; eta at most 31. */
  binomial(stream: Uint8Array, eta: number): void {
    check(Number.isInteger(eta) && eta >= 1 && eta <= 31, 'INVALID_PARAMETER', 'eta');
    this.#stream(stream, 8 * this.n, 8 * this.n);
    this.kernel.rlwe_binomial(this.arena.stream, this.arena.small, this.n, 2 ** eta - 1);
  }

  /** Continues `small` from `filled` with uniform −1, 0 and 1; returns how many are there. */
  ternary(stream: Uint8Array, filled: number): number {
    check(filled >= 0 && filled <= this.n, 'INVALID_PARAMETER', `${filled} coefficients`);
    const { stream: from, small } = this.arena;
    this.#stream(stream, stream.length, 1);
    return this.kernel.rlwe_ternary(from, stream.length, small, filled, this.n);
  }

  /** register += small. */
  addSmall(register: number): void {
    this.limbs.forEach(({ q }, i) => {
      this.kernel.rlwe_add_small(this.at(register, i), this.arena.small, this.n, q);
    });
  }

  /** Words [from, from + stream.length / 64) = sums of 8 words cut to `bits` bits, 61 at most. */
  smudge(stream: Uint8Array, from: number, bits: number): void {
    check(bits >= 1 && bits <= 61, 'INVALID_PARAMETER', `words of ${bits} bits`);
    const count = stream.length / 64;
    check(from >= 0 && from + count <= this.n, 'INVALID_PARAMETER', 'smudging terms');
    this.#stream(stream, stream.length, 64);
    const { stream: at, low, high } = this.arena;
    const mask = (1n << BigInt(bits)) - 1n;
    this.kernel.rlwe_smudge(at, low + 4 * from, high + 4 * from, count, mask);
  }

  /** Words = (qt m + floor(t/2)) mod t for n slots m < t. */
  encode(slots: Slots, { t, bits, qt }: PlaintextFactors): void {
    check(slots.length === this.n, 'INVALID_PARAMETER', `${slots.length} slots`);
    const { wide, low, high } = this.arena;
    if (slots instanceof Uint32Array) {
      this.words(low).set(slots);
      if (bits > 0) {
        // t is at most 2^32, so that the high words are zero: factors have none for them.
        this.kernel.rlwe_encode_narrow(low, this.n, Number(BigInt.asUintN(32, qt)) | 0, bits);
        return;
      }
      this.kernel.rlwe_widen(low, wide, this.n);
    } else this.#wide().set(slots);
    if (bits > 0) this.kernel.rlwe_encode(wide, low, high, this.n, qt, bits);
    else {
      const ratio = Number(qt) / Number(t);
      this.kernel.rlwe_encode_prime(wide, low, high, this.n, qt, t, ratio);
    }
  }

  /** Words = 64-bit words, for `addWords`. */
  loadWords(words: BigUint64Array): void {
    check(words.length === this.n, 'INVALID_PARAMETER', `${words.length} words`);
    const [low, high] = [this.words(this.arena.low), this.words(this.arena.high)];
    const halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
    for (let j = 0; j < this.n; j++) {
      low[j] = halves[2 * j] as number;
      high[j] = halves[2 * j + 1] as number;
    }
  }

  /** register += base + low wl + high wh mod q, the words being those of `encode` or `smudge`. */
  addWords(register: number, factors: readonly WordFactors[]): void {
    const { low, high } = this.arena;
    this.limbs.forEach(({ q }, i) => {
      const { base, wl, wh } = factors[i] ?? { base: -1, wl: -1, wh: -1 };
      const reduced = [base, wl, wh].every((x) => Number.isInteger(x) && x >= 0 && x < q);
      check(reduced, 'INVALID_PARAMETER', `factors of limb ${i}`);
      const [cl, ch] = [companionOf(wl, q), companionOf(wh, q)];
      const at = this.at(register, i);
      this.kernel.rlwe_add_words(at, low, high, this.n, q, base, wl, cl, wh, ch);
    });
  }

  /**
   * register += small + base + low wl mod q: `addSmall` and `addWords` in one pass, for factors whose wh
   * is 0.
   */
  addSmallWords(register: number, factors: readonly WordFactors[]): void {
    const { low, small } = this.arena;
    this.limbs.forEach(({ q }, i) => {
      const { base, wl, wh } = factors[i] ?? { base: -1, wl: -1, wh: -1 };
      const reduced = [base, wl].every((x) => Number.isInteger(x) && x >= 0 && x < q) && wh === 0;
      check(reduced, 'INVALID_PARAMETER', `factors of limb ${i}`);
      const at = this.at(register, i);
      this.kernel.rlwe_add_small_words(at, small, low, this.n, q, base, wl, companionOf(wl, q));
    });
  }

  /** round(t x / q) mod t, centred, for the coefficients x of a register. */
  decode(
    register: number,
    factors: readonly FractionFactors[],
    { t, bits }: Omit<PlaintextFactors, 'qt'>,
  ): BigInt64Array {
    const { wide } = this.arena;
    const sums = this.#wide();
    sums.fill(0n);
    this.limbs.forEach(({ q }, i) => {
      const factor = factors[i];
      check(factor !== undefined, 'INVALID_PARAMETER', `factors of limb ${i}`);
      const { f, m1, m0, rest } = factor;
      const companion = companionOf(f, q);
      this.kernel.rlwe_crt(this.at(register, i), wide, this.n, q, f, companion, m1, m0, rest);
    });
    if (bits > 0) this.kernel.rlwe_round(wide, this.n, bits);
    else this.kernel.rlwe_round_prime(wide, this.n, t);
    return new BigInt64Array(sums.slice().buffer);
  }

  /** Writes a register behind `at` of `out`, limb by limb, `bits` of q a residue. */
  pack(register: number, out: Uint8Array, at = 0): void {
    const { packed, bytes } = this.arena;
    let to = packed;
    this.limbs.forEach(({ bits }, i) => {
      this.kernel.rlwe_pack(this.at(register, i), to, this.n, bits);
      to += (this.n * bits) / 8;
    });
    check(at >= 0 && at + to - packed <= out.length, 'INVALID_PARAMETER', 'no room to pack');
    out.set(bytes.subarray(packed, to), at);
  }

  /** The inverse, from exactly one packed polynomial. False if a residue is not below its modulus. */
  unpack(register: number, polynomial: Uint8Array): boolean {
    const { packed, bytes } = this.arena;
    const length = this.limbs.reduce((sum, { bits }) => sum + (this.n * bits) / 8, 0);
    check(polynomial.length === length, 'INVALID_PARAMETER', 'packed length');
    bytes.set(polynomial, packed);
    let from = packed;
    let over = 0;
    this.limbs.forEach(({ bits, q }, i) => {
      over |= this.kernel.rlwe_unpack(from, this.at(register, i), this.n, bits, q);
      from += (this.n * bits) / 8;
    });
    return over === 0;
  }

  #limb(index: number): KernelLimb {
    const limb = this.limbs[index];
    check(limb !== undefined, 'INVALID_PARAMETER', `limb ${index}`);
    return limb;
  }

  #wide(): BigUint64Array {
    return new BigUint64Array(this.arena.memory.buffer, this.arena.wide, this.n);
  }

  /** Copies key stream in; refuses another length than `length`, or one of no whole `unit`s. */
  #stream(stream: Uint8Array, length: number, unit: number): void {
    const { bytes, stream: at, streamBytes } = this.arena;
    const fits = stream.length === length && length % unit === 0 && length <= streamBytes;
    check(fits, 'INVALID_PARAMETER', `key stream of ${stream.length} bytes`);
    bytes.set(stream, at);
  }
}
