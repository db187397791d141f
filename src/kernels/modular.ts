/**
 * Residues modulo a prime below 2^28 in plain numbers, for tables and checks on public values.
 * Every intermediate is an exact integer below 2^53. Variable time: never on a secret.
 * @module
 */

/** a b mod q for 0 ≤ a, b < q < 2^28: halves of 14 bits keep products below 2^43. */
export function mulModUnsafe(a: number, b: number, q: number): number {
  const high = ((a >>> 14) * b) % q;
  return (high * 0x4000 + (a & 0x3fff) * b) % q;
}

/** base^exponent mod q, exponent ≥ 0. */
export function powModUnsafe(base: number, exponent: number, q: number): number {
  let [result, square, rest] = [1 % q, base % q, exponent];
  while (rest > 0) {
    if (rest % 2 === 1) result = mulModUnsafe(result, square, q);
    square = mulModUnsafe(square, square, q);
    rest = Math.floor(rest / 2);
  }
  return result;
}

/** 1/a mod a prime q, by Fermat. */
export const invModUnsafe = (a: number, q: number): number => powModUnsafe(a, q - 2, q);

/** Shoup's companion floor(w 2^32 / q), w < q < 2^28, in two exact steps of 16 bits. */
export function companionOf(w: number, q: number): number {
  const shifted = w * 0x10000;
  const high = Math.floor(shifted / q);
  return high * 0x10000 + Math.floor(((shifted % q) * 0x10000) / q);
}

/** The `bits` low bits of `value`, reversed. */
export function reverseBits(value: number, bits: number): number {
  let reversed = 0;
  for (let i = 0; i < bits; i++) reversed = (reversed << 1) | ((value >>> i) & 1);
  return reversed;
}
