import { test } from 'vitest';
import { ColumnLab } from '../../support/column-lab.ts';
import { PooledLab } from '../../support/pooled-lab.ts';
test('cost', async () => {
  const csv = 'patient_id,sex,age\n1,F,34\n2,M,61\n3,F,70\n';
  using lab = await PooledLab.open({ lu: csv, jp: csv }, { cohort: { declaredSize: { lu: 1000, jp: 1000 } } });
  const columns = new ColumnLab(lab.study, lab.holders[0]!, { format: 'kakehashi/columns/1', indicators: [{ groupBy: [{ column: 'age', bins: Array.from({ length: 111 }, (_, i) => i) }] }] });
  const table = await columns.upload();
  for (const blocks of [1]) {
    const { plan } = lab.compile({ groupBy: [{ column: 'age', bins: Array.from({ length: 111 }, (_, i) => i) }], rho: '1/100' });
    const cohort = columns.cohort({ ...table, blocks });
    let t = performance.now();
    await cohort.prepare(plan, new Date(Date.now() + 600000));
    console.log('prepare', plan.cells, performance.now() - t);
    t = performance.now();
    const c = process.cpuUsage();
    await cohort.noisedVector(plan, new BigInt64Array(plan.values), new Date(Date.now() + 600000));
    const u = process.cpuUsage(c);
    console.log('open', performance.now() - t, 'cpu', (u.user + u.system) / 1000, 'per sum', (u.user + u.system) / 1000 / plan.cells, plan.deadlineSeconds);
  }
});
