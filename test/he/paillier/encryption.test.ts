/** Encryption against paillier-bigint in both directions, and what is refused. */
import { deepStrictEqual, equal, match, notEqual, throws } from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, test } from 'vitest';
import {
  decrypt,
  encrypt,
  multiple,
  readCiphertexts,
  rerandomise,
  sum,
} from '../../../src/he/paillier/encryption.ts';
import { fromBytes, gcd } from '../../../src/he/paillier/integers.ts';
import { importPrivateKey } from '../../../src/he/paillier/key-import.ts';
import { generatePrivateKey, PrivateKey } from '../../../src/he/paillier/private-key.ts';
import { publicKey } from '../../../src/he/paillier/public-key.ts';
import { fixedBaseRandomiser, uniformRandomiser } from '../../../src/he/paillier/randomiser.ts';
import { refusal } from '../../support/refusal.ts';
import { foreignPair, key, owner, rng } from './keys.ts';

const { n, nSquared } = key.publicKey;
const EXTREMES = [0n, 1n, 2n, n / 2n, n - 2n, n - 1n];

describe('every way to randomise', () => {
  const ways = {
    owner,
    uniform: uniformRandomiser(key.publicKey),
    half: fixedBaseRandomiser(key.publicKey, 'half', rng),
    short: fixedBaseRandomiser(key.publicKey, 'short', rng),
  };
  for (const [name, way] of Object.entries(ways)) {
    test(`${name}: decrypts, and two encryptions differ`, () => {
      match(way.assumption, /^DCR/);
      for (const m of EXTREMES) equal(decrypt(key, encrypt(way, m, rng), rng), m);
      notEqual(encrypt(way, 5n, rng).value, encrypt(way, 5n, rng).value);
    });

    test(`${name}: what it draws is an n-th residue`, () => {
      const [residue] = readCiphertexts(key.publicKey, [way.next(rng)]);
      equal(decrypt(key, residue!, rng), 0n);
    });
  }
});

describe('against paillier-bigint', () => {
  const { theirs, ours, randomiser } = foreignPair();
  const big = theirs.publicKey.n;

  test('theirs to ours and ours to theirs', () => {
    for (const m of [0n, big - 1n]) {
      const [foreign] = readCiphertexts(ours.publicKey, [theirs.publicKey.encrypt(m)]);
      equal(decrypt(ours, foreign!, rng), m);
      equal(theirs.privateKey.decrypt(encrypt(randomiser, m, rng).value), m);
    }
  });

  test('sums and multiples', () => {
    const [a, b] = [encrypt(randomiser, 41n, rng), encrypt(randomiser, big - 1n, rng)];
    equal(theirs.privateKey.decrypt(sum(randomiser, [a, b], rng).value), 40n);
    equal(theirs.privateKey.decrypt(multiple(randomiser, a, -3n, rng).value), big - 123n);
    equal(theirs.privateKey.decrypt(theirs.publicKey.addition(a.value, b.value)), 40n);
  });

  test('a modulus that is not Blum is not for the fixed base', () => {
    const foreign = publicKey(big);
    equal(foreign.shape, 'unknown');
    throws(() => fixedBaseRandomiser(foreign, 'half', rng), refusal('ENCRYPTION_PARAMETERS'));
  });

  test('key numbers that contradict each other are refused', () => {
    const { lambda, mu } = theirs.privateKey;
    const good = { n: big, g: big + 1n, lambda, mu };
    equal(importPrivateKey(good).publicKey.n, big);
    const bad = [
      { ...good, g: big + 2n },
      { ...good, lambda: lambda - 2n },
      { ...good, lambda: 0n },
      { ...good, mu: mu + 1n },
      { ...good, n: big + 2n, g: big + 3n },
    ];
    for (const numbers of bad) throws(() => importPrivateKey(numbers), refusal('KEY_FILE_INVALID'));
  });
});

