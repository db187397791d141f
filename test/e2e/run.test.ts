/** `kakehashi run` on files: an answer, and each fault with its code, exit code and holder. */
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { type Answer, command } from '../support/institutions.ts';
import { scratch } from '../support/scratch.ts';

const holder = (name: string) => ({ name, country: 'LU', legalBasis: 'agreement' });
const each = <T>(value: T): Record<string, T> => ({ a: value, b: value, c: value });

/** Without any key, as `run` takes it; three holders. */
const STUDY = {
  format: 'kakehashi/study/1',
  title: 'Three registries',
  purpose: 'research',
  expires: '2099-12-31',
  holders: [holder('a'), { ...holder('b'), stewards: { need: 2, keys: [] } }, holder('c')],
  cohort: {
    person: 'id',
    rowsPerPerson: 1,
    cellsPerPerson: 1,
    declaredSize: each(1000),
    nulls: [''],
    columns: { sex: { type: 'category', domain: ['F', 'M'] } },
  },
  operations: ['count'],
  honestHolders: 1,
  images: [],
  linkage: null,
  minimumCell: 0,
  budget: each({ rho: '200/1', delta: '0/1' }),
};

/** Sigma 1/20: the noise is 0 but for one draw in 10^86. */
const QUERY = {
  format: 'kakehashi/query/1',
  groupBy: ['holder', 'sex'],
  measures: [{ name: 'people', count: true }],
  rho: '200/1',
};

const csv = (women: number, men: number): string =>
  [
    'id,sex',
    ...Array.from({ length: women + men }, (_, i) => `${i},${i < women ? 'F' : 'M'}`),
    '',
  ].join('\n');

class Files {
  readonly directory = scratch();

  put(name: string, content: object | string): string {
    const file = path.join(this.directory, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  run(
    change: { study?: object; query?: object; c?: string; more?: string[] } = {},
  ): Promise<Answer> {
    return command([
      'run',
      ...['--study', this.put('study.json', change.study ?? STUDY)],
      ...['--query', this.put('query.json', change.query ?? QUERY)],
      ...['--holder', `a=${this.put('a1.csv', csv(3, 4))},${this.put('a2.csv', 'sex,id\nM,x\n')}`],
      ...['--holder', `b=${this.put('b.csv', csv(5, 0))}`],
      ...['--holder', `c=${change.c ?? this.put('c.csv', csv(0, 6))}`],
      ...(change.more ?? []),
      '--json',
    ]);
  }
}

const problem = (out: string): Record<string, unknown> =>
  JSON.parse(out) as Record<string, unknown>;

describe('kakehashi run', () => {
  test('three holders, two files, two stewards: the counts', async () => {
    const files = new Files();
    const data = path.join(files.directory, 'data');
    const { code, out, err } = await files.run({ more: ['--data', data] });
    strictEqual(code, 0, err);
    const { release } = JSON.parse(out) as {
      release: { cells: { group: Record<string, string | null>; value: number }[] };
    };
    const counts = Object.fromEntries(
      release.cells.map(({ group, value }) => [Object.values(group).join(), value]),
    );
    deepStrictEqual(counts, {
      'a,F': 3,
      'a,M': 5,
      'a,': 0,
      'b,F': 5,
      'b,M': 0,
      'b,': 0,
      'c,F': 0,
      'c,M': 6,
      'c,': 0,
      F: 8,
      M: 11,
      '': 0,
    });
    deepStrictEqual(readdirSync(data).sort(), ['holders', 'keys', 'logs', 'sandbox']);
    // Kept, and of use without the services: the ledger of a holder.
    const ledger = await command(['ledger', '--data', path.join(data, 'holders', 'b')]);
    strictEqual(ledger.code, 0, ledger.err);
    match(ledger.out, /left\s+0\s+0/);
    // A directory that is in use is not touched.
    strictEqual((await files.run({ more: ['--data', data] })).code, 2);
  }, 60_000);

  test('a query beyond the budget: exit code 3, with the figures', async () => {
    const { code, out, err } = await new Files().run({ query: { ...QUERY, rho: '201/1' } });
    strictEqual(code, 3, err);
    const { type, asked, spent, left } = problem(out);
    deepStrictEqual(
      [type, asked, spent, left],
      ['urn:kakehashi:problem:BUDGET_EXHAUSTED', '201/1', '0/1', '200/1'],
    );
  }, 60_000);

  test('a fault of a file names its holder on stderr', async () => {
    const files = new Files();
    const c = files.put('bad.csv', 'id,gender\n1,F\n');
    const { code, out, err } = await files.run({ c });
    strictEqual(code, 1);
    strictEqual(problem(out)['type'], 'urn:kakehashi:problem:COHORT_COLUMN_MISSING');
    match(err, /holder c, .*sex/);
  }, 60_000);

  test('what is wrong in query or files is found before anything starts', async () => {
    const files = new Files();
    const began = Date.now();
    const query = await files.run({ query: { ...QUERY, groupBy: ['shoe'] } });
    strictEqual(query.code, 2);
    deepStrictEqual(problem(query.out)['errors'], [
      { pointer: '/groupBy/0', code: 'UNKNOWN_COLUMN' },
    ]);
    strictEqual((await files.run({ c: path.join(files.directory, 'none.csv') })).code, 2);
    strictEqual((await files.run({ more: ['--holder', 'd=x.csv'] })).code, 2);
    const expired = await files.run({ study: { ...STUDY, expires: '2026-01-01' } });
    strictEqual(problem(expired.out)['type'], 'urn:kakehashi:problem:STUDY_EXPIRED');
    ok(Date.now() - began < 20_000);
  }, 30_000);
});
