/**
 * Residues modulo one prime below 2^40 in doubles, with every intermediate an exact integer below 2^53.
 *
 * The prime is the largest below 2^40: large enough for sums over cohorts, small enough for this
 * arithmetic, and a prime because the check of the mask (mask-check.ts) divides by differences.
 * Timing    results are corrected without branches on them; it runs inside one holder's own process.
 * @module
 */
import { check } from '../../base/errors.ts';
import { deriveKey, keyStream } from '../../base/hash.ts';
import type { Secret } from '../../base/secret.ts';

/** 2^40 − 87; test/he/choose.test.ts proves it prime. */
export const FIELD_PRIME = 1_099_511_627_689;

/** Integers in [0, FIELD_PRIME). */
export type Residues = Float64Array;

const INVERSE = 1 / FIELD_PRIME;

/** x mod t for an integer 0 ≤ x < 2^53 − 2^41. */
export function reduce(x: number): number {
  // The rounded quotient is off by one at most, either way.
  const rest = x - Math.floor(x * INVERSE) * FIELD_PRIME;
  const low = rest + FIELD_PRIME * Number(rest < 0);
  return low - FIELD_PRIME * Number(low >= FIELD_PRIME);
}

export const addResidues = (a: number, b: number): number => reduce(a + b);
export const subtractResidues = (a: number, b: number): number => reduce(a + FIELD_PRIME - b);

/** a b mod t for 0 ≤ a, b < t: b in four digits of 12 bits, so that no product passes 2^52. */
export function multiplyResidues(a: number, b: number): number {
  const high = Math.floor(b / 0x1000000);
  const low = b - high * 0x1000000;
  let product = a * (high >>> 12);
  product = reduce(reduce(product) * 0x1000 + a * (high & 0xfff));
  product = reduce(product * 0x1000 + a * (low >>> 12));
  return reduce(product * 0x1000 + a * (low & 0xfff));
}

/** More than rejection ever needs: a word is rejected with probability 2^-33. */
const SPARE = 64;

/** `count` uniform residues: AES-256-CTR under HKDF(seed, label), 8 bytes a try, the excess rejected. */
export function uniformResidues(seed: Secret, label: string, count: number): Residues {
  using key = deriveKey(seed, label);
  const stream = keyStream(key, 8 * (count + SPARE));
  const words = new Uint32Array(stream.slice().buffer);
  stream.fill(0);
  const out = new Float64Array(count);
  let filled = 0;
  for (let at = 0; at < words.length && filled < count; at += 2) {
    const value = (words[at] as number) + ((words[at + 1] as number) & 0xff) * 2 ** 32;
    if (value < FIELD_PRIME) out[filled++] = value;
  }
  words.fill(0);
  check(filled === count, 'INTERNAL', 'too many rejected residues');
  return out;
}

/** Little-endian words of 64 bits. */
export function residueWords(residues: Residues): Uint32Array {
  const words = new Uint32Array(2 * residues.length);
  residues.forEach((x, i) => {
    words[2 * i] = x;
    words[2 * i + 1] = x * 2 ** -32;
  });
  return words;
}

/** x ∘ y. */
export function multiplyAll(x: Residues, y: Residues): Residues {
  const out = new Float64Array(x.length);
  for (let i = 0; i < out.length; i += 1) {
    out[i] = multiplyResidues(x[i] as number, y[i] as number);
  }
  return out;
}

/** Refuses anything but residues with MALFORMED_MESSAGE. */
export function checkResidues(values: Residues): void {
  const valid = values.every((x) => Number.isInteger(x) && x >= 0 && x < FIELD_PRIME);
  check(valid, 'MALFORMED_MESSAGE', 'not residues');
}
