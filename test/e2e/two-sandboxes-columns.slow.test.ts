/**
 * Encrypted columns where two processes of a sandbox serve one address: uploaded through both, summed by whichever is
 * asked, and still there when one of them is killed, in the middle of an upload and of a query. The budget is so large
 * that noise is 0.
 */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import { command, json, type Service } from '../support/institutions.ts';
import { hasPostgres } from '../support/postgres.ts';
import { SharedSandbox } from '../support/shared-sandbox.ts';

const LU = 'patient_id,sex,age\na,F,34\nb,M,61\nc,F,70\n';
const LIST = {
  format: 'kakehashi/columns/1',
  indicators: [{ where: { column: 'age', ge: 60 }, groupBy: ['sex'] }],
};

const query = (rho: string) => ({
  format: 'kakehashi/query/1',
  groupBy: ['sex'],
  where: { column: 'age', ge: 60 },
  measures: [{ name: 'people', count: true }],
  rho,
});

const urlOf = ({ ready }: Service): string => String(ready['url']);

type Released = { release: { cells: { group: { sex: string | null }; value: number }[] } };

function right(out: string): void {
  const { cells } = (JSON.parse(out) as Released).release;
  const values = cells.map(({ group, value }) => [group.sex, value]);
  // lu has b and c, jp two of its three.
  deepStrictEqual(Object.fromEntries(values), { F: 2, M: 1, null: 0 });
}

describe.skipIf(!hasPostgres)('two processes of a sandbox', () => {
  test('columns go in and come out through both, and either may die', async () => {
    const here = new SharedSandbox();
    const { processes, balancer } = await here.shared({ rho: '1000/1', csv: { lu: LU } });
    const list = here.at('list.json');
    writeFileSync(list, JSON.stringify(LIST));
    const upload = ['columns', 'upload', '--study', here.study, '--list', list, '--json'];
    upload.push('--forget-rows', '--data', here.data('lu'));
    const uploading = command(upload);
    await sleep(2000);
    await processes[1].kill('SIGKILL');
    const first = await uploading;
    // An upload that was cut off goes on where it was.
    const uploaded = first.code === 0 ? first : await command(upload);
    strictEqual(uploaded.code, 0, uploaded.out + uploaded.err);
    strictEqual((JSON.parse(uploaded.out) as { state: string }).state, 'ready');

    balancer.move(1, urlOf(await here.process('second')));
    const whole = await here.ask(query('100/1'));
    strictEqual(whole.code, 0, whole.out + whole.err);
    right(whole.out);

    const asked = here.ask(query('101/1'));
    await sleep(1500);
    await processes[0].kill('SIGKILL');
    const cut = await asked;
    const answer = cut.code === 0 ? cut : await here.ask(query('101/1'));
    strictEqual(answer.code, 0, answer.out + answer.err);
    right(answer.out);

    const gone = await json([
      'columns',
      'delete',
      '--study',
      here.study,
      '--data',
      here.data('lu'),
    ]);
    const { erasure } = gone as { erasure: { sandbox: { ciphertexts: number } } };
    strictEqual(erasure.sandbox.ciphertexts, 11);
  }, 300_000);
});
