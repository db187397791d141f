/**
 * The three distributions of RLWE: uniform from a public seed, ternary, centred binomial.
 *
 * Uniform     rejection from SHAKE-128 (FIPS 202) output: exactly uniform in [0, q) if the output
 *             is uniform. As SHAKE is an extendable-output function, more bytes continue the
 *             same stream, so the residues do not depend on how many were asked for at once.
 * Ternary     rejection of the pattern 11 from pairs of bits: exactly uniform over {0, 1, −1}.
 * Binomial    popcount(a) − popcount(b), a and b uniform of eta bits: variance eta/2, |e| ≤ eta
 *             (Alkim et al., USENIX Security 2016).
 *
 * None has a modular bias. Rejection makes the number of bytes read depend on rejected bits only,
 * which are independent of the accepted ones.
 * @module
 */
import { check } from '../../base/errors.ts';
import { keyStream, shake128 } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import type { Limb } from './parameters.ts';
import { wordsOf } from './words.ts';

/** `n` residues in [0, q) from a public seed; one little-endian word of the stream a try. */
export function uniformResidues(seed: Uint8Array, n: number, { q, bits }: Limb): Uint32Array {
  const mask = 2 ** bits - 1;
  const out = new Uint32Array(n);
  // The first length suits moduli just below a power of two; every modulus passes half the tries.
  for (let tries = n + (n >> 4) + 16; ; tries *= 2) {
    const words = wordsOf(shake128(seed, 4 * tries));
    let accepted = 0;
    for (let i = 0; i < tries && accepted < n; i++) {
      const residue = (words[i] as number) & mask;
      if (residue < q) out[accepted++] = residue;
    }
    if (accepted === n) return out;
  }
}

/** `n` codes, uniform over 0, 1, 2, where 2 stands for −1. */
export function ternaryCodes(n: number, rng: Rng): Uint8Array {
  const out = new Uint8Array(n);
  let accepted = 0;
  while (accepted < n) {
    const bytes = rng(Math.ceil(n / 2));
    for (let i = 0; i < 4 * bytes.length && accepted < n; i++) {
      const code = ((bytes[i >> 2] as number) >> (2 * (i & 3))) & 3;
      if (code !== 3) out[accepted++] = code;
    }
    bytes.fill(0);
  }
  return out;
}

/** Number of ones of a 32-bit word (Warren, Hacker's Delight, section 5-1), without branches. */
function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/** `n` draws of the centred binomial with parameter `eta` ≤ 31, from the key stream of `seed`. */
export function centredBinomial(seed: Secret, n: number, eta: number): Int8Array {
  check(Number.isInteger(eta) && eta >= 1 && eta <= 31, 'INVALID_PARAMETER', 'eta');
  const stream = keyStream(seed, 8 * n);
  const words = wordsOf(stream);
  const mask = 2 ** eta - 1;
  const out = new Int8Array(n);
  for (let j = 0; j < n; j++) {
    out[j] =
      popcount((words[2 * j] as number) & mask) - popcount((words[2 * j + 1] as number) & mask);
  }
  stream.fill(0);
  words.fill(0);
  return out;
}
