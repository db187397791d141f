/** An upload that is interrupted goes on where it was, with the same bytes, and nothing is sent twice. */
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { ColumnLab } from '../../support/column-lab.ts';
import { PooledLab } from '../../support/pooled-lab.ts';

/** Three blocks of 14 columns: more than one batch needs six blocks, so groups of age are added. */
const PEOPLE = 16_300;
const LIST = {
  format: 'kakehashi/columns/1',
  indicators: [{ groupBy: [{ column: 'age', bins: Array.from({ length: 23 }, (_, i) => 5 * i) }] }],
};

test('an upload interrupted between two batches', async () => {
  const rows = Array.from(
    { length: PEOPLE },
    (_, i) => `${i},${i % 3 === 0 ? 'F' : 'M'},${i % 100}`,
  );
  const csv = `patient_id,sex,age\n${rows.join('\n')}\n`;
  const cohort = { declaredSize: { jp: 10, lu: PEOPLE } };
  using lab = await PooledLab.open({ lu: csv, jp: 'patient_id,sex,age\n1,F,30\n' }, { cohort });
  const columns = new ColumnLab(lab.study, lab.holders[0]!, LIST);
  columns.sandbox.refuseBatch = 1;
  await rejects(columns.upload(), /connection lost/);
  const [first, second] = columns.records.batches(columns.table);
  strictEqual(first!.blob, null);
  const kept = await columns.blobs.get(second!.blob!);

  columns.sandbox.refuseBatch = undefined;
  const table = await columns.upload();
  // The relinearisation key twice, every batch once: the second as it was before the interruption.
  deepStrictEqual(columns.sandbox.received[3], kept);
  strictEqual(columns.sandbox.received.length, 2 + columns.records.batches(columns.table).length);
  strictEqual(table.blocks, 3);

  const { plan } = lab.compile({ groupBy: ['sex'], rho: '1/100' });
  const cohort_ = columns.cohort(table);
  await cohort_.prepare(plan, new Date(Date.now() + 60_000));
  const late = new Date(Date.now() + 60_000);
  const vector = await cohort_.noisedVector(plan, new BigInt64Array(plan.values), late);
  const women = Math.ceil(PEOPLE / 3);
  deepStrictEqual([...vector], [BigInt(women), BigInt(PEOPLE - women), 0n]);
});
