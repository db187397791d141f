/**
 * Flow 2, the linked aggregate: a count and three sums in four groups over people whom two holders share, both
 * holders and the sandbox in one process over in-memory channels; once in one thread, once with two worker threads for
 * what a holder computes over threads. Real are the ledgers in SQLite
 * with fsync, the oblivious functions, the alignment, its check, encryption, noise. Not in the timer: reading
 * rows, deadlines, sealing, the network. Size: people at each holder, half of them shared.
 */
import { equal } from 'node:assert/strict';
import type { ThreadedBatches } from '../../src/base/batches.ts';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { batchSize } from '../../src/engine/jobs/batch-size.ts';
import { WorkerPool } from '../../src/engine/jobs/worker-pool.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import { HOLDER_BATCHES } from '../../src/holder/batches.ts';
import { inOneThread } from '../../src/psi/vole/vole-batches.ts';
import { ExactNoise } from '../../test/support/exact-noise.ts';
import { LinkedLab, type People, type Released } from '../../test/support/linked-lab.ts';
import { defineCase } from '../case.ts';

const GROUPS = 4;
const BOUNDS = [100, 400, 1000];

/** A key of 16 bytes that says which person it is. */
function key(person: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, person, true);
  return bytes;
}

/** Person i of A is in group i mod 4; person j of B has (7 j) mod (bound + 1) of each measure. */
function cohorts(size: number): People {
  const first = Math.floor(size / 2);
  const persons = Array.from({ length: size }, (_, i) => i);
  return {
    groups: {
      keys: persons.map(key),
      groups: Array.from({ length: GROUPS }, (_, group) =>
        Uint8Array.from(persons, (i) => Number(i % GROUPS === group)),
      ),
    },
    values: {
      keys: persons.map((j) => key(first + j)),
      values: BOUNDS.map((bound) => Float64Array.from(persons, (j) => (7 * j) % (bound + 1))),
    },
  };
}

function plain({ groups, values }: People, group: number, measure: number): number {
  const first = Math.floor(groups.keys.length / 2);
  const inGroup = groups.groups[group] ?? new Uint8Array(0);
  const column = values.values[measure] ?? new Float64Array(0);
  return inGroup.reduce((sum, flag, i) => sum + flag * (column[i - first] ?? 0), 0);
}

type Input = {
  readonly lab: LinkedLab;
  readonly people: People;
  readonly pool: WorkerPool;
  runs: number;
};

async function released(input: Input, batches: ThreadedBatches): Promise<Released> {
  input.runs += 1;
  input.lab.batches = batches;
  const noise = systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng);
  return input.lab.release(input.people, noise);
}

export default defineCase<Input>({
  name: 'flow/linked',
  timed:
    'Both holders and the sandbox in one process from reservations to the release of a count and three sums in four groups: ledgers with fsync, tokens, alignment, check, encryption, noise; not rows, deadlines, sealing, network. Size: people at each holder, half of them shared.',
  sizes: [2 ** 12],
  unit: 's',
  setup: async (declaredSize) => ({
    lab: await LinkedLab.open({
      declaredSize,
      groups: Array.from({ length: GROUPS }, (_, group) => `g${group}`),
      sums: Object.fromEntries(BOUNDS.map((bound, i) => [`m${i}`, bound])),
    }),
    people: cohorts(declaredSize),
    pool: new WorkerPool(
      { workerUrl: new URL('holder-worker.js', import.meta.url), threads: 2 },
      batchSize(HOLDER_BATCHES),
    ),
    runs: 0,
  }),
  check: async (input) => {
    const { body, digests } = await input.lab.release(input.people, ExactNoise);
    input.runs += 1;
    equal(digests[0], digests[1]);
    BOUNDS.forEach((_, measure) => {
      const cells = body.cells.filter(({ measure: name }) => name === `m${measure}`);
      for (let group = 0; group < GROUPS; group += 1) {
        equal(cells[group]?.value, plain(input.people, group, measure));
      }
    });
  },
  contenders: {
    'one thread': (input) => released(input, inOneThread),
    'two threads': (input) => released(input, input.pool),
  },
  bytesPerItem: ({ lab, runs, people }) => lab.bytes / runs / (2 * people.groups.keys.length),
  teardown: async ({ lab, pool }) => {
    await pool.close();
    lab[Symbol.dispose]();
  },
});
