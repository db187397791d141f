/**
 * One prime p of n = p·q: logarithms and n-th residues mod p².
 *
 * Decryption by the Chinese remainder theorem (Paillier, EUROCRYPT 1999, section 7):
 *     m mod p = L(c^(p−1) mod p²) · h mod p,   L(u) = (u − 1) / p,   h = (−q)^−1 mod p,
 * for (1 + n)^(p−1) = 1 + n(p − 1) mod p² and so L of it is −q mod p.
 *
 * The n-th residues mod p² are the p-th ones (gcd(q, p(p−1)) = 1), and s^p for a uniform s in
 * Z_p^* meets each of them once: the distribution is that of r^n mod p², at half the exponent.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { inverse, mod, uniformPositive } from './integers.ts';
import { ModularPower } from './modular-power.ts';

export class PrimePower {
  readonly prime: bigint;
  readonly square: bigint;
  readonly #power: ModularPower;
  #toResidue: ModularPower | undefined;
  readonly #h: bigint;

  constructor(prime: bigint, other: bigint) {
    this.prime = prime;
    this.square = prime * prime;
    this.#power = new ModularPower(this.square);
    this.#h = inverse(-other, prime);
  }

  /** The plaintext of `c` mod p. A plaintext of 0 mod p takes a slower way: callers blind it. */
  logarithm(c: bigint): bigint {
    const u = this.#power.power(c, this.prime - 1n);
    return mod(((u - 1n) / this.prime) * this.#h, this.prime);
  }

  /** A uniform p-th residue mod p². */
  residue(rng: Rng): bigint {
    // A second object, as each keeps the exponent it used last.
    this.#toResidue ??= new ModularPower(this.square);
    return this.#toResidue.power(uniformPositive(this.prime, rng), this.prime);
  }
}
