/** Many at once are what one by one gives, here and over worker threads. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { afterAll, describe, test } from 'vitest';
import { batchSize } from '../../../src/engine/jobs/batch-size.ts';
import { HolderBatches } from '../../../src/engine/jobs/holder-batches.ts';
import { WorkerPool } from '../../../src/engine/jobs/worker-pool.ts';
import { type Batch, type Batches, ownThread } from '../../../src/base/batches.ts';
import { decrypt, encrypt, readCiphertexts } from '../../../src/he/paillier/encryption.ts';
import { fromBytes } from '../../../src/he/paillier/integers.ts';
import { decryptAll, encryptAll, PAILLIER_BATCHES } from '../../../src/he/paillier/many.ts';
import { generatePrivateKey } from '../../../src/he/paillier/private-key.ts';
import { fixedBaseRandomiser } from '../../../src/he/paillier/randomiser.ts';
import { refusal } from '../../support/refusal.ts';
import { key, rng } from './keys.ts';

const { n } = key.publicKey;
const short = fixedBaseRandomiser(key.publicKey, 'short', rng);
const PLAINTEXTS = [0n, 1n, n / 2n, n - 1n, ...Array.from({ length: 30 }, (_, i) => BigInt(i))];

const pool = new WorkerPool(
  { workerUrl: new URL('../../../dist/psi-worker.js', import.meta.url), threads: 2 },
  batchSize(PAILLIER_BATCHES),
);
afterAll(() => pool.close());

const PLACES: Readonly<Record<string, Batches>> = {
  'this thread': ownThread(PAILLIER_BATCHES),
  'worker threads': pool,
  'as a holder would': new HolderBatches(PAILLIER_BATCHES, {
    workerUrl: new URL('none.js', import.meta.url),
    threads: 1,
  }),
};

describe.each(Object.entries(PLACES))('%s', (_, batches) => {
  test('what is encrypted together decrypts one by one, and the other way round', async () => {
    const together = await encryptAll(short, PLAINTEXTS, rng, batches);
    deepStrictEqual(
      together.map((c) => decrypt(key, c, rng)),
      PLAINTEXTS,
    );
    equal(new Set(together.map(({ value }) => value)).size, PLAINTEXTS.length);
    const single = PLAINTEXTS.map((m) => encrypt(short, m, rng));
    deepStrictEqual(await decryptAll(key, single, rng, batches), PLAINTEXTS);
  });

  test('nothing gives nothing', async () => {
    deepStrictEqual(await encryptAll(short, [], rng, batches), []);
    deepStrictEqual(await decryptAll(key, [], rng, batches), []);
  });
});

test('every ciphertext is checked by who reads it: batches give valid ones', async () => {
  const values = (await encryptAll(short, PLAINTEXTS, rng)).map(({ value }) => value);
  equal(readCiphertexts(key.publicKey, values).length, PLAINTEXTS.length);
});

test('secrets go as secret inputs, never as parameters', async () => {
  const seen: Batch[] = [];
  const given: Uint8Array[] = [];
  const watching: Batches = {
    run: (batch) => {
      seen.push({ ...batch, inputs: batch.inputs.map((bytes) => bytes.slice()) });
      given.push(...batch.inputs);
      return ownThread(PAILLIER_BATCHES).run(batch);
    },
  };
  const [c] = await encryptAll(short, [7n], rng, watching);
  await decryptAll(key, [c!], rng, watching);
  for (const { secret } of seen) equal(secret, true);
  const [encryption, decryption] = seen;
  deepStrictEqual(Object.keys(encryption!.params as object).sort(), [
    'base',
    'bytes',
    'count',
    'n',
  ]);
  deepStrictEqual(Object.keys(decryption!.params as object).sort(), ['bytes', 'count']);
  const primes = decryption!.inputs[0]!;
  const half = primes.length / 2;
  equal(fromBytes(primes.subarray(0, half)) * fromBytes(primes.subarray(half)), n);
  equal(given.length, 5);
  for (const bytes of given)
    ok(
      bytes.every((byte) => byte === 0),
      'overwritten',
    );
});

test('a plaintext outside [0, n) and a ciphertext of another key are refused', async () => {
  await rejects(encryptAll(short, [0n, n], rng), refusal('PLAINTEXT_RANGE'));
  await rejects(encryptAll(short, [-1n], rng), refusal('PLAINTEXT_RANGE'));
  using other = generatePrivateKey(2048, rng);
  const [foreign] = await encryptAll(fixedBaseRandomiser(other.publicKey, 'short', rng), [1n], rng);
  await rejects(decryptAll(key, [foreign!], rng), refusal('INVALID_PARAMETER'));
});
