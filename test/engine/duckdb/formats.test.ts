/** Every format gives the stored rows of the CSV of the same rows, byte for byte: the same epoch. */
import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import {
  Binary,
  Float64,
  Int32,
  List,
  RecordBatchReader,
  Field,
  TimestampSecond,
  Utf8,
} from 'apache-arrow';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { load, section } from './loaded.ts';
import {
  type ArrowColumns,
  arrowFile,
  arrowStream,
  arrowTable,
  EVERY_TYPE,
  parquet,
} from './typed-files.ts';

const number = (min: number, max: number, step: string) => ({ type: 'number', min, max, step });
const date = { type: 'date', min: '1960-01-01', max: '2025-12-31' };
const COHORT = section({
  columns: {
    sex: { type: 'category', domain: ['F', 'M', '女'] },
    age: { type: 'integer', min: 0, max: 110 },
    score: number(0, 20, '1/1000000'),
    hba1c: number(3, 20, '1/100'),
    f32: number(0, 10, '1/1000000'),
    dose: number(-1, 100, '1/100'),
    visit: date,
    seen: date,
    born: date,
    flag: { type: 'category', domain: ['true', 'false'] },
  },
});

describe('one column of every type, the same epoch as the CSV', () => {
  const table = () => arrowTable(EVERY_TYPE.arrow);
  const formats: [string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['Parquet', () => parquet(EVERY_TYPE.parquet)],
    ['an Arrow file', () => arrowFile(table())],
    ['an Arrow stream', () => arrowStream(table())],
  ];
  for (const [name, make] of formats) {
    test(name, async () => {
      const { report } = await load(COHORT, [EVERY_TYPE.csv]);
      equal(report.rows, 4);
      equal(report.columns.find((column) => column.name === 'visit')?.nulls, 1);
      const directory = scratch();
      deepStrictEqual((await load(COHORT, [await make()], { directory })).report, report);
      equal(readdirSync(directory).length, 2);
    });
  }

  test('mixed, each with its own order of columns', async () => {
    const few = section({ columns: { age: { type: 'integer', min: 0, max: 110 } } });
    const csv = 'pid,age\n1,10\n2,20\n3,30\n4,40\n';
    const columns: ArrowColumns = { age: [new Float64(), [30]], pid: [new Utf8(), ['3']] };
    const mixed = [
      'age;x;pid\n10;;1\n',
      await parquet(`SELECT 20 AS age, [1, 2] AS list, '2' AS pid`),
      arrowFile(arrowTable(columns)),
      arrowStream(arrowTable({ pid: [new Int32(), [4]], age: [new Int32(), [40]] })),
    ];
    const { report } = await load(few, mixed);
    deepStrictEqual(report, (await load(few, [csv])).report);
  });

  test('many batches and row groups', async () => {
    const rows = 30_000;
    const pids = Array.from({ length: rows }, (_, i) => i);
    const few = section({ columns: { hba1c: number(3, 20, '1/10') } });
    const csv = `pid,hba1c\n${pids.map((i) => `${i},${(i % 97) / 4}\n`).join('')}`;
    const { report } = await load(few, [csv]);
    const columns: ArrowColumns = {
      pid: [new Int32(), pids],
      hba1c: [new Float64(), pids.map((i) => (i % 97) / 4)],
    };
    const sql = `SELECT i AS pid, (i % 97) / 4 AS hba1c FROM range(${rows}) AS t(i)`;
    deepStrictEqual((await load(few, [arrowStream(arrowTable(columns, 7_001))])).report, report);
    deepStrictEqual((await load(few, [await parquet(sql)])).report, report);
  });

  test('quotes in names, nested columns that are not used, names that differ in case only, no rows', async () => {
    const cohort = section({ columns: { 'a"g); e': { type: 'integer', min: 0, max: 110 } } });
    const sql = `SELECT 1 AS pid, {'pid': 7} AS s, 6 AS "a""g); e"`;
    deepStrictEqual(
      (await load(cohort, [await parquet(sql)])).report,
      (await load(cohort, ['pid,"a""g); e"\n1,6\n'])).report,
    );
    const columns: ArrowColumns = {
      pid: [new Int32(), [1]],
      'A"g); e': [new Int32(), [5]],
      'a"g); e': [new Int32(), [6]],
    };
    const { report } = await load(cohort, ['pid,"a""g); e"\n1,6\n']);
    deepStrictEqual((await load(cohort, [arrowFile(arrowTable(columns))])).report, report);
    const empty = [await parquet(`${sql} LIMIT 0`), arrowStream(arrowTable({}))];
    await rejects(load(cohort, empty.slice(0, 1)), refusal('COHORT_EMPTY'));
    await rejects(load(cohort, empty.slice(1)), refusal('COHORT_COLUMN_MISSING'));
  });
});

