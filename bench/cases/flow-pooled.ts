/**
 * Flow 1, the pooled aggregate, from compiled plan to release: two holders and the sandbox in one
 * process over in-memory relays and blobs, deadlines not padded ("local mode"). Real are the plan,
 * both cohorts in DuckDB, the ledgers in SQLite with fsync, noise, masks, encryption, shares and
 * receipts. Not in the timer: HTTP, the import of the cohorts. Size: people at each holder.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { systemRng } from '../../src/base/rng.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { Vault } from '../../src/base/vault.ts';
import { systemNoise } from '../../src/engine/noise/system-noise.ts';
import { ExactNoise } from '../../test/support/exact-noise.ts';
import { PooledLab } from '../../test/support/pooled-lab.ts';
import { defineCase } from '../case.ts';

/** Ages 0 to 99 in turn, sexes in turn: what the answer is can be said without counting. */
function csv(people: number): string {
  const lines = Array.from(
    { length: people },
    (_, i) => `p${i},${i % 2 === 0 ? 'F' : 'M'},${Math.floor(i / 2) % 100}`,
  );
  return ['patient_id,sex,age', ...lines].join('\n');
}

type Input = { readonly lab: PooledLab; readonly people: number; asked: number };

/** A query nobody asked before: the same again would be answered from the stored vector. */
const query = (input: Input) => {
  input.asked += 1;
  return {
    where: { column: 'age', ge: 0, lt: 101 + (input.asked % 10) },
    groupBy: ['holder', 'sex', { column: 'age', bins: [0, 50, 111] }],
    rho: `1/${1000 + input.asked}`,
  };
};

export default defineCase<Input>({
  name: 'flow/pooled',
  timed:
    'From compiled plan to release, two holders and the sandbox in one process: cohorts in DuckDB, ledgers with fsync, noise, masks, encryption, shares, receipts; not HTTP, deadline, import. Size: people at each holder.',
  sizes: [20_000, 200_000],
  fullSizes: [1_000_000, 5_000_000],
  unit: 'ms',
  setup: async (people) => {
    const cohort = { declaredSize: { lu: people, jp: people } };
    const lab = await PooledLab.open(
      { lu: csv(people), jp: csv(people) },
      { cohort, rho: '1000/1' },
    );
    return { lab, people, asked: 0 };
  },
  check: async (input) => {
    const { body } = await input.lab.release(query(input), ExactNoise);
    const pooled = body.cells.filter(({ group }) => !('holder' in group) && group['sex'] !== null);
    const quarter = input.people / 2;
    deepStrictEqual(
      pooled.map(({ value }) => value),
      [quarter, quarter, 0, quarter, quarter, 0],
    );
  },
  contenders: {
    local: (input) =>
      input.lab.release(
        query(input),
        systemNoise(new Vault(SigningKey.generate(), systemRng), systemRng),
      ),
  },
  bytesPerItem: ({ lab, people }) => {
    const runs = new Set(lab.network.transcript.map(({ run }) => run)).size;
    const bytes = lab.network.transcript.reduce((sum, { body }) => sum + body.length, 0);
    return bytes / runs / (2 * people);
  },
  teardown: async ({ lab }) => {
    lab[Symbol.dispose]();
  },
});
