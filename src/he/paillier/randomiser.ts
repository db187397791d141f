/**
 * Where the randomness of a ciphertext comes from: n-th residues mod n², by three ways that rest on
 * different assumptions. Each is a named choice; none is a default.
 *
 * `uniformRandomiser`    r^n for a uniform r. Assumption: DCR, nothing else.
 * `ownerRandomiser`      the same distribution by the Chinese remainder theorem, for who has p and q
 *                        (prime-power.ts). Assumption: DCR.
 * `fixedBaseRandomiser`  (h^n)^a for h = −y² mod n, a fresh short a: Damgård, Jurik, Nielsen, "A
 *                        generalization of Paillier's public-key system with applications to
 *                        electronic voting", Int. J. Inf. Secur. 9, 2010. Assumptions beside DCR:
 *     'half'     a of bits/2 bits, as in that paper: h^a with such an a looks like h^a with a uniform
 *                one if factoring is hard (Goldreich, Rosen, "On the security of modular
 *                exponentiation", J. Cryptology 16, 2003), which needs a Blum modulus;
 *     'short'    a of 256 bits: that short exponents of 2·128 bits are indistinguishable from uniform
 *                ones in a group of unknown order. The best attack known takes 2^128 steps (Pollard's
 *                kangaroo). This is an assumption of its own; no reduction to factoring is known.
 *
 * The base is drawn by who encrypts, so a bad base can come from nobody else. It may be kept for
 * years: it is public, only the exponents are secret.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { gcd, uniformBits, uniformPositive } from './integers.ts';
import type { PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';

type ExponentLength = 'half' | 'short';

const SHORT_BITS = 256;

export type Randomiser = {
  readonly publicKey: PublicKey;
  /** What must hold for ciphertexts made with it to hide their plaintexts. */
  readonly assumption: string;
  /** A fresh n-th residue mod n². */
  readonly next: (rng: Rng) => bigint;
};

/** A randomiser of powers of one base, so that they can be computed elsewhere from exponents drawn here. */
export type FixedBase = Randomiser & {
  /** An n-th residue; public. */
  readonly base: bigint;
  readonly exponentBits: number;
};

/** A uniform unit mod n. A draw that is none would factor n: it is refused, not used. */
function unit(n: bigint, rng: Rng): bigint {
  const r = uniformPositive(n, rng);
  check(gcd(r, n) === 1n, 'ENCRYPTION_PARAMETERS', 'modulus with a small factor');
  return r;
}

export const uniformRandomiser = (publicKey: PublicKey): Randomiser => ({
  publicKey,
  assumption: 'DCR',
  next: (rng) => publicKey.power.power(unit(publicKey.n, rng), publicKey.n),
});

export const ownerRandomiser = (key: PrivateKey): Randomiser => ({
  publicKey: key.publicKey,
  assumption: 'DCR',
  next: (rng) => key.residue(rng),
});

/** Refuses with ENCRYPTION_PARAMETERS a key that its owner does not call a Blum integer. */
export function fixedBaseRandomiser(
  publicKey: PublicKey,
  exponent: ExponentLength,
  rng: Rng,
): FixedBase {
  const { n, bits, shape, power } = publicKey;
  check(shape === 'blum', 'ENCRYPTION_PARAMETERS', 'fixed base needs a Blum modulus');
  const y = unit(n, rng);
  const base = power.power(n - ((y * y) % n), n);
  const length = exponent === 'half' ? Math.ceil(bits / 2) : SHORT_BITS;
  return {
    publicKey,
    assumption:
      exponent === 'half'
        ? 'DCR and factoring (exponents of half length)'
        : `DCR and short-exponent indistinguishability (${SHORT_BITS} bits)`,
    base,
    exponentBits: length,
    next: (draw) => power.power(base, uniformBits(length, draw)),
  };
}
