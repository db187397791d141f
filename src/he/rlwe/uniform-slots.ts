/**
 * One polynomial of uniform slots modulo t: what covers the coefficients that nobody is to read.
 * A power of two takes bits; any other t reduces 128 bits, with a bias below t / 2^128 ≤ 2^-80.
 * @module
 */
import { keyStream } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import { type Parameters, plaintextBits } from '../ring/parameters.ts';

/**
 * n slots in the words that t asks for, uniform but for slot 0, which is `first` mod t where it is given.
 * Draws 32 bytes. The caller clears them.
 */
export function uniformSlots(
  { n, plaintextModulus: t }: Parameters,
  rng: Rng,
  first?: bigint,
): Slots {
  using seed = new Secret('uniform slots seed', rng(32));
  const stream = keyStream(seed, 16 * n);
  const words = new BigUint64Array(stream.slice().buffer);
  stream.fill(0);
  const bits = plaintextBits(t);
  const out = new BigUint64Array(n);
  for (let j = 0; j < n; j++) {
    const low = words[2 * j] as bigint;
    const high = words[2 * j + 1] as bigint;
    out[j] = bits > 0 ? BigInt.asUintN(bits, low) : ((high << 64n) | low) % t;
  }
  if (first !== undefined) out[0] = ((first % t) + t) % t;
  words.fill(0n);
  if (t > 2n ** 32n) return out;
  const narrow = Uint32Array.from(out, Number);
  out.fill(0n);
  return narrow;
}

export function clearSlots(slots: Slots): void {
  if (slots instanceof Uint32Array) slots.fill(0);
  else slots.fill(0n);
}