describe('large things', () => {
  const few = section({ columns: { age: { type: 'integer', min: 0, max: 110 } } });

  test('2,000 columns of which two are used', async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i}`);
    const csv = `${['pid', ...names, 'age'].join(',')}\n1,${',1'.repeat(1999)},40\n`.replace(
      '1,,1',
      '1,1,1',
    );
    const sql = `SELECT 1 AS pid, ${names.map((name) => `1 AS ${name}`).join(', ')}, 40 AS age`;
    const { report } = await load(few, ['pid,age\n1,40\n']);
    deepStrictEqual((await load(few, [csv])).report, report);
    deepStrictEqual((await load(few, [await parquet(sql)])).report, report);
  });

  test('a field of 5 MB is data in Parquet and Arrow, and no field of a CSV', async () => {
    const huge = 'x'.repeat(5_000_000);
    const columns: ArrowColumns = { pid: [new Utf8(), [huge, '2']], age: [new Int32(), [1, 2]] };
    const sql = `SELECT repeat('x', 5000000) AS pid, 1 AS age UNION ALL SELECT '2', 2`;
    const { report } = await load(few, [arrowFile(arrowTable(columns))]);
    equal(report.people, 2);
    deepStrictEqual((await load(few, [await parquet(sql)])).report, report);
    const csv = load(few, [`pid,age\n${huge},1\n2,2\n`]);
    await rejects(csv, refusal('COHORT_UNREADABLE'));
  });
});

describe('refused', () => {
  const few = section({ columns: { age: { type: 'integer', min: 0, max: 110 } } });
  const good = (): ArrowColumns => ({
    pid: [new Int32(), [1, 2, 3]],
    age: [new Int32(), [10, 20, 30]],
  });
  const texts = (): ArrowColumns => ({ ...good(), pid: [new Utf8(), ['aa', 'bb', 'cc']] });
  const cut = (bytes: Uint8Array, by: number): Uint8Array => bytes.subarray(0, bytes.length - by);
  const broken = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[at] = value;
    return copy;
  };
  const indexOf = (bytes: Uint8Array, text: string): number => Buffer.from(bytes).indexOf(text);

  const cases: [string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
    [
      'a Parquet file without its end',
      async () => cut(await parquet('SELECT 1 AS pid, 2 AS age'), 9),
      /truncated parquet/,
    ],
    ['four bytes of Parquet', () => Buffer.from('PAR1'), /truncated parquet/],
    [
      'a Parquet file that is all middle',
      () => Buffer.from(`PAR1${'x'.repeat(200)}PAR1`),
      /damaged Parquet/,
    ],
    [
      'an Arrow file without its end',
      () => cut(arrowFile(arrowTable(good())), 30),
      /truncated arrow-file/,
    ],
    [
      'an Arrow stream without its end',
      () => cut(arrowStream(arrowTable(good())), 8),
      /truncated arrow-stream/,
    ],
    [
      'an Arrow stream cut inside a batch, with an end',
      () =>
        Buffer.concat([
          cut(arrowStream(arrowTable(good())), 40),
          Uint8Array.from([255, 255, 255, 255, 0, 0, 0, 0]),
        ]),
      /damaged Arrow/,
    ],
    [
      'text in Arrow that is not UTF-8',
      () => {
        const bytes = arrowStream(arrowTable(texts(), 3));
        return broken(bytes, indexOf(bytes, 'aabbcc'), 0xff);
      },
      /not UTF-8/,
    ],
    [
      'a timestamp with a zone',
      () =>
        arrowFile(
          arrowTable({ ...good(), age: [new TimestampSecond('Asia/Tokyo'), [1000, 2000, 3000]] }),
        ),
      /column age: a timestamp with a time zone/,
    ],
    [
      'a timestamp with a zone in Parquet',
      () => parquet(`SELECT 1 AS pid, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS age`),
      /column age: values of type TIMESTAMP WITH TIME ZONE/,
    ],
    [
      'bytes',
      () =>
        arrowFile(
          arrowTable({
            ...good(),
            age: [new Binary(), [1, 2, 3].map((b) => Uint8Array.from([b]))],
          }),
        ),
      /column age: values of type Binary/,
    ],
    [
      'bytes in Parquet',
      () => parquet(`SELECT 1 AS pid, '\\x01'::BLOB AS age`),
      /column age: values of type BLOB/,
    ],
    [
      'a list',
      () =>
        arrowFile(
          arrowTable({
            ...good(),
            age: [new List(new Field('item', new Int32())), [[1], [2], [3]]],
          }),
        ),
      /column age: values of type List/,
    ],
    [
      'a list in Parquet',
      () => parquet('SELECT 1 AS pid, [1] AS age'),
      /column age: values of type INTEGER\[\]/,
    ],
    ['a gzip', () => Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0]), /gzip/],
    ['a spreadsheet', () => Buffer.from('PK\x03\x04......'), /spreadsheet/],
    ['an encrypted Parquet file', () => Buffer.from('PARE....PARE'), /encrypted/],
  ];
  for (const [name, make, detail] of cases) {
    test(name, async () => {
      const directory = scratch();
      const content = await make();
      await rejects(load(few, [content], { directory }), (error) => {
        ok(error instanceof Refusal && refusal('COHORT_UNREADABLE')(error));
        ok(detail.test(error.detail), error.detail);
        equal(error.cause, undefined);
        return true;
      });
      deepStrictEqual(readdirSync(directory), ['part-0.csv']);
    });
  }

  test('a column twice or missing', async () => {
    const none = arrowFile(arrowTable({ pid: [new Int32(), [1]], Age: [new Int32(), [1]] }));
    await rejects(load(few, [none]), refusal('COHORT_COLUMN_MISSING'));
    const missing = await parquet('SELECT 1 AS pid, 2 AS "Age"');
    await rejects(load(few, [missing]), refusal('COHORT_COLUMN_MISSING'));
    const twice = arrowTable({
      pid: [new Int32(), [1]],
      age: [new Int32(), [1]],
      'age ': [new Int32(), [1]],
    });
    await rejects(load(few, [arrowFile(twice)]), refusal('COHORT_COLUMN_TWICE'));
  });

  test('a record batch that is a message of no kind: refused, not read for ever', async () => {
    const bytes = arrowFile(arrowTable(good(), 3));
    const reader = RecordBatchReader.from(bytes).open();
    const [block] = reader.isFile() ? (reader.footer?.recordBatches() ?? []) : [];
    ok(block !== undefined);
    // The highest byte of the root offset of its metadata.
    await rejects(
      load(few, [broken(bytes, block.offset + 11, 0x5a)]),
      refusal('COHORT_UNREADABLE'),
    );
    equal((await load(few, [bytes])).report.rows, 3);
  });
});
