/** Attacks on Paillier as it is used here, each beside what it does where a check is left out. */
import { equal, notEqual, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { systemRng as rng } from '../../src/base/rng.ts';
import { decrypt, encrypt, multiple, readCiphertexts } from '../../src/he/paillier/encryption.ts';
import { fromBytes, gcd } from '../../src/he/paillier/integers.ts';
import { powerUnsafe } from '../../src/he/paillier/modular-power.ts';
import { generatePrivateKey } from '../../src/he/paillier/private-key.ts';
import { publicKey, publicKeyUnsafe } from '../../src/he/paillier/public-key.ts';
import { ownerRandomiser } from '../../src/he/paillier/randomiser.ts';
import { refusal } from '../support/refusal.ts';

const key = generatePrivateKey(2048, rng);
const owner = ownerRandomiser(key);
const { nSquared, n } = key.publicKey;

test('a secret weight is read off a multiple that was not re-randomised', () => {
  const sent = encrypt(owner, 1n, rng);
  const guess = (answer: bigint): bigint | undefined =>
    Array.from({ length: 100 }, (_, k) => BigInt(k)).find(
      (k) => powerUnsafe(sent.value, k, nSquared) === answer,
    );
  const weight = 42n;
  equal(guess(powerUnsafe(sent.value, weight, nSquared)), weight, 'control: the attack works');
  const answer = multiple(owner, sent, weight, rng);
  equal(decrypt(key, answer, rng), weight);
  equal(guess(answer.value), undefined);
});

test('a modulus with 16-bit factors (CVE-2023-33241)', () => {
  // The published attack uses sixteen small primes and one large one.
  const small = [
    ...[65_521n, 65_519n, 65_497n, 65_479n, 65_449n, 65_447n, 65_437n, 65_423n],
    ...[65_419n, 65_413n, 65_407n, 65_393n, 65_381n, 65_371n, 65_357n, 65_353n],
  ];
  const [secretP] = key.primes();
  const p = fromBytes(secretP.expose());
  const product = small.reduce((a, b) => a * b, 1n);
  const evil = product * p * (p + 2n);
  equal(gcd(publicKeyUnsafe(evil).n, product), product, 'control: the factors are in it');
  throws(() => publicKey(evil), refusal('ENCRYPTION_PARAMETERS'));
  equal(publicKey(n).n, n);
});

test('a value that is no ciphertext is no way to the factors', () => {
  const [secretP] = key.primes();
  const p = fromBytes(secretP.expose());
  notEqual(gcd(p * 3n, n), 1n, 'control: it shares p with n');
  throws(() => readCiphertexts(key.publicKey, [p * 3n]), refusal('MALFORMED_MESSAGE'));
});
