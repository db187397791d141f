/** A release as CSV and Arrow: every number arrives, nothing runs in a spreadsheet, nothing is overwritten. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { describe, test } from 'vitest';
import type { ReleaseCell } from '../../src/analysis/release-table.ts';
import { releaseArrow } from '../../src/cli/release-arrow.ts';
import { groupColumns } from '../../src/cli/release-columns.ts';
import { releaseCsv } from '../../src/cli/release-csv.ts';
import { printRelease, releaseTarget } from '../../src/cli/release-output.ts';
import type { Release } from '../../src/client/release.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const CELLS: readonly ReleaseCell[] = [
  {
    group: { holder: 'lu', arm: '=SUM(A1)', age: '-5' },
    measure: 'people',
    value: -3,
    unit: '1',
    interval: [-10.5, 4.25],
    noise: 7.5,
    suppressed: false,
  },
  {
    group: { arm: 'a,"b"', age: null },
    measure: 'people',
    value: null,
    unit: '1',
    interval: null,
    noise: 7.5,
    suppressed: true,
  },
];
const RELEASE = {
  id: 'a'.repeat(64),
  query: { format: 'kakehashi/query/1' },
  cells: CELLS,
  curves: [],
  tests: [],
  privacy: {
    unit: 'person',
    rho: '1/200',
    epsilon: '1.1',
    delta: '1/1000000',
    honestHolders: 1,
    outsider: { rho: '1/400', epsilon: '0.8' },
  },
  spent: {},
  left: {},
  receipt: { study: 'b'.repeat(64), run: 'a'.repeat(64), plan: '', released: '', holders: [] },
} as unknown as Release;
const ANSWER = { json: { release: 1 }, lines: ['a table'], release: RELEASE };

const written = () => {
  const out: string[] = [];
  const io = { out: (text: string) => out.push(text), err: () => {} } as never;
  return { io, out };
};

describe('CSV', () => {
  test('RFC 4180, formulas disarmed, numbers as they are', () => {
    equal(
      releaseCsv(CELLS),
      'holder,arm,age,measure,value,unit,low,high,noise,suppressed\r\n' +
        "lu,'=SUM(A1),-5,people,-3,1,-10.5,4.25,7.5,false\r\n" +
        ',"a,""b""",,people,,1,,,7.5,true\r\n',
    );
  });

  test('an axis that is called like a column of the cells', () => {
    const cells = [{ ...CELLS[0], group: { unit: 'a', group_unit: 'b' } } as ReleaseCell];
    const titles = groupColumns(cells).map(({ title }) => title);
    deepStrictEqual(titles, ['group_group_unit', 'group_unit']);
  });

  test('no cells are a header', () => equal(releaseCsv([]).split('\r\n').length, 2));
});

describe('Arrow', () => {
  test('comes back with types, nulls and what the numbers mean', () => {
    const table = tableFromIPC(releaseArrow(RELEASE));
    deepStrictEqual(
      table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`),
      [
        ...['holder Utf8', 'arm Utf8', 'age Utf8', 'measure Utf8', 'value Float64', 'unit Utf8'],
        ...['low Float64', 'high Float64', 'noise Float64', 'suppressed Bool'],
      ],
    );
    deepStrictEqual(
      table.toArray().map((row: { toJSON: () => object }) => row.toJSON()),
      CELLS.map(({ group, measure, value, unit, interval, noise, suppressed }) => ({
        holder: group['holder'] ?? null,
        arm: group['arm'] ?? null,
        age: group['age'] ?? null,
        measure,
        value,
        unit,
        low: interval?.[0] ?? null,
        high: interval?.[1] ?? null,
        noise,
        suppressed,
      })),
    );
    const { metadata } = table.schema;
    equal(metadata.get('kakehashi.study'), 'b'.repeat(64));
    equal(metadata.get('kakehashi.run'), 'a'.repeat(64));
    deepStrictEqual(JSON.parse(metadata.get('kakehashi.privacy') ?? ''), RELEASE.privacy);
    deepStrictEqual(JSON.parse(metadata.get('kakehashi.query') ?? ''), RELEASE.query);
    equal(tableFromIPC(releaseArrow({ ...RELEASE, cells: [] })).numRows, 0);
  });
});

describe('where it goes', () => {
  test('stdout, or a new file', async () => {
    for (const [flags, text] of [
      [{}, 'a table\n'],
      [{ json: true }, '{"release":1}\n'],
      [{ format: 'json' }, '{"release":1}\n'],
      [{ format: 'csv' }, releaseCsv(CELLS)],
    ] as const) {
      const { io, out } = written();
      await printRelease(io, ANSWER, await releaseTarget(flags));
      deepStrictEqual(out, [text]);
      const file = path.join(scratch(), 'out');
      await printRelease(io, ANSWER, await releaseTarget({ ...flags, out: file }));
      equal(readFileSync(file, 'utf8'), text);
    }
    const file = path.join(scratch(), 'out.arrow');
    const { io, out } = written();
    await printRelease(io, ANSWER, await releaseTarget({ format: 'arrow', out: file }));
    deepStrictEqual(out, [`${file}\n`]);
    equal(tableFromIPC(readFileSync(file)).numRows, 2);
  });

  test('refused before a query runs', async () => {
    const file = path.join(scratch(), 'there');
    writeFileSync(file, '');
    await rejects(releaseTarget({ format: 'csv', out: file }), refusal('FILE_EXISTS'));
    await rejects(releaseTarget({ format: 'arrow' }), refusal('USAGE'));
    await rejects(releaseTarget({ format: 'csv', json: true }), refusal('USAGE'));
  });

  test('a query that was not released has no cells', async () => {
    const { json, lines } = ANSWER;
    const printing = printRelease(written().io, { json, lines }, { format: 'csv' });
    await rejects(printing, refusal('NOT_FOUND'));
  });
});
