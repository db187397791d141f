/**
 * The constants by which slots become coefficients and back, for one parameter set; plaintext.ts
 * derives them.
 * @module
 */
import { Rational } from '../../base/rational.ts';
import { invModUnsafe } from '../../kernels/modular.ts';
import type { FractionFactors, PlaintextFactors, WordFactors } from '../../kernels/rlwe.ts';
import { type Parameters, plaintextBits } from './parameters.ts';

export type Codec = {
  readonly plaintext: PlaintextFactors;
  /** floor(t/2)/t − (low + 2^32 high)/t, for the words of `encode`. */
  readonly code: readonly WordFactors[];
  readonly fractions: readonly FractionFactors[];
};

const WORD = 2n ** 32n;
const mod = (x: bigint, q: number): number => {
  const m = BigInt(q);
  return Number(((x % m) + m) % m);
};

export function codecOf({ limbs, modulus, plaintextModulus: t }: Parameters): Codec {
  return {
    plaintext: { t, bits: plaintextBits(t), qt: modulus % t },
    code: limbs.map(({ q }) => {
      const inverse = BigInt(invModUnsafe(mod(t, q), q));
      const high = t > WORD ? mod(-WORD * inverse, q) : 0;
      return { base: mod((t / 2n) * inverse, q), wl: mod(-inverse, q), wh: high };
    }),
    fractions: limbs.map(({ q }) => {
      const m = BigInt(q);
      const [quotient, rest] = [2n ** 64n / m, 2n ** 64n % m];
      return {
        f: invModUnsafe(mod(modulus / m, q), q),
        m1: Number(quotient / WORD),
        m0: Number(quotient % WORD),
        rest: Number((rest * WORD) / m),
      };
    }),
  };
}

/**
 * The part of q / 2t that decoding does not promise: each limb's fraction is less than 2 units of 2^-64
 * short, so that round(t x / q) is right while |noise| < (q / 2t)(1 − loss).
 */
export const decodingLoss = ({ limbs, plaintextModulus: t }: Parameters): Rational =>
  Rational.of(4n * BigInt(limbs.length) * t, 2n ** 64n);
