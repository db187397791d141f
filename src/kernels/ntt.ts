/**
 * Binding for wasm/ntt: the negacyclic number-theoretic transform modulo one prime, products and
 * scalings of residues. A product of transforms is the product in Z_q[X]/(X^n + 1).
 *
 * Papers    Longa, Naehrig, ePrint 2016/504; Harvey, J. Symb. Comp. 60 (2014). See the kernel.
 * Contract  q prime, q < 2^28, q ≡ 1 mod 2n, n a power of two from 16 to 16384; arrays of n
 *           residues in [0, q). Inputs are not modified, results are fresh arrays.
 * Ranges    are the caller's duty: a residue outside [0, q) gives a wrong residue, never a read
 *           or write outside the arena. `scale` alone takes any 32-bit words.
 * Twin      reference/ntt.ts computes the same functions; test/kernels holds them equal.
 * Memory    one instance and one memory for each (n, q): [tables | a | b | c], the operands zeroed
 *           after each call, as they may be secret.
 * Timing    operands affect neither branches nor addresses in the kernel; n and q are public.
 *           Nothing is claimed for the engine's compiler and the machine below it.
 * @module
 */
import { check } from '../base/errors.ts';
import { loadKernel } from './load.ts';
import { companionOf, invModUnsafe, mulModUnsafe, powModUnsafe, reverseBits } from './modular.ts';

export type NttExports = {
  ntt_forward(x: number, n: number, table: number, q: number): void;
  ntt_inverse(x: number, n: number, table: number, q: number): void;
  ntt_scale(x: number, n: number, q: number, w: number, companion: number): void;
  ntt_multiply(
    a: number,
    b: number,
    c: number,
    n: number,
    q: number,
    mu: number,
    shift: number,
  ): void;
  ntt_multiply_add(
    a: number,
    b: number,
    c: number,
    n: number,
    q: number,
    mu: number,
    shift: number,
  ): void;
};

export const NTT_MIN_N = 16;
export const NTT_MAX_N = 1 << 14;
/** Exclusive bound on a modulus. */
export const NTT_MAX_Q = 2 ** 28;

const LANE = Uint32Array.BYTES_PER_ELEMENT;
const PAGE = 65536;

/** Is `psi` a primitive 2n-th root of unity mod q? Then psi^n = −1. */
export const isNegacyclicRoot = (psi: number, n: number, q: number): boolean =>
  Number.isSafeInteger(psi) && psi > 1 && psi < q && powModUnsafe(psi, n, q) === q - 1;

/** [ w | w' | v | v' ] as the head of wasm/ntt/kernel.ts defines it, 4n words. */
export function twiddles(n: number, q: number, psi: number): Uint32Array {
  const table = new Uint32Array(4 * n);
  const bits = Math.log2(n);
  const put = (at: number, w: number): void => {
    table[at] = w;
    table[at + n] = companionOf(w, q);
  };
  const psiInverse = invModUnsafe(psi, q);
  let [power, inverse] = [1, 1];
  for (let k = 0; k < n; k++) {
    const at = reverseBits(k, bits);
    put(at, power);
    put(2 * n + at, inverse);
    power = mulModUnsafe(power, psi, q);
    inverse = mulModUnsafe(inverse, psiInverse, q);
  }
  const nInverse = invModUnsafe(n, q);
  put(0, mulModUnsafe(powModUnsafe(psiInverse, n / 2, q), nInverse, q));
  put(2 * n, nInverse);
  return table;
}

/** Barrett's constants for products modulo q, as wasm/ntt/residues.ts defines them. */
export function barrettOf(q: number): { readonly mu: number; readonly shift: number } {
  const bits = 32 - Math.clz32(q);
  return { mu: Number((1n << BigInt(31 + bits)) / BigInt(q)), shift: bits - 1 };
}

/** A fresh instance of wasm/ntt over `memory`, which belongs to the caller. */
export function nttInstance(memory: WebAssembly.Memory): NttExports {
  module ??= loadKernel('ntt');
  return new WebAssembly.Instance(module, { env: { memory } }).exports as NttExports;
}

/** Read, verified and compiled at the first use. */
let module: WebAssembly.Module | undefined;

/** The transform of one (n, q, psi). Build once, use often: the tables take about a millisecond. */
export class Ntt {
  readonly n: number;
  readonly q: number;
  readonly psi: number;
  readonly #kernel: NttExports;
  readonly #a: Uint32Array;
  readonly #b: Uint32Array;
  readonly #c: Uint32Array;
  readonly #mu: number;
  readonly #shift: number;

