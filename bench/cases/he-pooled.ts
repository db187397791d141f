/**
 * The cryptography of a pooled aggregate of two holders: masks, encryption, the sum at the sandbox and at
 * both holders, shares, combining, decoding; over worker threads as the processes do it, and in one
 * thread. Not in the timer: noise, signatures, disk, network. Size: cells of each holder.
 */
import { deepStrictEqual, equal } from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import { batchSize } from '../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../src/engine/jobs/worker-pool.ts';
import type { Batches } from '../../src/base/batches.ts';
import {
  combineVector,
  encryptVector,
  maskVector,
  sumVectors,
  vectorBytes,
  vectorShare,
} from '../../src/he/collective/vector.ts';
import { inThread, VECTOR_BATCHES } from '../../src/he/collective/vector-batches.ts';
import { RLWE_4096 } from '../../src/he/ring/parameters.ts';
import { defineCase } from '../case.ts';
import { holders, type Holders, RUN } from './he-lab.ts';

type Input = Holders & { readonly vectors: readonly BigInt64Array[]; readonly pool: WorkerPool };

const NAMES = ['jp', 'lu'] as const;
const SETS = [RLWE_4096];
const THREADS = Math.max(2, availableParallelism());

const vector = (length: number, factor: number): BigInt64Array =>
  BigInt64Array.from({ length }, (_, i) => BigInt(Math.imul(i + 1, factor) >> 1));

async function run({ shares, vectors }: Input, batches: Batches): Promise<BigInt64Array> {
  const slots = vectors[0]?.length ?? 0;
  const keys = shares.map((share) => ({ shares: [share], run: RUN }));
  const inputs = await Promise.all(
    keys.map((own, i) => {
      const pair = new Secret('pair', new Uint8Array(32).fill(7));
      const masked = maskVector(SETS, vectors[i] ?? new BigInt64Array(0), {
        holder: NAMES[i] ?? '',
        peers: new Map([[NAMES[1 - i] ?? '', pair]]),
        run: RUN,
        planDigest: RUN,
      });
      return encryptVector(SETS, own, masked, systemRng, batches);
    }),
  );
  const sum = await sumVectors(SETS, inputs, slots, batches);
  const parts = await Promise.all(
    keys.map(async (own) => {
      equal((await sumVectors(SETS, inputs, slots, batches)).length, sum.length);
      return vectorShare(SETS, own, slots, systemRng, batches);
    }),
  );
  return combineVector(SETS, sum, parts, slots, batches);
}

export default defineCase<Input>({
  name: 'he/pooled',
  timed:
    'Two holders: masks, encryption, the sum at the sandbox and at both holders, shares, combining, decoding; not noise, signatures, disk, network. Size: cells of each holder.',
  sizes: [62_500, 250_000, 1_000_000],
  fullSizes: [4_000_000, 16_000_000],
  unit: 'ms',
  setup: (size) => ({
    ...holders(),
    vectors: [vector(size, 3), vector(size, 5)],
    pool: new WorkerPool(
      { workerUrl: new URL('holder-worker.js', import.meta.url), threads: THREADS },
      batchSize(VECTOR_BATCHES),
    ),
  }),
  check: async (input) => {
    const [first, second] = input.vectors;
    const expected = first?.map((value, i) => BigInt.asIntN(32, value + (second?.[i] ?? 0n)));
    deepStrictEqual(await run(input, inThread), expected);
    deepStrictEqual(await run(input, input.pool), expected);
  },
  contenders: {
    'worker threads': async (input) => (await run(input, input.pool))[0],
    'one core': async (input) => (await run(input, inThread))[0],
  },
  bytesPerItem: ({ vectors }) => {
    const slots = vectors[0]?.length ?? 1;
    return vectorBytes(SETS, slots) / slots;
  },
  teardown: ({ pool }) => pool.close(),
});
