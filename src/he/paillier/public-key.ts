/**
 * A Paillier public key: n, with the generator 1 + n.
 *
 * A modulus from elsewhere is not proved to be a product of two large primes. CVE-2023-33241: in
 * threshold-ECDSA protocols a party that chose n with small factors read other parties' secrets out
 * of their answers. Encrypting *to* the owner of such a key loses nothing that the owner could not
 * decrypt anyhow; what it computes on, and ranges proved about it, are another matter. Hence a
 * foreign key is for the library only and no flow of this service takes one (rulings 30). What is
 * checked here finds blunders and the published attack's moduli, whose factors have some 16 bits. It
 * proves nothing about larger factors.
 * @module
 */
import { check } from '../../base/errors.ts';
import { bitLength, gcd } from './integers.ts';
import { ModularPower } from './modular-power.ts';
import { primorial } from './small-primes.ts';

export const MIN_BITS = 2048;
/** n² must stay below what ModularPower serves quickly. */
export const MAX_BITS = 4096;

/** What its owner says of p and q: both 3 mod 4 with gcd(p − 1, q − 1) = 2, or nothing. */
export type Shape = 'blum' | 'unknown';

/** Made by `publicKey` or `publicKeyUnsafe`. */
export class PublicKey {
  readonly n: bigint;
  readonly nSquared: bigint;
  readonly bits: number;
  readonly shape: Shape;
  #power: ModularPower | undefined;

  /** Checks nothing. */
  constructor(n: bigint, shape: Shape) {
    this.n = n;
    this.nSquared = n * n;
    this.bits = bitLength(n);
    this.shape = shape;
  }

  /** Powers mod n², set up when first asked for. */
  get power(): ModularPower {
    this.#power ??= new ModularPower(this.nSquared);
    return this.#power;
  }
}

/** The key without a check of its size: for published vectors with toy moduli, never for data. */
export const publicKeyUnsafe = (n: bigint, shape: Shape = 'unknown'): PublicKey =>
  new PublicKey(n, shape);

/**
 * The public key of modulus `n`, 2048 to 4096 bits, odd, no square, without a prime factor below
 * 2^16. `shape` is the owner's word: it is believed, as an owner who lies about its own key gives
 * away only what it could decrypt.
 */
export function publicKey(n: bigint, shape: Shape = 'unknown'): PublicKey {
  const key = publicKeyUnsafe(n, shape);
  check(
    key.bits >= MIN_BITS && key.bits <= MAX_BITS,
    'ENCRYPTION_PARAMETERS',
    `modulus of ${key.bits} bits`,
  );
  check(n % 2n === 1n, 'ENCRYPTION_PARAMETERS', 'even modulus');
  check(gcd(primorial() % n, n) === 1n, 'ENCRYPTION_PARAMETERS', 'small prime factor');
  check(!isSquare(n), 'ENCRYPTION_PARAMETERS', 'square modulus');
  check(shape !== 'blum' || n % 4n === 1n, 'ENCRYPTION_PARAMETERS', 'not a Blum integer');
  return key;
}

function isSquare(n: bigint): boolean {
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root * root === n;
    root = next;
  }
}
