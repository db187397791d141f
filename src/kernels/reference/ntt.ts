/**
 * The specification of wasm/ntt, in code: the definition evaluated point by point, O(n^2).
 *
 *     forward(a)[k] = Σ_j a_j psi^((2 brv(k) + 1) j) mod q        brv reverses log2(n) bits
 *     inverse is its inverse; values at the n roots of X^n + 1
 *
 * Arithmetic is bigint and variable time; it is an oracle for tests, never for a secret.
 * @module
 */
import { reverseBits } from '../modular.ts';

const mod = (value: bigint, q: bigint): bigint => ((value % q) + q) % q;

/** base^exponent mod q by squaring. */
function power(base: bigint, exponent: bigint, q: bigint): bigint {
  if (exponent === 0n) return 1n % q;
  const half = power(mod(base * base, q), exponent / 2n, q);
  return exponent % 2n === 1n ? mod(half * base, q) : half;
}

const numbers = (values: readonly bigint[]): Uint32Array => Uint32Array.from(values, Number);

export function forward(a: Uint32Array, q: number, psi: number): Uint32Array {
  const [n, m] = [a.length, BigInt(q)];
  const coefficients = Array.from(a, BigInt);
  return numbers(
    coefficients.map((_, k) => {
      const root = power(BigInt(psi), BigInt(2 * reverseBits(k, Math.log2(n)) + 1), m);
      return coefficients.reduceRight((sum, coefficient) => mod(sum * root + coefficient, m), 0n);
    }),
  );
}

/** a_j = n^-1 Σ_k x_k psi^(−(2 brv(k) + 1) j). */
export function inverse(x: Uint32Array, q: number, psi: number): Uint32Array {
  const [n, m] = [x.length, BigInt(q)];
  const values = Array.from(x, BigInt);
  const sums = new Array<bigint>(n).fill(0n);
  values.forEach((value, k) => {
    const root = power(BigInt(psi), BigInt(2 * reverseBits(k, Math.log2(n)) + 1), m);
    const step = power(root, m - 2n, m);
    let weight = value;
    for (let j = 0; j < n; j++) {
      sums[j] = mod((sums[j] ?? 0n) + weight, m);
      weight = mod(weight * step, m);
    }
  });
  const scale = power(BigInt(n), m - 2n, m);
  return numbers(sums.map((sum) => mod(sum * scale, m)));
}

export const multiply = (a: Uint32Array, b: Uint32Array, q: number): Uint32Array =>
  a.map((value, i) => Number((BigInt(value) * BigInt(b[i] ?? 0)) % BigInt(q)));

export const multiplyAdd = (
  c: Uint32Array,
  a: Uint32Array,
  b: Uint32Array,
  q: number,
): Uint32Array => multiply(a, b, q).map((value, i) => (value + (c[i] ?? 0)) % q);

export const scale = (x: Uint32Array, w: number, q: number): Uint32Array =>
  x.map((value) => Number((BigInt(value) * BigInt(w)) % BigInt(q)));

/** The ring product itself, schoolbook: X^n = −1. */
export function negacyclicProduct(a: Uint32Array, b: Uint32Array, q: number): Uint32Array {
  const [n, m] = [a.length, BigInt(q)];
  const sums = new Array<bigint>(n).fill(0n);
  a.forEach((x, i) => {
    b.forEach((y, j) => {
      const at = (i + j) % n;
      const term = BigInt(x) * BigInt(y);
      sums[at] = (sums[at] ?? 0n) + (i + j < n ? term : -term);
    });
  });
  return numbers(sums.map((sum) => mod(sum, m)));
}
