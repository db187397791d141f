/** Primes of a key: form, the small ones by another count, and the distance and shape of p and q. */
import { checkPrimeSync } from 'node:crypto';
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { test } from 'vitest';
import { bitLength, fromBytes, gcd } from '../../../src/he/paillier/integers.ts';
import { blumPrime } from '../../../src/he/paillier/prime.ts';
import { oddSmallPrimes, primorial } from '../../../src/he/paillier/small-primes.ts';
import { seededRng } from '../support.ts';
import { key } from './keys.ts';

test('there are 6541 odd primes below 2^16, the last 65521', () => {
  const primes = oddSmallPrimes();
  deepStrictEqual([primes.length, primes[0], primes.at(-1)], [6541, 3, 65_521]);
  ok(primes.every((p) => primorial() % BigInt(p) === 0n));
  equal(gcd(primorial(), 65_537n * 2n), 1n);
});

test('a prime is 3 mod 4 and has its top two bits', () => {
  const rng = seededRng('primes');
  for (const bits of [64, 128, 512]) {
    const p = blumPrime(bits, rng);
    deepStrictEqual([checkPrimeSync(p), p % 4n, p >> BigInt(bits - 2)], [true, 3n, 3n]);
  }
  equal(blumPrime(128, seededRng('same')), blumPrime(128, seededRng('same')));
});

test('a key is a Blum integer of two distant primes', () => {
  const [p, q] = key.primes().map((secret) => fromBytes(secret.expose())) as [bigint, bigint];
  equal(p * q, key.publicKey.n);
  equal(key.publicKey.shape, 'blum');
  equal(gcd(p - 1n, q - 1n), 2n);
  ok(bitLength(p > q ? p - q : q - p) > 924);
  equal(gcd(p * q, (p - 1n) * (q - 1n)), 1n);
});
