/**
 * Paillier encryption, sums and multiples of what is encrypted, decryption.
 *
 *     encrypt   c = (1 + m n) ρ mod n²            ρ a fresh n-th residue (randomiser.ts)
 *     sum       Π c_i · ρ mod n²                  of Σ m_i mod n
 *     multiple  c^k · ρ mod n²                    of k m mod n
 *
 * Paper      Paillier, EUROCRYPT 1999. Assumption: that of the randomiser, DCR at least.
 * Adversary  semi-honest: a ciphertext is malleable and proves nothing about its plaintext.
 * Leakage    the result of `sum` and `multiple` is multiplied by a fresh residue, for else whoever
 *            knows the inputs' randomness sees by which numbers they were combined. Products mod n
 *            wrap without a sign: bounds are the caller's, or packing.ts.
 * Checks     a value from outside becomes a `Ciphertext` only by `readCiphertexts`: 1 < c < n² and
 *            gcd(c, n) = 1. A value that is not coprime to n is no ciphertext and would factor n.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { gcd, inverse } from './integers.ts';
import type { PrivateKey } from './private-key.ts';
import type { PublicKey } from './public-key.ts';
import type { Randomiser } from './randomiser.ts';

declare const checked: unique symbol;

export type Ciphertext = {
  readonly publicKey: PublicKey;
  readonly value: bigint;
  readonly [checked]: true;
};

/** Of a value that this program computed as a ciphertext of `publicKey`. */
export const trusted = (publicKey: PublicKey, value: bigint): Ciphertext =>
  ({ publicKey, value }) as Ciphertext;

/** Checked ciphertexts; one gcd for all of them, as a product is coprime to n if each factor is. */
export function readCiphertexts(publicKey: PublicKey, values: readonly bigint[]): Ciphertext[] {
  const { n, nSquared } = publicKey;
  let product = 1n;
  for (const value of values) {
    check(value > 1n && value < nSquared, 'MALFORMED_MESSAGE', 'ciphertext out of range');
    product = (product * (value % n)) % n;
  }
  check(gcd(product, n) === 1n, 'MALFORMED_MESSAGE', 'ciphertext not coprime to n');
  return values.map((value) => trusted(publicKey, value));
}

export const checkSameKey = (a: PublicKey, b: PublicKey): void =>
  check(a.n === b.n, 'INVALID_PARAMETER', 'ciphertext of another key');

export const checkPlaintext = ({ n }: PublicKey, m: bigint): void =>
  check(m >= 0n && m < n, 'PLAINTEXT_RANGE', 'plaintext outside [0, n)');

/** An encryption of `m`, 0 ≤ m < n. */
export function encrypt(randomiser: Randomiser, m: bigint, rng: Rng): Ciphertext {
  const { publicKey } = randomiser;
  checkPlaintext(publicKey, m);
  const value = ((1n + m * publicKey.n) * randomiser.next(rng)) % publicKey.nSquared;
  return trusted(publicKey, value);
}

/** The plaintext in [0, n). `rng` blinds it while it is computed. */
export function decrypt(key: PrivateKey, ciphertext: Ciphertext, rng: Rng): bigint {
  checkSameKey(key.publicKey, ciphertext.publicKey);
  return key.plaintext(ciphertext.value, rng);
}

/** The same plaintext under randomness that has nothing to do with the old one's. */
export const rerandomise = (randomiser: Randomiser, ciphertext: Ciphertext, rng: Rng): Ciphertext =>
  sum(randomiser, [ciphertext], rng);

/** An encryption of the sum mod n; of 0 for no terms. */
export function sum(randomiser: Randomiser, terms: readonly Ciphertext[], rng: Rng): Ciphertext {
  const { publicKey } = randomiser;
  let product = randomiser.next(rng);
  for (const term of terms) {
    checkSameKey(publicKey, term.publicKey);
    product = (product * term.value) % publicKey.nSquared;
  }
  return trusted(publicKey, product);
}

/** An encryption of k·m mod n; k may be negative. */
export function multiple(
  randomiser: Randomiser,
  ciphertext: Ciphertext,
  k: bigint,
  rng: Rng,
): Ciphertext {
  const { publicKey } = randomiser;
  const { n, nSquared } = publicKey;
  checkSameKey(publicKey, ciphertext.publicKey);
  check(k > -n && k < n, 'INVALID_PARAMETER', 'factor outside (-n, n)');
  const base = k < 0n ? inverse(ciphertext.value, nSquared) : ciphertext.value;
  const power = publicKey.power.power(base, k < 0n ? -k : k);
  return trusted(publicKey, (power * randomiser.next(rng)) % nSquared);
}
