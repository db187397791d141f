/**
 * The cells of a release as an Arrow IPC file: one row a cell, as in the CSV, with types, and what
 * the numbers mean in the metadata of the schema.
 *
 *     <group columns>    utf8, null for the extra cell of an axis and for the holder of a pooled cell
 *     measure, unit      utf8
 *     value, low, high   float64, null where suppressed;  noise float64;  suppressed bool
 *
 * Metadata: `kakehashi.format`, `.study`, `.run` (64 hexadecimal digits), `.query`, `.privacy` (JSON).
 * @module
 */
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Release } from '../client/release.ts';
import { groupColumns } from './release-columns.ts';

export const ARROW_FORMAT = 'kakehashi/release-arrow/1';

export type ArrowRelease = Pick<Release, 'id' | 'query' | 'cells' | 'privacy'> & {
  readonly receipt: Pick<Release['receipt'], 'study'>;
};

type Column = {
  readonly field: Field;
  readonly values: readonly (string | number | boolean | null)[];
};

export function releaseArrow({ id, query, cells, privacy, receipt }: ArrowRelease): Uint8Array {
  const column = (name: string, type: DataType, values: Column['values']): Column => ({
    field: new Field(name, type, values.includes(null)),
    values,
  });
  const columns: Column[] = [
    ...groupColumns(cells).map(({ title, axis }) =>
      column(
        title,
        new Utf8(),
        cells.map(({ group }) => group[axis] ?? null),
      ),
    ),
    column(
      'measure',
      new Utf8(),
      cells.map(({ measure }) => measure),
    ),
    column(
      'value',
      new Float64(),
      cells.map(({ value }) => value),
    ),
    column(
      'unit',
      new Utf8(),
      cells.map(({ unit }) => unit),
    ),
    column(
      'low',
      new Float64(),
      cells.map(({ interval }) => interval?.[0] ?? null),
    ),
    column(
      'high',
      new Float64(),
      cells.map(({ interval }) => interval?.[1] ?? null),
    ),
    column(
      'noise',
      new Float64(),
      cells.map(({ noise }) => noise),
    ),
    column(
      'suppressed',
      new Bool(),
      cells.map(({ suppressed }) => suppressed),
    ),
  ];
  const metadata = new Map([
    ['kakehashi.format', ARROW_FORMAT],
    ['kakehashi.study', receipt.study],
    ['kakehashi.run', id],
    ['kakehashi.query', canonicalJson(query)],
    ['kakehashi.privacy', canonicalJson(privacy)],
  ]);
  const fields = columns.map(({ field }) => field);
  const children = columns.flatMap(
    ({ field, values }) => vectorFromArray(values, field.type).data as readonly Data[],
  );
  const data = makeData({ type: new Struct(fields), length: cells.length, nullCount: 0, children });
  const batch = new RecordBatch(new Schema(fields, metadata), data);
  return RecordBatchFileWriter.writeAll([batch]).toUint8Array(true);
}
