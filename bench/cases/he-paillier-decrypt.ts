/**
 * Paillier decryption of many numbers by the key's owner, over worker threads and in one, against
 * paillier-bigint, which has p and q too and one thread. Size: bits of n; a call decrypts COUNT numbers.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { systemRng } from '../../src/base/rng.ts';
import { batchSize } from '../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../src/engine/jobs/worker-pool.ts';
import { readCiphertexts } from '../../src/he/paillier/encryption.ts';
import { decryptAll, PAILLIER_BATCHES } from '../../src/he/paillier/many.ts';
import { defineCase } from '../case.ts';
import { bothKeys } from './he-paillier.ts';

const COUNT = 64;

export default defineCase({
  name: 'he/paillier-decrypt',
  timed: `${COUNT} ciphertexts to numbers, by the owner of the key. Size: bits of n.`,
  sizes: [2048, 3072],
  unit: 'ms',
  setup: (bits) => {
    const keys = bothKeys(bits);
    const plaintexts = Array.from({ length: COUNT }, (_, i) => keys.plaintext - BigInt(i));
    const values = plaintexts.map((m) => keys.theirs.publicKey.encrypt(m));
    const pool = new WorkerPool(
      {
        workerUrl: new URL('psi-worker.js', import.meta.url),
        threads: Math.max(2, availableParallelism()),
      },
      batchSize(PAILLIER_BATCHES),
    );
    const ciphertexts = readCiphertexts(keys.key.publicKey, values);
    return { ...keys, plaintexts, values, ciphertexts, pool };
  },
  check: async ({ key, theirs, plaintexts, values, ciphertexts, pool }) => {
    deepStrictEqual(await decryptAll(key, ciphertexts, systemRng, pool), plaintexts);
    deepStrictEqual(await decryptAll(key, ciphertexts, systemRng), plaintexts);
    deepStrictEqual(
      values.map((value) => theirs.decrypt(value)),
      plaintexts,
    );
  },
  contenders: {
    'worker threads': ({ key, ciphertexts, pool }) => decryptAll(key, ciphertexts, systemRng, pool),
    'one core': ({ key, ciphertexts }) => decryptAll(key, ciphertexts, systemRng),
    'paillier-bigint': ({ theirs, values }) => values.map((value) => theirs.decrypt(value)),
  },
  teardown: ({ pool }) => pool.close(),
  gate: { contender: 'worker threads', against: 'paillier-bigint', atLeast: 15 },
});
