/**
 * The parameters of an RLWE ring: literal → checked → frozen. The rest of he/ trusts the type.
 *
 *     R_q = Z_q[X] / (X^n + 1), q = q_1 ... q_k with primes q_i ≡ 1 mod 2n, one limb each, so
 *     that every R_qi has a negacyclic transform and one coefficient is k residues (CRT).
 *
 * `checkParameters` proves shape only: distinct moduli, sizes, roots of unity. Whether a shape is
 * secure is asked of security.ts, before a key is made. Primality is proved by a test for the
 * literals below; a modulus from elsewhere is the caller's to prove.
 * @module
 */
import { check } from '../../base/errors.ts';
import { isNegacyclicRoot, NTT_MAX_N, NTT_MAX_Q, NTT_MIN_N } from '../../kernels/ntt.ts';

export type LimbLiteral = {
  /** A prime below 2^28, 1 modulo 2n. */
  readonly q: number;
  /** A primitive 2n-th root of unity modulo q. The protocol fixes it: c1 is drawn as values at its powers. */
  readonly psi: number;
};

export type ParametersLiteral = {
  /** Names the set on the wire and in signatures. */
  readonly id: string;
  readonly n: number;
  readonly limbs: readonly LimbLiteral[];
  /** t = 2^32: plaintext slots are 32-bit words and wrap. No other value is served. */
  readonly plaintextBits: 32;
  /** eta of the centred binomial error: variance eta/2, |e| ≤ eta; 21 gives sigma 3.24. */
  readonly errorEta: number;
};

export type Limb = LimbLiteral & {
  /** Bits of a packed residue: the bits of q. */
  readonly bits: number;
};

declare const checked: unique symbol;

export type Parameters = Omit<ParametersLiteral, 'limbs'> & {
  readonly limbs: readonly Limb[];
  readonly modulus: bigint;
  /** Bytes of one packed polynomial: for each limb n bits / 8. */
  readonly polynomialBytes: number;
  readonly [checked]: true;
};

/** At most this many limbs, for the exact decoding in plaintext.ts. */
export const MAX_LIMBS = 8;

/** Refuses a literal of the wrong shape with INVALID_PARAMETER. */
export function checkParameters(literal: ParametersLiteral): Parameters {
  const { id, n, plaintextBits, errorEta } = literal;
  check(/^[a-z0-9-]{1,64}$/.test(id), 'INVALID_PARAMETER', 'parameter id');
  check(
    Number.isInteger(Math.log2(n)) && n >= NTT_MIN_N && n <= NTT_MAX_N,
    'INVALID_PARAMETER',
    `ring dimension ${n}`,
  );
  // Callers without a type checker reach this too.
  check((plaintextBits as number) === 32, 'INVALID_PARAMETER', 'plaintext modulus');
  check(
    Number.isInteger(errorEta) && errorEta >= 1 && errorEta <= 31,
    'INVALID_PARAMETER',
    `error parameter ${errorEta}`,
  );
  const count = literal.limbs.length;
  check(count >= 1 && count <= MAX_LIMBS, 'INVALID_PARAMETER', `${count} limbs`);
  const distinct = new Set(literal.limbs.map(({ q }) => q)).size === count;
  check(distinct, 'INVALID_PARAMETER', 'repeated modulus');
  const limbs = literal.limbs.map(({ q, psi }) => {
    check(
      Number.isInteger(q) && q < NTT_MAX_Q && q > 2 * n && q % (2 * n) === 1,
      'INVALID_PARAMETER',
      `modulus ${q}`,
    );
    check(isNegacyclicRoot(psi, n, q), 'INVALID_PARAMETER', `root of unity of ${q}`);
    return Object.freeze({ q, psi, bits: 32 - Math.clz32(q) });
  });
  return Object.freeze({
    id,
    n,
    plaintextBits,
    errorEta,
    limbs: Object.freeze(limbs),
    modulus: limbs.reduce((product, { q }) => product * BigInt(q), 1n),
    polynomialBytes: limbs.reduce((sum, { bits }) => sum + (n * bits) / 8, 0),
  }) as Parameters;
}

/**
 * n = 4096 and q of 106 bits, the limit of the 2024 guidelines for 128 bits with a ternary secret
 * (Bossuat et al., ePrint 2024/463); t = 2^32. The two largest primes 1 mod 8192 below 2^27 and
 * below 2^26; psi from the smallest generator candidate g = 2, 3, ... for which g^((q−1)/8192)
 * has order 8192. A packed polynomial has 54,272 bytes.
 */
export const RLWE_4096: Parameters = checkParameters({
  id: 'kakehashi-rlwe-4096-106-t32',
  n: 4096,
  limbs: [
    { q: 134176769, psi: 51707741 },
    { q: 134111233, psi: 133095912 },
    { q: 67084289, psi: 14362246 },
    { q: 67043329, psi: 54277638 },
  ],
  plaintextBits: 32,
  errorEta: 21,
});