  /**
   * `q` must be prime (not checked here: parameters.ts lists primes, its test proves them) and
   * `psi` a primitive 2n-th root of unity. Refuses with INVALID_PARAMETER or KERNEL_REJECTED.
   */
  constructor(n: number, q: number, psi: number) {
    const logN = Math.log2(n);
    check(
      Number.isInteger(logN) && n >= NTT_MIN_N && n <= NTT_MAX_N,
      'INVALID_PARAMETER',
      `transform length ${n}`,
    );
    check(
      Number.isInteger(q) && q < NTT_MAX_Q && q > n && q % (2 * n) === 1,
      'INVALID_PARAMETER',
      `modulus ${q}`,
    );
    check(isNegacyclicRoot(psi, n, q), 'INVALID_PARAMETER', `root ${psi} of modulus ${q}`);
    this.n = n;
    this.q = q;
    this.psi = psi;

    const memory = new WebAssembly.Memory({ initial: Math.ceil((7 * n * LANE) / PAGE) });
    this.#kernel = nttInstance(memory);
    new Uint32Array(memory.buffer, 0, 4 * n).set(twiddles(n, q, psi));
    // No kernel grows the memory, so that these views stay valid.
    this.#a = new Uint32Array(memory.buffer, 4 * n * LANE, n);
    this.#b = new Uint32Array(memory.buffer, 5 * n * LANE, n);
    this.#c = new Uint32Array(memory.buffer, 6 * n * LANE, n);
    ({ mu: this.#mu, shift: this.#shift } = barrettOf(q));
  }

  /** Coefficients a_j → values at psi^(2 brv(k) + 1), k = 0..n−1. */
  forward(coefficients: Uint32Array): Uint32Array {
    this.#load(this.#a, coefficients);
    this.#kernel.ntt_forward(this.#a.byteOffset, this.n, 0, this.q);
    return this.#take(this.#a);
  }

  /** The inverse of `forward`. */
  inverse(values: Uint32Array): Uint32Array {
    this.#load(this.#a, values);
    this.#kernel.ntt_inverse(this.#a.byteOffset, this.n, 0, this.q);
    return this.#take(this.#a);
  }

  /** c[i] = a[i] b[i] mod q. */
  multiply(a: Uint32Array, b: Uint32Array): Uint32Array {
    this.#product(a, b);
    return this.#take(this.#a);
  }

  /** inverse(multiply(a, b)) without the way out and in: the ring product of two transforms. */
  multiplyInverse(a: Uint32Array, b: Uint32Array): Uint32Array {
    this.#product(a, b);
    this.#kernel.ntt_inverse(this.#a.byteOffset, this.n, 0, this.q);
    return this.#take(this.#a);
  }

  /** c[i] + a[i] b[i] mod q. */
  multiplyAdd(c: Uint32Array, a: Uint32Array, b: Uint32Array): Uint32Array {
    this.#load(this.#a, a);
    this.#load(this.#b, b);
    this.#load(this.#c, c);
    const [at, bt, ct] = [this.#a.byteOffset, this.#b.byteOffset, this.#c.byteOffset];
    this.#kernel.ntt_multiply_add(at, bt, ct, this.n, this.q, this.#mu, this.#shift);
    this.#a.fill(0);
    this.#b.fill(0);
    return this.#take(this.#c);
  }

  /** x[i] w mod q for any 32-bit words x[i] and a public 0 ≤ w < q. */
  scale(x: Uint32Array, w: number): Uint32Array {
    check(Number.isInteger(w) && w >= 0 && w < this.q, 'INVALID_PARAMETER', 'scale factor');
    this.#load(this.#a, x);
    this.#kernel.ntt_scale(this.#a.byteOffset, this.n, this.q, w, companionOf(w, this.q));
    return this.#take(this.#a);
  }

  #product(a: Uint32Array, b: Uint32Array): void {
    this.#load(this.#a, a);
    this.#load(this.#b, b);
    const [at, bt] = [this.#a.byteOffset, this.#b.byteOffset];
    this.#kernel.ntt_multiply(at, bt, at, this.n, this.q, this.#mu, this.#shift);
    this.#b.fill(0);
  }

  #load(slot: Uint32Array, values: Uint32Array): void {
    check(values.length === this.n, 'INVALID_PARAMETER', `operand of ${values.length} residues`);
    slot.set(values);
  }

  /** Copies out and wipes: never a view of kernel memory. */
  #take(slot: Uint32Array): Uint32Array {
    const result = slot.slice();
    slot.fill(0);
    return result;
  }
}
