/**
 * A sandbox that stores a holder's encrypted columns and answers with something else. The holder must not
 * take it for its sums: it contributes zeros (and its noise), alarms its own staff, and opens nothing more
 * under that key. Controls: the honest answer is taken, and what is known not to be caught is not caught.
 */
import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { systemRng } from '../../src/base/rng.ts';
import type { Plan } from '../../src/cohort/plan.ts';
import type { ReadyTable } from '../../src/engine/columns/encrypted-cohort.ts';
import { blobBytes } from '../../src/he/seal/blob.ts';
import { Scope } from '../../src/he/seal/library.ts';
import { N } from '../../src/he/seal/parameters.ts';
import { ColumnLab, labSeal, type MemorySandboxColumns } from '../support/column-lab.ts';
import { PooledLab } from '../support/pooled-lab.ts';

const LU = 'patient_id,sex,age\n1,F,34\n2,M,61\n3,F,70\n4,x,12\n';
const later = (): Date => new Date(Date.now() + 60_000);

/** Adds 1 in one slot of a result, as anybody can who has the ciphertext. */
async function moveSlot(result: Uint8Array, slot: number): Promise<Uint8Array> {
  const { session, codec } = await labSeal();
  using scope = new Scope();
  const ciphertext = scope.own(session.seal.CipherText());
  ciphertext.loadArray(session.context, codec.toSeal('result', result));
  const slots = new Int32Array(N);
  slots[slot] = 1;
  const plaintext = scope.own(session.seal.PlainText());
  session.encoder.encode(slots, plaintext);
  session.evaluator.addPlain(ciphertext, plaintext, ciphertext);
  return codec.fromSeal('result', session.saved(ciphertext));
}

describe('a sandbox that answers with other sums', () => {
  let lab: PooledLab;
  let columns: ColumnLab;
  let table: ReadyTable;
  let plan: Plan;
  let foreign: Uint8Array[];

  beforeAll(async () => {
    lab = await PooledLab.open({ lu: LU, jp: LU });
    const [first, second] = lab.holders;
    const other = new ColumnLab(lab.study, second!);
    const theirs = await other.upload();
    foreign = await other.sandbox.sums(theirs, [['c0'], ['c1', 'c0']]);
    columns = new ColumnLab(lab.study, first!);
    table = await columns.upload();
    const query = { measures: [{ name: 'age', mean: 'age' }], rho: '1/100' };
    plan = lab.compile(query).plan;
  });
  afterAll(async () => {
    lab[Symbol.dispose]();
  });

  /** The vector that leaves, without noise. */
  async function answered(
    tamper: MemorySandboxColumns['tamper'],
    exact?: () => Promise<BigInt64Array>,
  ): Promise<bigint[]> {
    columns.retired = false;
    columns.alarms.length = 0;
    columns.sandbox.tamper = tamper;
    const cohort = columns.cohort(table, exact);
    return [...(await cohort.noisedVector(plan, new BigInt64Array(plan.values), later()))];
  }

  const SUMS = [177n, 4n * 110n - 177n, 34n * 76n + 61n * 49n + 70n * 40n + 12n * 98n];

  test('control: what the plan asks for is taken', async () => {
    deepStrictEqual(await answered((results) => results), SUMS);
    deepStrictEqual(columns.alarms, []);
    ok(!columns.retired);
  });

  const FORGERIES: Record<string, MemorySandboxColumns['tamper']> = {
    'sums of other columns': (_, honest) => honest([['c0'], ['c1?'], ['c1p']]),
    'a product instead of a column, out of bounds': (_, honest) =>
      honest([['c1', 'c1'], ['c1?'], ['c1p']]),
    'the same sum for everything': ([first]) => [first!, first!, first!],
    'fewer results': (results) => results.slice(1),
    'results under another key': ([first]) => [first!, foreign[0]!, foreign[1]!],
    zeros: (results) => results.map(({ length }) => new Uint8Array(length)),
    'bytes without meaning': (results) => results.map(({ length }) => systemRng(length)),
    truncated: (results) => results.map((bytes) => bytes.slice(8)),
    'the secret key, asked for by c1 = 1': (results) =>
      results.map(() => {
        const bytes = new Uint8Array(blobBytes('result'));
        for (let at = bytes.length / 2; at < bytes.length; at += 8) bytes[at] = 1;
        return bytes;
      }),
  };
  for (const [name, tamper] of Object.entries(FORGERIES)) {
    test(name, async () => {
      deepStrictEqual(await answered(tamper), [0n, 0n, 0n]);
      strictEqual(columns.alarms.length, 2);
      ok(columns.retired);
      // Free: before anything is reserved. A run that had begun goes on with zeros.
      const cohort = columns.cohort(table);
      await rejects(cohort.prepare(plan, later()), { code: 'COHORT_MISSING' });
      columns.sandbox.tamper = (results) => results;
      const vector = await cohort.noisedVector(plan, new BigInt64Array(plan.values), later());
      deepStrictEqual([...vector], [0n, 0n, 0n]);
    });
  }

  test('one slot moved by one is noticed by a holder that has its rows, and by nobody else', async () => {
    // 64 of 8192 slots are check slots: try others until one of a person is hit.
    for (let slot = 0; ; slot += 1) {
      const tamper: MemorySandboxColumns['tamper'] = async ([first, ...rest]) => [
        await moveSlot(first!, slot),
        ...rest,
      ];
      const vector = await answered(tamper);
      if (columns.retired) continue;
      deepStrictEqual(vector, [SUMS[0]! + 1n, SUMS[1]! - 1n, SUMS[2]]);
      const exact = () => Promise.resolve(BigInt64Array.from(SUMS));
      deepStrictEqual(await answered(tamper, exact), [0n, 0n, 0n]);
      ok(columns.retired);
      deepStrictEqual(await answered((results) => results, exact), SUMS);
      return;
    }
  });
});
