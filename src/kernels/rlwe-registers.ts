/**
 * Registers in the memory of wasm/ntt and wasm/rlwe, each one polynomial of R_q in residue form, and
 * the arithmetic of the ring on them. rlwe.ts adds what turns slots into ciphertexts.
 *
 * Contract  n a power of two from 16 to 16384, up to 8 distinct primes q < 2^28, q ≡ 1 mod 2n, psi a
 *           primitive 2n-th root of unity. A register holds coefficients or values at the roots of
 *           X^n + 1, in [0, q) limb by limb; which of the two is the caller's to know.
 * Ranges    lengths are checked here, residues are the caller's duty: one outside [0, q) gives a
 *           wrong residue, never an access outside the memory.
 * Twin      reference/rlwe.ts computes the same functions; test/kernels holds them equal.
 * Memory    one arena for each ring (rlwe-arena.ts). Registers keep secrets until `wipe`.
 * Timing    operands affect neither branches nor addresses. Nothing is claimed for the engine's
 *           compiler and the machine below it.
 * @module
 */
import { check } from '../base/errors.ts';
import { loadKernel } from './load.ts';
import {
  barrettOf,
  isNegacyclicRoot,
  NTT_MAX_N,
  NTT_MAX_Q,
  NTT_MIN_N,
  type NttExports,
  nttInstance,
  twiddles,
} from './ntt.ts';
import { type Arena, arenaOf, REGISTERS } from './rlwe-arena.ts';
import type { RlweExports } from './rlwe-exports.ts';

export type RlweLimb = { readonly q: number; readonly psi: number };

export type KernelLimb = RlweLimb & {
  readonly bits: number;
  readonly mu: number;
  readonly shift: number;
};

let module: WebAssembly.Module | undefined;

function limbOf({ q, psi }: RlweLimb, n: number): KernelLimb {
  check(Number.isInteger(q) && q < NTT_MAX_Q && q % (2 * n) === 1, 'INVALID_PARAMETER', `q ${q}`);
  check(isNegacyclicRoot(psi, n, q), 'INVALID_PARAMETER', `root ${psi} of modulus ${q}`);
  return { q, psi, bits: 32 - Math.clz32(q), ...barrettOf(q) };
}

export class RlweRegisters {
  readonly n: number;
  protected readonly limbs: readonly KernelLimb[];
  protected readonly arena: Arena;
  readonly #ntt: NttExports;
  protected readonly kernel: RlweExports;

  /** Tables take about a millisecond a limb. Refuses with INVALID_PARAMETER or KERNEL_REJECTED. */
  constructor(n: number, limbs: readonly RlweLimb[]) {
    const inRange = Number.isInteger(Math.log2(n)) && n >= NTT_MIN_N && n <= NTT_MAX_N;
    check(inRange, 'INVALID_PARAMETER', `ring dimension ${n}`);
    this.n = n;
    this.limbs = limbs.map((limb) => limbOf(limb, n));
    this.arena = arenaOf(n, limbs.length);
    const { memory } = this.arena;
    this.#ntt = nttInstance(memory);
    module ??= loadKernel('rlwe');
    this.kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as RlweExports;
    this.limbs.forEach(({ q, psi }, i) => {
      new Uint32Array(memory.buffer, this.arena.table(i), 4 * n).set(twiddles(n, q, psi));
    });
  }

  /** Copies a polynomial in. */
  load(register: number, limbs: readonly Uint32Array[]): void {
    check(limbs.length === this.limbs.length, 'INVALID_PARAMETER', `${limbs.length} limbs`);
    limbs.forEach((limb, i) => {
      check(limb.length === this.n, 'INVALID_PARAMETER', `limb of ${limb.length} residues`);
      this.words(this.at(register, i)).set(limb);
    });
  }

  /** Copies a polynomial out. */
  read(register: number): Uint32Array[] {
    return this.limbs.map((_, i) => this.words(this.at(register, i)).slice());
  }

  /** Overwrites these registers with zeros. */
  clear(...registers: readonly number[]): void {
    for (const register of registers) {
      const start = this.at(register, 0);
      this.arena.bytes.fill(0, start, start + 4 * this.n * this.limbs.length);
    }
  }

  /** Overwrites these registers and every place between them and the packed bytes with zeros. */
  wipe(...registers: readonly number[]): void {
    this.clear(...registers);
    this.arena.bytes.fill(0, this.arena.low, this.arena.packed);
  }

  /** In place: coefficients → values. */
  forward(register: number): void {
    this.limbs.forEach(({ q }, i) => {
      this.#ntt.ntt_forward(this.at(register, i), this.n, this.arena.table(i), q);
    });
  }

  /** In place: values → coefficients. */
  inverse(register: number): void {
    this.limbs.forEach(({ q }, i) => {
      this.#ntt.ntt_inverse(this.at(register, i), this.n, this.arena.table(i), q);
    });
  }

  /** out = a b, value by value. `out` may be a or b, here and below. */
  multiply(out: number, a: number, b: number): void {
    this.limbs.forEach(({ q, mu, shift }, i) => {
      const [at, bt, ot] = [this.at(a, i), this.at(b, i), this.at(out, i)];
      this.#ntt.ntt_multiply(at, bt, ot, this.n, q, mu, shift);
    });
  }

  /** out = out + a b, value by value. */
  multiplyAdd(out: number, a: number, b: number): void {
    this.limbs.forEach(({ q, mu, shift }, i) => {
      const [at, bt, ot] = [this.at(a, i), this.at(b, i), this.at(out, i)];
      this.#ntt.ntt_multiply_add(at, bt, ot, this.n, q, mu, shift);
    });
  }

  add(out: number, a: number, b: number): void {
    this.limbs.forEach(({ q }, i) => {
      this.kernel.rlwe_add(this.at(a, i), this.at(b, i), this.at(out, i), this.n, q);
    });
  }

  subtract(out: number, a: number, b: number): void {
    this.limbs.forEach(({ q }, i) => {
      this.kernel.rlwe_subtract(this.at(a, i), this.at(b, i), this.at(out, i), this.n, q);
    });
  }

  /** Where limb `limb` of a register lies. */
  protected at(register: number, limb: number): number {
    const known = Number.isInteger(register) && register >= 0 && register < REGISTERS;
    check(known, 'INVALID_PARAMETER', `register ${register}`);
    return this.arena.register(register, limb);
  }

  /** n words of the memory, as a view: it never leaves this binding. */
  protected words(at: number): Uint32Array {
    return new Uint32Array(this.arena.memory.buffer, at, this.n);
  }
}