describe('re-randomisation', () => {
  test('a sum cannot be recognised as the product of its terms', () => {
    const [a, b] = [encrypt(owner, 1n, rng), encrypt(owner, 2n, rng)];
    const product = (a.value * b.value) % nSquared;
    const total = sum(owner, [a, b], rng);
    notEqual(total.value, product);
    equal(decrypt(key, total, rng), 3n);
    const [plain] = readCiphertexts(key.publicKey, [product]);
    equal(decrypt(key, plain!, rng), 3n, 'control: the bare product decrypts the same');
  });

  test('a multiple by 1 and by 0 looks fresh', () => {
    const a = encrypt(owner, 7n, rng);
    for (const [k, expected] of [
      [1n, 7n],
      [0n, 0n],
    ] as const) {
      const scaled = multiple(owner, a, k, rng);
      notEqual(scaled.value, k === 0n ? 1n : a.value);
      equal(decrypt(key, scaled, rng), expected);
    }
    notEqual(rerandomise(owner, a, rng).value, a.value);
    equal(decrypt(key, sum(owner, [], rng), rng), 0n);
  });
});

describe('refusals', () => {
  test('ciphertexts out of range or not coprime to n', () => {
    const [secretP] = key.primes();
    const p = fromBytes(secretP.expose());
    const good = encrypt(owner, 1n, rng).value;
    equal(readCiphertexts(key.publicKey, [good]).length, 1);
    for (const bad of [-1n, 0n, 1n, nSquared, nSquared + 5n, n, 3n * n, p, p * 17n]) {
      throws(() => readCiphertexts(key.publicKey, [bad]), refusal('MALFORMED_MESSAGE'));
      throws(() => readCiphertexts(key.publicKey, [good, bad]), refusal('MALFORMED_MESSAGE'));
    }
    equal(gcd(p, n), p, 'control: such a value would factor n');
  });

  test('plaintexts, factors and keys', () => {
    for (const m of [-1n, n]) throws(() => encrypt(owner, m, rng), refusal('PLAINTEXT_RANGE'));
    const c = encrypt(owner, 1n, rng);
    for (const k of [n, -n]) throws(() => multiple(owner, c, k, rng), refusal('INVALID_PARAMETER'));
    const other = PrivateKey.fromPrimesUnsafe(293n, 433n);
    throws(() => decrypt(other, c, rng), refusal('INVALID_PARAMETER'));
    throws(
      () => sum(owner, [{ ...c, publicKey: other.publicKey }], rng),
      refusal('INVALID_PARAMETER'),
    );
  });

  test('moduli', () => {
    const wrong = [n + 1n, n >> 1024n, n << 2100n, 65_521n * (n >> 15n), 2n ** 2047n + 1n];
    equal(publicKey(n).bits, 2048);
    for (const bad of wrong) throws(() => publicKey(bad), refusal('ENCRYPTION_PARAMETERS'));
    const [secretP] = key.primes();
    const p = fromBytes(secretP.expose());
    throws(() => publicKey(p * p), refusal('ENCRYPTION_PARAMETERS'));
    throws(() => PrivateKey.fromPrimes(p, p), refusal('ENCRYPTION_PARAMETERS'));
    throws(() => PrivateKey.fromPrimes(p, p + 2n), refusal('ENCRYPTION_PARAMETERS'));
    for (const bits of [1024, 2049, 8192, NaN]) {
      throws(() => generatePrivateKey(bits, rng), refusal('ENCRYPTION_PARAMETERS'));
    }
  });
});

test('a private key does not print, and is gone when disposed', () => {
  const small = PrivateKey.fromPrimesUnsafe(293n, 433n);
  deepStrictEqual(
    [inspect(small), JSON.stringify([small])],
    ['[Paillier private key]', '["[Paillier private key]"]'],
  );
  small[Symbol.dispose]();
  throws(() => small.residue(rng), refusal('PROTOCOL_STATE'));
});
