/** Thirteen blocks and several jobs: sums over a table that is larger than what is read at a time. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { ColumnLab } from '../../support/column-lab.ts';
import { PooledLab } from '../../support/pooled-lab.ts';

const PEOPLE = 100_000;
const sexOf = (i: number): string => ['F', 'M', 'M', 'x'][i % 4] ?? '';
const ageOf = (i: number): number => (i * 7) % 111;
const later = (): Date => new Date(Date.now() + 60_000);

test('100,000 people', async () => {
  const people = Array.from({ length: PEOPLE }, (_, i) => i);
  const csv = people.map((i) => `${i},${sexOf(i)},${ageOf(i)}\n`).join('');
  const cohort = { declaredSize: { lu: PEOPLE, jp: 10 } };
  const jp = 'patient_id,sex,age\n1,F,30\n';
  using lab = await PooledLab.open({ lu: `patient_id,sex,age\n${csv}`, jp }, { cohort });
  const lu = lab.holders.find(({ name }) => name === 'lu')!;
  const bins = Array.from({ length: 38 }, (_, i) => 3 * i);
  const list = {
    format: 'kakehashi/columns/1',
    indicators: [{ groupBy: [{ column: 'age', bins }] }],
  };
  const columns = new ColumnLab(lab.study, lu, list);
  const table = await columns.upload();
  strictEqual(table.blocks, 13);
  const encrypted = columns.cohort(table);
  const vectorOf = async (query: Parameters<PooledLab['compile']>[0]): Promise<bigint[]> => {
    const { plan } = lab.compile({ ...query, rho: '1/100' });
    await encrypted.prepare(plan, later());
    return [...(await encrypted.noisedVector(plan, new BigInt64Array(plan.values), later()))];
  };
  const sum = (of: (i: number) => number): bigint => BigInt(people.reduce((s, i) => s + of(i), 0));
  const sexes = ['F', 'M', 'x'];
  const means = await vectorOf({ groupBy: ['sex'], measures: [{ name: 'age', mean: 'age' }] });
  const moments = [
    ageOf,
    (i: number) => 110 - ageOf(i),
    (i: number) => ageOf(i) * (110 - ageOf(i)),
  ];
  deepStrictEqual(
    means,
    moments.flatMap((of) => sexes.map((sex) => sum((i) => (sexOf(i) === sex ? of(i) : 0)))),
  );
  const ages = await vectorOf({ groupBy: [{ column: 'age', bins }] });
  const inBin = (bin: number) => sum((i) => (Math.floor(ageOf(i) / 3) === bin ? 1 : 0));
  deepStrictEqual(ages, [...Array.from({ length: 37 }, (_, bin) => inBin(bin)), 0n]);
  deepStrictEqual(columns.alarms, []);
}, 300_000);
