/**
 * A Paillier private key: key generation, and what its owner alone can do quickly.
 *
 * Paper       Paillier, "Public-key cryptosystems based on composite degree residuosity classes",
 *             EUROCRYPT 1999. Assumption: decisional composite residuosity (DCR) mod n².
 * Primes      as FIPS 186-5 appendix A.1.3: top two bits set, |p − q| > 2^(bits/2 − 100); and Blum
 *             with gcd(p − 1, q − 1) = 2, as fixed-base encryption asks (randomiser.ts).
 * Decryption  of c · (1 + n)^b for a random b, which is then subtracted: neither the powers taken nor
 *             the special cases of ModularPower depend on the plaintext.
 * Timing      the exponents p − 1 and p are handled by OpenSSL in constant time. Reductions mod p,
 *             the blinding and the recombination are bigints and are not: whoever can time many
 *             decryptions of this process to the microsecond is outside what this module stands.
 * Memory      bigints cannot be wiped; disposing forgets the references and wipes the bytes.
 * @module
 */
import { checkPrimeSync } from 'node:crypto';
import { inspect } from 'node:util';
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { bitLength, gcd, inverse, mod, toBytes, uniformPositive } from './integers.ts';
import { blumPrime } from './prime.ts';
import { PrimePower } from './prime-power.ts';
import {
  MAX_BITS,
  MIN_BITS,
  type PublicKey,
  publicKey,
  publicKeyUnsafe,
  type Shape,
} from './public-key.ts';

const FIPS_DISTANCE = 100;

export class PrivateKey implements Disposable {
  readonly publicKey: PublicKey;
  #halves: readonly [PrimePower, PrimePower] | undefined;
  readonly #pInverse: bigint;
  readonly #squareInverse: bigint;

  /** Use `fromPrimes`: the constructor checks nothing. */
  private constructor(key: PublicKey, p: bigint, q: bigint) {
    this.publicKey = key;
    this.#halves = [new PrimePower(p, q), new PrimePower(q, p)];
    this.#pInverse = inverse(p, q);
    this.#squareInverse = inverse(p * p, q * q);
  }

  /** Refuses with ENCRYPTION_PARAMETERS what is not a key of 2048 to 4096 bits. */
  static fromPrimes(p: bigint, q: bigint): PrivateKey {
    checkPrimes(p, q);
    return new PrivateKey(publicKey(p * q, shapeOf(p, q)), p, q);
  }

  /** Of the primes of a key that was checked when it was made: for a thread that gets a key's bytes. */
  static fromCheckedPrimes(p: bigint, q: bigint): PrivateKey {
    return new PrivateKey(publicKeyUnsafe(p * q, shapeOf(p, q)), p, q);
  }

  /** For published vectors with toy moduli: the size is not checked. */
  static fromPrimesUnsafe(p: bigint, q: bigint): PrivateKey {
    checkPrimes(p, q);
    return new PrivateKey(publicKeyUnsafe(p * q, shapeOf(p, q)), p, q);
  }

  #open(): readonly [PrimePower, PrimePower] {
    check(this.#halves !== undefined, 'PROTOCOL_STATE', 'Paillier key used after disposal');
    return this.#halves;
  }

  /** The plaintext in [0, n) of a checked ciphertext value. */
  plaintext(c: bigint, rng: Rng): bigint {
    return this.blindedPlaintext(c, uniformPositive(this.publicKey.n, rng));
  }

  /** The same with a `blind` that was drawn uniformly from [1, n) and is used for this ciphertext only. */
  blindedPlaintext(c: bigint, blind: bigint): bigint {
    const [p, q] = this.#open();
    const { n } = this.publicKey;
    const onto = (half: PrimePower): bigint =>
      half.logarithm(mod(c, half.square) * mod(1n + n * blind, half.square));
    const [mp, mq] = [onto(p), onto(q)];
    const m = mp + p.prime * mod((mq - mp) * this.#pInverse, q.prime);
    return mod(m - blind, n);
  }

  /** A uniform n-th residue mod n²: distributed as r^n for a uniform r. */
  residue(rng: Rng): bigint {
    const [p, q] = this.#open();
    const [rp, rq] = [p.residue(rng), q.residue(rng)];
    return rp + p.square * mod((rq - rp) * this.#squareInverse, q.square);
  }

  /** p and q, each as big-endian bytes, for writing a key file. */
  primes(): readonly [Secret, Secret] {
    const [p, q] = this.#open();
    return [new Secret('Paillier p', toBytes(p.prime)), new Secret('Paillier q', toBytes(q.prime))];
  }

  [Symbol.dispose](): void {
    this.#halves = undefined;
  }

  toJSON(): string {
    return '[Paillier private key]';
  }

  [inspect.custom](): string {
    return this.toJSON();
  }
}

const shapeOf = (p: bigint, q: bigint): Shape =>
  p % 4n === 3n && q % 4n === 3n && gcd(p - 1n, q - 1n) === 2n ? 'blum' : 'unknown';

function checkPrimes(p: bigint, q: bigint): void {
  const isPrime = (value: bigint): boolean => value > 2n && checkPrimeSync(value);
  check(isPrime(p) && isPrime(q) && p !== q, 'ENCRYPTION_PARAMETERS', 'not two odd primes');
  const coprime = gcd(p * q, (p - 1n) * (q - 1n)) === 1n;
  check(coprime, 'ENCRYPTION_PARAMETERS', 'n shares a factor with its totient');
}

/** A fresh key. `bits` is 2048, 3072 or 4096; 3072 is the 128-bit level (SP 800-57 part 1, table 2). */
export function generatePrivateKey(bits: number, rng: Rng): PrivateKey {
  check(
    bits >= MIN_BITS && bits <= MAX_BITS && bits % 1024 === 0,
    'ENCRYPTION_PARAMETERS',
    `modulus of ${bits} bits`,
  );
  const p = blumPrime(bits / 2, rng);
  for (;;) {
    const q = blumPrime(bits / 2, rng);
    const distance = bitLength(p > q ? p - q : q - p);
    if (distance > bits / 2 - FIPS_DISTANCE && shapeOf(p, q) === 'blum') {
      return PrivateKey.fromPrimes(p, q);
    }
  }
}
