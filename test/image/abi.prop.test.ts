/** Tables are what their layout says, read by a decoder of the test's own; records of any bytes are decoded or are none. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import {
  type AnswerBounds,
  type ColumnValues,
  readRecord,
  recordBytes,
  writeTable,
} from '../../src/image/abi.ts';
import { readTable } from '../support/image-table.ts';

type Row = readonly [bigint | null, number | null, number | null];

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { nil: null }),
  fc.option(fc.double({ noNaN: true }), { nil: null }),
  fc.option(fc.integer(), { nil: null }),
);

/** Every third row begins another person; pieces of every column are cut at `cut`. */
function tableOf(rows: readonly Row[], cut: number): Uint8Array {
  const column = (values: ColumnValues, at: number) =>
    [[0, cut] as const, [cut, rows.length] as const].map(([from, to]) => ({
      values,
      from,
      to,
      isValid: (i: number) => rows[i]?.[at] !== null,
    }));
  const starts = rows.flatMap((_, i) => (i % 3 === 0 ? [i] : []));
  return writeTable(
    ['int64', 'float64', 'category'],
    [
      column(
        BigInt64Array.from(rows, ([a]) => a ?? 99n),
        0,
      ),
      column(
        Float64Array.from(rows, ([, b]) => b ?? 99),
        1,
      ),
      column(
        Int32Array.from(rows, ([, , c]) => c ?? 99),
        2,
      ),
    ],
    rows.length,
    starts,
  );
}

test('a table is read back', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.nat(40), (rows, at) => {
      const read = readTable(tableOf(rows, Math.min(at, rows.length)));
      deepStrictEqual(read.rows, rows);
      deepStrictEqual(read.starts, [
        ...rows.flatMap((_, i) => (i % 3 === 0 ? [i] : [])),
        rows.length,
      ]);
    }),
  );
});

const FIELDS: readonly AnswerBounds[] = [
  { min: -5n, max: 5n, default: 0n },
  { min: 0n, max: 2n ** 16n, default: 7n },
];

test('any bytes are a record within the bounds, or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, header) => {
      const record = new Uint8Array(bytes);
      if (header && record.length >= 8) record.set([1, 0, 0, 0, 2, 0, 0, 0]);
      const answers = readRecord(record, FIELDS);
      if (answers === undefined) return;
      deepStrictEqual(record.length, recordBytes(2));
      answers.forEach((answer, i) => {
        const { min, max } = FIELDS[i] as AnswerBounds;
        ok(answer >= min && answer <= max);
      });
    }),
  );
});

test('too many fields, too few, another version: none; out of range: the bound', () => {
  const record = (version: number, count: number, ...values: bigint[]): Uint8Array => {
    const bytes = new Uint8Array(recordBytes(values.length));
    const view = new DataView(bytes.buffer);
    view.setUint32(0, version, true);
    view.setUint32(4, count, true);
    values.forEach((value, i) => {
      view.setBigInt64(8 + 8 * i, value, true);
    });
    return bytes;
  };
  deepStrictEqual(readRecord(record(1, 2, 3n, 4n), FIELDS), [3n, 4n]);
  deepStrictEqual(readRecord(record(1, 2, -99n, 2n ** 40n), FIELDS), [-5n, 2n ** 16n]);
  for (const bad of [
    record(0, 2, 3n, 4n),
    record(1, 3, 3n, 4n),
    record(1, 1, 3n),
    record(1, 3, 1n, 2n, 3n),
  ]) {
    deepStrictEqual(readRecord(bad, FIELDS), undefined);
  }
});
