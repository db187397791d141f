/**
 * Random primes for a Paillier key: 3 mod 4, with the top two bits set.
 *
 * The first prime of x, x + 4, x + 8, ... from a random x; multiples of small primes are sieved out and
 * the rest go to OpenSSL's Miller-Rabin with its default rounds (error below 2^-128). A prime after a
 * long gap is likelier than one after a short one; the entropy lost is below 2 bits (Brandt, Damgård,
 * "On generation of probable primes by incremental search", CRYPTO 1992).
 * @module
 */
import { checkPrimeSync } from 'node:crypto';
import type { Rng } from '../../base/rng.ts';
import { bitLength, fromBytes } from './integers.ts';
import { oddSmallPrimes } from './small-primes.ts';

/** Numbers looked at before another start is drawn: ten times the expected gap of 3072-bit primes. */
const WINDOW = 1 << 13;

/** 1/4 mod an odd p. */
const quarter = (p: number): number => (p % 4 === 3 ? (p + 1) / 4 : (3 * p + 1) / 4);

/** Marks k where start + 4k has a small factor. */
function sieve(start: bigint): Uint8Array {
  const composite = new Uint8Array(WINDOW);
  for (const p of oddSmallPrimes()) {
    const first = ((p - Number(start % BigInt(p))) * quarter(p)) % p;
    for (let k = first; k < WINDOW; k += p) composite[k] = 1;
  }
  return composite;
}

/** `bits` is a multiple of 8 and at least 64. */
export function blumPrime(bits: number, rng: Rng): bigint {
  for (;;) {
    const bytes = rng(bits / 8);
    bytes[0] = (bytes[0] ?? 0) | 0xc0;
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) | 3;
    const start = fromBytes(bytes);
    for (const [k, composite] of sieve(start).entries()) {
      if (composite === 1) continue;
      const candidate = start + 4n * BigInt(k);
      if (checkPrimeSync(candidate) && bitLength(candidate) === bits) return candidate;
    }
  }
}
