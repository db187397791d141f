/** An upload that is interrupted goes on where it was, with the same bytes, and nothing is sent twice. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { ColumnLab } from '../../support/column-lab.ts';
import { PooledLab } from '../../support/pooled-lab.ts';

const CSV = 'patient_id,sex,age\n1,F,34\n2,M,61\n3,F,70\n';
const later = (): Date => new Date(Date.now() + 60_000);

test('an upload interrupted between two batches', async () => {
  using lab = await PooledLab.open({ lu: CSV, jp: CSV });
  const columns = new ColumnLab(lab.study, lab.holders[0]!);
  // Seven ciphertexts in four batches.
  columns.size = 2;
  columns.sandbox.refuseBatch = 1;
  await rejects(columns.upload(), /connection lost/);
  const [first, second] = await columns.records.batches(columns.table);
  strictEqual(first!.blob, null);
  const kept = await columns.blobs.get(second!.blob!);

  columns.sandbox.refuseBatch = undefined;
  const table = await columns.upload();
  // The relinearisation key twice, every batch once: the second as it was before the interruption.
  const { received } = columns.sandbox;
  deepStrictEqual(received[3], kept);
  strictEqual(received.length, 2 + 4);
  strictEqual((await columns.records.batches(columns.table)).length, 4);

  const { plan } = lab.compile({ groupBy: ['sex'], rho: '1/100' });
  const cohort = columns.cohort(table);
  await cohort.prepare(plan, later());
  const vector = await cohort.noisedVector(plan, new BigInt64Array(plan.values), later());
  deepStrictEqual([...vector], [2n, 1n, 0n]);
});
