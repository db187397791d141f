/** Vectors over worker threads of the shipped entry: the same as in one thread, and no secret stays. */
import { deepStrictEqual, notDeepStrictEqual, ok, rejects, throws } from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../../src/base/hash.ts';
import { systemRng } from '../../../src/base/rng.ts';
import { batchSize } from '../../../src/engine/jobs/batch-size.ts';
import { HolderBatches } from '../../../src/engine/jobs/holder-batches.ts';
import { WorkerPool } from '../../../src/engine/jobs/worker-pool.ts';
import { createKeyShare } from '../../../src/he/collective/key.ts';
import {
  combineVector,
  encryptVector,
  sumVectors,
  vectorCiphertexts,
  vectorShare,
} from '../../../src/he/collective/vector.ts';
import { inThread, VECTOR_BATCHES } from '../../../src/he/collective/vector-batches.ts';
import { rlweParameters } from '../../../src/he/ring/parameters.ts';
import { residuesOf } from '../../../src/he/rlwe/residues.ts';
import { bundled } from '../../support/bundle.ts';
import { refusal } from '../../support/refusal.ts';

const RUN = sha256Hex(new Uint8Array(1));
const identity = {
  study: sha256Hex(new Uint8Array(0)),
  flow: 'batches',
  epoch: 1,
  attempt: 1,
  holders: ['jp', 'lu'],
};

/** Two moduli, so that a range of items lies in two sets. */
const SETS = [rlweParameters(4096, 2n ** 40n), rlweParameters(4096, 2n ** 40n - 87n)];
const SLOTS = 9 * 4096 + 100;

async function workers(): Promise<{ pool: WorkerPool }> {
  const workerUrl = pathToFileURL(await bundled('src/holder/worker.ts'));
  const pool = new WorkerPool({ workerUrl, threads: 2 }, batchSize(VECTOR_BATCHES));
  onTestFinished(() => pool.close());
  return { pool };
}

const holderKeys = () =>
  identity.holders.map(() => ({
    shares: SETS.map((set) => createKeyShare(set, identity, systemRng)),
    run: RUN,
  }));

const vector = (factor: bigint): BigInt64Array =>
  BigInt64Array.from({ length: SLOTS }, (_, i) => BigInt.asIntN(60, BigInt(i + 1) * factor));

test('two threads open what two threads encrypted, sum by sum, byte by byte', async () => {
  const { pool } = await workers();
  const keys = holderKeys();
  const values = [vector(0x9e3779b97f4a7n), vector(-0x7f4a7c15f39cdn)];
  const inputs = await Promise.all(
    keys.map((own, i) => {
      const slots = SETS.map((set) => residuesOf(values[i] as BigInt64Array, set.plaintextModulus));
      return encryptVector(SETS, own, slots, systemRng, pool);
    }),
  );
  const size = SETS[0]?.polynomialBytes ?? 0;
  deepStrictEqual(inputs[0]?.length, vectorCiphertexts(SETS, SLOTS) * size);
  const sum = await sumVectors(SETS, inputs, SLOTS, pool);
  deepStrictEqual(sum.slice(), await sumVectors(SETS, inputs, SLOTS, inThread));
  const shares = await Promise.all(
    keys.map((own) => vectorShare(SETS, own, SLOTS, systemRng, pool)),
  );
  const opened = await combineVector(SETS, sum, shares, SLOTS, pool);
  deepStrictEqual(
    opened,
    values[0]?.map((value, i) => value + (values[1]?.[i] ?? 0n)),
  );
  deepStrictEqual(await combineVector(SETS, sum, shares, SLOTS), opened);
});

test('parts of one batch draw from different streams', async () => {
  const { pool } = await workers();
  const sets = SETS.slice(0, 1);
  const keys = { shares: holderKeys()[0]?.shares.slice(0, 1) ?? [], run: RUN };
  const fixed = () => new Uint8Array(32).fill(3);
  const zero = () => [new BigUint64Array(20 * 4096)];
  // One seed for both: the errors of the first part are equal, those of the second thread's are not.
  const one = await encryptVector(sets, keys, zero(), fixed, inThread);
  const two = await encryptVector(sets, keys, zero(), fixed, pool);
  const half = one.length / 2;
  deepStrictEqual(two.slice(0, half), one.slice(0, half));
  notDeepStrictEqual(two.slice(half), one.slice(half));
});

test('secret inputs are overwritten where they were shared, and public ones are not', async () => {
  const { pool } = await workers();
  const secret = new Uint8Array(new SharedArrayBuffer(32)).fill(7);
  const keys = SETS.map((set) => {
    const share = createKeyShare(set, identity, systemRng);
    const bytes = new Uint8Array(new SharedArrayBuffer(share.secret.expose().length));
    bytes.set(share.secret.expose());
    return { ...share, bytes };
  });
  const params = {
    parameters: SETS.map(({ id }) => id),
    slots: SLOTS,
    key: keys[0]?.key ?? '',
    run: RUN,
    holders: 2,
  };
  const inputs = [secret, ...keys.map(({ bytes }) => bytes)];
  const share = await pool.run({ kind: 'rlwe-share', inputs, params, secret: true });
  for (const bytes of inputs) ok(bytes.every((byte) => byte === 0));
  const other = new Uint8Array(new SharedArrayBuffer(share.length));
  other.set(share);
  other[0] = (other[0] ?? 0) ^ 1;
  await pool.run({ kind: 'rlwe-sum', inputs: [share, other], params, secret: false });
  ok(share.some((byte) => byte !== 0));
});

test('refusals of a worker keep their code; a kind without a handler is refused', async () => {
  const { pool } = await workers();
  const short = new Uint8Array(8);
  const malformed = refusal('MALFORMED_MESSAGE');
  await rejects(sumVectors(SETS, [short, Uint8Array.of(1)], SLOTS, pool), malformed);
  await rejects(sumVectors(SETS, [short, short], SLOTS, pool), malformed);
  await rejects(sumVectors(SETS, [short], SLOTS, pool), refusal('INVALID_PARAMETER'));
  const batch = { kind: 'other', inputs: [], params: null, secret: false };
  for (const where of [pool, inThread]) {
    await rejects(where.run(batch), refusal('INVALID_PARAMETER'));
  }
});

test('a holder takes threads for long vectors only', async () => {
  const keys = holderKeys()[0];
  if (keys === undefined) throw new Error('no keys');
  const open = (workerUrl: URL): HolderBatches => {
    const batches = new HolderBatches(VECTOR_BATCHES, { workerUrl, threads: 2 });
    onTestFinished(() => batches.close());
    return batches;
  };
  // A worker of this entry knows no vectors.
  const short = open(pathToFileURL(await bundled('test/engine/fixtures/job-worker-entry.ts')));
  const share = await vectorShare(SETS, keys, 100, systemRng, short);
  deepStrictEqual(share.length, 2 * (SETS[0]?.polynomialBytes ?? 0));
  const long = open(pathToFileURL(await bundled('src/holder/worker.ts')));
  const many = await vectorShare(SETS, keys, 17 * 4096, systemRng, long);
  ok(many.buffer instanceof SharedArrayBuffer && !(share.buffer instanceof SharedArrayBuffer));
});

test('a holder without the entry of its workers is refused at the start, and one thread needs none', () => {
  const workerUrl = new URL('file:///nowhere/holder-worker.js');
  const missing = refusal('FILE_NOT_FOUND');
  throws(() => new HolderBatches(VECTOR_BATCHES, { workerUrl, threads: 2 }), missing);
  new HolderBatches(VECTOR_BATCHES, { workerUrl, threads: 1 });
});
