/** The same typed rows as CSV, Parquet and Arrow, as other programs would write them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  Bool,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Table,
  TimestampMicrosecond,
  Uint8,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { scratch } from '../../support/scratch.ts';

/** Rows of a Parquet file from SQL, in row groups of `rowGroup`. */
export async function parquet(sql: string, rowGroup = 2048): Promise<Uint8Array> {
  const file = path.join(scratch(), 'rows.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (${sql}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE ${rowGroup}, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
  return readFileSync(file);
}

export type ArrowColumns = Readonly<Record<string, readonly [DataType, readonly unknown[]]>>;

/** A table, cut into record batches of `batch` rows. */
export function arrowTable(columns: ArrowColumns, batch = 2): Table {
  const vectors: Record<string, Vector> = Object.fromEntries(
    Object.entries(columns).map(([name, [type, values]]) => [name, vectorFromArray(values, type)]),
  );
  const whole = new Table(vectors);
  const schema = new Schema(Object.entries(vectors).map(([n, v]) => new Field(n, v.type, true)));
  const parts = Array.from({ length: Math.ceil(whole.numRows / batch) }, (_, i) =>
    whole.slice(i * batch, (i + 1) * batch),
  );
  return new Table(
    schema,
    parts.flatMap(({ batches }) => batches),
  );
}

export const arrowFile = (table: Table): Uint8Array =>
  RecordBatchFileWriter.writeAll(table).toUint8Array(true);
export const arrowStream = (table: Table): Uint8Array =>
  RecordBatchStreamWriter.writeAll(table).toUint8Array(true);

const micro = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

/** One column of every type, with a null in each, and the CSV of the same values. */
export const EVERY_TYPE = {
  csv: [
    'pid,sex,age,score,hba1c,f32,dose,visit,seen,born,flag',
    '9007199254740993,F,40,12,5.6,0.1,1.50,2020-02-29,2020-01-31 23:59:59.5,1969-12-31,true',
    '2,女,,1e-5,6.55,5.6,-0.05,1969-12-31,1969-12-31 23:59:59.999999,2020-01-01,false',
    ',M,7,1.5,8,2.5,1.50,2020-01-01,2020-01-01 00:00:00,2020-01-01,true',
    '2,,120,,,,,,,,',
    '4,M,0,nan,1e16,1e-3,99.99,2021-12-31,2021-12-31 12:00:00,1970-01-01,true',
    '',
  ].join('\n'),
  parquet: `SELECT * FROM (VALUES
    (9007199254740993::BIGINT, 'F', 40::UTINYINT, 12::DOUBLE, 5.6::DOUBLE, 0.1::FLOAT,
      1.50::DECIMAL(6,2), DATE '2020-02-29', TIMESTAMP '2020-01-31 23:59:59.5',
      DATE '1969-12-31', true),
    (2, '女', NULL, 1e-5, 6.55, 5.6, -0.05, DATE '1969-12-31',
      TIMESTAMP '1969-12-31 23:59:59.999999', DATE '2020-01-01', false),
    (NULL, 'M', 7, 1.5, 8, 2.5, 1.50, DATE '2020-01-01', TIMESTAMP '2020-01-01',
      DATE '2020-01-01', true),
    (2, NULL, 120, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (4, 'M', 0, 'nan', 1e16, 1e-3, 99.99, DATE '2021-12-31', TIMESTAMP '2021-12-31 12:00:00',
      DATE '1970-01-01', true)
  ) AS t(pid, sex, age, score, hba1c, f32, dose, visit, seen, born, flag)`,
  arrow: {
    pid: [new Int64(), [9007199254740993n, 2n, null, 2n, 4n]],
    sex: [new Dictionary(new Utf8(), new Int32()), ['F', '女', 'M', null, 'M']],
    age: [new Uint8(), [40, null, 7, 120, 0]],
    score: [new Float64(), [12, 1e-5, 1.5, null, Number.NaN]],
    hba1c: [new Float64(), [5.6, 6.55, 8, null, 1e16]],
    f32: [new Float32(), [0.1, 5.6, 2.5, null, 1e-3]],
    dose: [
      new Decimal(2, 6),
      [150n, -5n, 150n, null, 9999n].map((v) => (v === null ? null : words(v))),
    ],
    visit: [
      new DateDay(),
      ['2020-02-29', '1969-12-31', '2020-01-01', null, '2021-12-31'].map((v) =>
        v === null ? null : day(v),
      ),
    ],
    seen: [
      new TimestampMicrosecond(),
      [
        micro('2020-01-31 23:59:59.500'),
        -0.001,
        micro('2020-01-01 00:00:00'),
        null,
        micro('2021-12-31 12:00:00'),
      ],
    ],
    born: [
      new DateMillisecond(),
      ['1969-12-31', '2020-01-01', '2020-01-01', null, '1970-01-01'].map((v) =>
        v === null ? null : day(v),
      ),
    ],
    flag: [new Bool(), [true, false, true, null, true]],
  } satisfies ArrowColumns,
} as const;

/** A 128-bit integer as little-endian words. */
function words(value: bigint): Uint32Array {
  const bits = BigInt.asUintN(128, value);
  return Uint32Array.from([0n, 32n, 64n, 96n], (at) => Number((bits >> at) & 0xffffffffn));
}
