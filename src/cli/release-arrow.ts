/**
 * A table of a release as an Arrow IPC file: the columns of release-columns.ts as utf8, float64
 * and bool, null where suppressed, and what the numbers mean in the metadata of the schema.
 *
 * Metadata: `kakehashi.format`, `.table`, `.study`, `.run` (64 hexadecimal digits), `.query`,
 * `.privacy` (JSON).
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
import type { ReleaseTables } from '../analysis/release-table.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { Release } from '../client/release.ts';
import { releaseColumns, type ReleaseTableName, type TableColumn } from './release-columns.ts';

export const ARROW_FORMAT = 'kakehashi/release-arrow/2';

export type ArrowRelease = Pick<Release, 'id' | 'query' | 'privacy'> &
  ReleaseTables & { readonly receipt: Pick<Release['receipt'], 'study'> };

const TYPES = { text: new Utf8(), number: new Float64(), truth: new Bool() } as const;

const vectorOf = ({ type, values }: TableColumn): Data =>
  vectorFromArray([...values], TYPES[type] as DataType).data[0] as Data;

/** Columns with what they mean, as an Arrow IPC file. */
export function columnsArrow(
  columns: readonly TableColumn[],
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const fields = columns.map(
    ({ name, type, values }) =>
      new Field(name, TYPES[type], (values as readonly unknown[]).includes(null)),
  );
  const length = columns[0]?.values.length ?? 0;
  const children = columns.map(vectorOf);
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  const batch = new RecordBatch(new Schema(fields, new Map(metadata)), data);
  return RecordBatchFileWriter.writeAll([batch]).toUint8Array(true);
}

export function releaseArrow(release: ArrowRelease, table: ReleaseTableName): Uint8Array {
  const { id, query, privacy, receipt } = release;
  const columns = releaseColumns(release, table);
  const metadata = new Map([
    ['kakehashi.format', ARROW_FORMAT],
    ['kakehashi.table', table],
    ['kakehashi.study', receipt.study],
    ['kakehashi.run', id],
    ['kakehashi.query', canonicalJson(query)],
    ['kakehashi.privacy', canonicalJson(privacy)],
  ]);
  return columnsArrow(columns, metadata);
}
