/**
 * Encrypted columns between real processes: lu hands its columns over and deletes its rows, a query is
 * released, a deeper one is refused, the columns are deleted. With so large a budget that noise is 0.
 */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { type SignedErasure, verifyErasure } from '../../src/audit/erasure.ts';
import { Institutions, json } from '../support/institutions.ts';

const PERSON = 'canary-person-7f3a91';
const LU = `patient_id,sex,age\n${PERSON}-1,F,34\n${PERSON}-2,M,61\n${PERSON}-3,F,70\n`;

const LIST = {
  format: 'kakehashi/columns/1',
  indicators: [{ where: { column: 'age', ge: 60 }, groupBy: ['sex'] }],
};

const query = (more: object) => ({
  format: 'kakehashi/query/1',
  groupBy: ['holder', 'sex'],
  measures: [{ name: 'people', count: true }],
  rho: '100/1',
  ...more,
});

const files = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

type Released = { release: { cells: { group: Record<string, string | null>; value: number }[] } };

const cellsOf = (out: string): Record<string, number> =>
  Object.fromEntries(
    (JSON.parse(out) as Released).release.cells.map(({ group, value }) => [
      `${group['holder'] ?? 'all'} ${group['sex'] ?? 'null'}`,
      value,
    ]),
  );

test('upload, release, refusal, deletion', async () => {
  const here = new Institutions();
  const { lu: service } = await here.open({ rho: '1000/1', csv: { lu: LU } });
  const lu = ['--data', here.data('lu')];
  const study = ['--study', here.study];
  const list = here.at('list.json');
  writeFileSync(list, JSON.stringify(LIST));
  const rows = path.join(here.data('lu'), 'cohorts', `${here.study}.duckdb`);
  ok(existsSync(rows));
  const uploaded = await json([
    'columns',
    'upload',
    ...study,
    '--list',
    list,
    '--forget-rows',
    ...lu,
  ]);
  strictEqual(uploaded['state'], 'ready');
  strictEqual(uploaded['columns'], 1 + 3 + 3 + 4);
  ok(!existsSync(rows));

  const first = await here.ask(query({}));
  strictEqual(first.code, 0, first.err);
  const half = { 'jp F': 2, 'jp M': 1, 'jp null': 0, 'lu F': 2, 'lu M': 1, 'lu null': 0 };
  deepStrictEqual(cellsOf(first.out), { ...half, 'all F': 4, 'all M': 2, 'all null': 0 });
  const older = await here.ask(query({ where: { column: 'age', ge: 60 } }));
  strictEqual(older.code, 0, older.err);
  strictEqual(cellsOf(older.out)['lu F'], 1);
  strictEqual(cellsOf(older.out)['lu M'], 1);

  const deep = await here.ask(query({ where: { column: 'age', ge: 61 } }));
  strictEqual(deep.code, 2, deep.err);
  match(deep.out, /problem:DEPTH.*"\/where".*NOT_UPLOADED/s);

  // The sandbox has ciphertexts and not one row.
  const stored = files(here.data('sandbox'));
  const blobs = stored.filter((file) => file.includes(`${path.sep}blobs${path.sep}`));
  ok(blobs.some((file) => statSync(file).size === 196_672));
  ok(stored.every((file) => !readFileSync(file).includes(PERSON)));
  ok(readFileSync(here.at('lu.csv')).includes(PERSON), 'control: it is in the input');

  await service.kill('SIGTERM');
  await here.holder('lu');
  const statement = (await json([
    'columns',
    'delete',
    ...study,
    ...lu,
  ])) as unknown as SignedErasure;
  const draft = JSON.parse(readFileSync(here.studyFile, 'utf8')) as {
    study: { holders: { name: string; identity: string }[] };
  };
  const identity = draft.study.holders.find(({ name }) => name === 'lu')!.identity;
  verifyErasure(statement, identity);
  strictEqual(statement.erasure.sandbox?.ciphertexts, 11);
  const left = files(here.data('sandbox')).filter((file) => blobs.includes(file));
  ok(left.every((file) => statSync(file).size < 196_672));
  const after = await here.ask(query({ groupBy: [] }));
  match(after.out, /problem:COHORT_MISSING/);
}, 120_000);
