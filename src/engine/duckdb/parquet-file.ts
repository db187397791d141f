/**
 * The columns of a Parquet file, by the reader that is compiled into DuckDB; nothing is loaded.
 *
 * Names come from the file's own schema: DuckDB calls the second of two columns that differ in
 * case only something else. Types come from DuckDB, in the same order.
 * @module
 */
import { check, Refusal } from '../../base/errors.ts';
import { Parameters } from './parameters.ts';
import { type Row, Session } from './session.ts';

export type ParquetField = { readonly name: string; readonly type: string };

/** Everything is said here, nothing is detected from the path. */
export const readParquetSql = (path: string, parameters: Parameters): string =>
  `read_parquet(${parameters.text(path)}, hive_partitioning = false, union_by_name = false,
    filename = false, file_row_number = false, binary_as_string = false)`;

/** Columns of the top level out of the schema's depth-first list; the first entry is the root. */
function topLevel(rows: readonly Row[]): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    let children = Number(rows[at]?.[1] ?? 0);
    at += 1;
    for (; children > 0; children -= 1) skip();
  };
  while (at < rows.length) {
    names.push(String(rows[at]?.[0] ?? ''));
    skip();
  }
  return names;
}

/** Whether a fault of the database says that the file is damaged, and not that memory is short. */
const isFaultOfFile = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'INTERNAL' && !/Memory|Interrupt/.test(error.detail);

/** What a fault of the database while it reads Parquet is; `name` is of the file in a refusal. */
export const faultOfParquet = (error: unknown, name?: string): unknown =>
  isFaultOfFile(error)
    ? new Refusal(
        'COHORT_UNREADABLE',
        `${name === undefined ? '' : `${name}: `}damaged Parquet data`,
      )
    : error;

export async function readParquetFields(
  path: string,
  name: string,
  tmpDirectory: string,
): Promise<ParquetField[]> {
  const session = await Session.open({
    file: ':memory:',
    readOnly: false,
    tmpDirectory,
    threads: 1,
    memoryLimit: '256MB',
  });
  try {
    const [forSchema, forTypes] = [new Parameters(), new Parameters()];
    const schema = await session.rows(
      `SELECT name, num_children FROM parquet_schema(${forSchema.text(path)})`,
      forSchema,
    );
    const described = await session.rows(
      `SELECT column_type FROM (DESCRIBE SELECT * FROM ${readParquetSql(path, forTypes)})`,
      forTypes,
    );
    const names = topLevel(schema);
    check(names.length === described.length, 'COHORT_UNREADABLE', `${name}: Parquet schema`);
    return names.map((column, i) => ({ name: column, type: String(described[i]?.[0] ?? '') }));
  } catch (error) {
    throw faultOfParquet(error, name);
  } finally {
    session.close();
  }
}
