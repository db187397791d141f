/** The noise ledger against the noise that SEAL measures, and the operations it refuses. */
import { equal, ok, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { Scope } from '../../../src/he/seal/library.ts';
import {
  freshNoise,
  type Noise,
  productNoise,
  relinearisedNoise,
  resultNoise,
  sumNoise,
  switchedNoise,
} from '../../../src/he/seal/noise.ts';
import { MAX_BLOCKS, N, PRIMES, T } from '../../../src/he/seal/parameters.ts';
import { openSecretKey } from '../../../src/he/seal/holder-key.ts';
import { refusal } from '../../support/refusal.ts';
import { Lab } from './session.ts';

const bits = (value: bigint): number => value.toString(2).length;
/** Bits of budget that the ledger promises: log2(q / 2) − log2(bound), rounded down. */
const promised = ({ bound, primes }: Noise): number =>
  bits(PRIMES.slice(0, primes).reduce((q, prime) => q * prime, 1n)) - 2 - bits(bound);

test('t is a prime that is 1 mod 2N, below half of each data prime', () => {
  equal(T % BigInt(2 * N), 1n);
  equal(T, 2n ** 50n - 16383n);
});

test('every step has at least the budget that the ledger says', async () => {
  const lab = await Lab.open();
  using scope = new Scope();
  const { seal, context, encoder, evaluator } = lab.session;
  const secret = openSecretKey(lab.session, lab.codec, lab.key, scope);
  const generator = scope.own(seal.KeyGenerator(context, secret));
  const keys = scope.own(generator.createRelinKeys());
  const encryptor = scope.own(
    seal.Encryptor(context, scope.own(generator.createPublicKey()), secret),
  );
  const decryptor = scope.own(seal.Decryptor(context, secret));
  const plaintext = scope.own(seal.PlainText());
  const half = (T - 1n) / 2n;
  encoder.encode(
    BigInt64Array.from({ length: N }, (_, i) => (i % 2 === 0 ? half : -half)),
    plaintext,
  );
  const [a, b, product] = [0, 1, 2].map(() => scope.own(seal.CipherText())) as [
    never,
    never,
    never,
  ];
  const steps: [string, Noise][] = [];
  const measured = (name: string, noise: Noise, ciphertext: never): void => {
    const budget = decryptor.invariantNoiseBudget(ciphertext);
    ok(budget >= promised(noise), `${name}: ${budget} bits, promised ${promised(noise)}`);
    ok(budget - promised(noise) < 20, `${name}: the bound is not idle`);
    steps.push([name, noise]);
  };
  encryptor.encryptSymmetric(plaintext, a);
  encryptor.encryptSymmetric(plaintext, b);
  measured('fresh', freshNoise, a);
  evaluator.multiply(a, b, product);
  const multiplied = productNoise(freshNoise, freshNoise);
  measured('product', multiplied, product);
  for (let i = 0; i < 3; i += 1) evaluator.add(product, product, product);
  measured('sum', sumNoise(multiplied, 8), product);
  evaluator.relinearize(product, keys, product);
  const relinearised = relinearisedNoise(sumNoise(multiplied, 8));
  measured('relinearised', relinearised, product);
  evaluator.cipherModSwitchToNext(product, product);
  measured('switched', switchedNoise(relinearised), product);
  equal(steps.length, 5);
});

test('the largest table fits, and what would not is refused', () => {
  ok(promised(resultNoise(2, MAX_BLOCKS)) > 0);
  ok(promised(resultNoise(1, MAX_BLOCKS)) > 0);
  const product = productNoise(freshNoise, freshNoise);
  throws(() => sumNoise(product, 2 ** 40), refusal('ENCRYPTION_PARAMETERS'));
  throws(() => productNoise(product, freshNoise), refusal('INVALID_PARAMETER'), 'DEPTH');
  throws(() => switchedNoise(switchedNoise(product)), refusal('ENCRYPTION_PARAMETERS'));
});
