/** One person, however many rows: how far the vector moves, and which rows count (rulings, test 6). */
import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../../src/base/canonical-json.ts';
import { csv } from './csv-text.ts';
import { load, section } from './loaded.ts';
import type { TextRow } from './twin.ts';

const HEADER = ['pid', 'sex', 'age', 'hba1c', 'visit'];
const QUERY: Record<string, Json> = {
  groupBy: ['sex', { column: 'age', bins: [0, 20, 40, 60, 111] }],
};
const ordinary: TextRow[] = Array.from({ length: 300 }, (_, i) => ({
  pid: `p${i % 100}`,
  sex: i % 3 === 0 ? 'F' : 'M',
  age: String((i * 7) % 100),
  hba1c: '5.6',
  visit: '2020-01-01',
}));
const crowd = (pid: string, size: number): TextRow[] =>
  Array.from({ length: size }, (_, i) => ({
    pid,
    sex: ['F', 'M', 'X'][i % 3]!,
    age: String(i % 130),
    hba1c: String(i % 25),
    visit: '2020-01-01',
  }));
const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item, i) => [(i * 7919) % 10_007, item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);

const difference = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value - b[i]!);

describe('a person with very many rows', () => {
  for (const [size, rowsPerPerson, cellsPerPerson] of [
    [3_000, 1, 1],
    [100_000, 5, 2],
    [3_000, 8, 8],
  ] as const) {
    test(`${size}: moves at most ${cellsPerPerson} cells by at most ${rowsPerPerson} altogether`, async () => {
      const cohort = section({ rowsPerPerson, cellsPerPerson });
      const without = await load(cohort, [csv(HEADER, ordinary)]);
      const within = await load(cohort, [csv(HEADER, [...ordinary, ...crowd('crowd', size)])]);
      const moved = difference(await within.cells(QUERY), await without.cells(QUERY));
      ok(moved.every((n) => n >= 0 && n <= rowsPerPerson));
      ok(moved.filter((n) => n !== 0).length <= cellsPerPerson);
      const total = moved.reduce((a, b) => a + b, 0);
      ok(total >= 1 && total <= rowsPerPerson);
      if (cellsPerPerson >= rowsPerPerson) equal(total, rowsPerPerson);
      deepStrictEqual([...within.log, ...without.log], []);
    });
  }
});

describe('the rows that count', () => {
  const cohort = section({ rowsPerPerson: 2, cellsPerPerson: 1 });
  const rows = [...ordinary, ...crowd('crowd', 2_000)];

  test('do not depend on the order of rows and files, on threads, or on the spelling of a value', async () => {
    const expected = await (await load(cohort, [csv(HEADER, rows)])).cells(QUERY);
    const spelled = rows.map((row) => ({
      ...row,
      age: ` ${row['age'] ?? ''}.0`,
      pid: ` ${row['pid'] ?? ''} `,
    }));
    for (const [files, threads] of [
      [[shuffled(rows)], 1],
      [[rows.slice(1_000), rows.slice(0, 1_000)], 2],
      [[spelled], 2],
    ] as const) {
      const texts = files.map((part) => csv(HEADER, part));
      deepStrictEqual(await (await load(cohort, texts, { threads })).cells(QUERY), expected);
    }
  });

  test('do not depend on other people', async () => {
    const alone = await (await load(cohort, [csv(HEADER, crowd('crowd', 2_000))])).cells(QUERY);
    const together = await (await load(cohort, [csv(HEADER, rows)])).cells(QUERY);
    const others = await (await load(cohort, [csv(HEADER, ordinary)])).cells(QUERY);
    deepStrictEqual(difference(together, others), alone);
  });

  test('are chosen among those that match: a filter first, the bound second', async () => {
    const loaded = await load(cohort, [csv(HEADER, crowd('crowd', 2_000))]);
    const old = await loaded.cells({ where: { column: 'age', ge: 100 }, groupBy: [] });
    deepStrictEqual(old, [2]);
  });

  test('a row copied many times is still one choice among many', async () => {
    const [first] = crowd('crowd', 1);
    const copies = Array.from({ length: 500 }, () => first!);
    const loaded = await load(cohort, [csv(HEADER, copies)]);
    deepStrictEqual(await loaded.cells({ groupBy: ['sex'] }), [2, 0, 0]);
  });
});
