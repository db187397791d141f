/**
 * The text columns of a source, as SQL: `raw_person, raw_0, raw_1, ...`, whatever its format.
 *
 * CSV and Parquet are read where they are. Arrow has no reader in this build of DuckDB, so its
 * used columns first go batch by batch into a temporary table, which spills like any other.
 * @module
 */
import { DOUBLE, type DuckDBValue, FLOAT, VARCHAR } from '@duckdb/node-api';
import type { RecordBatch, Vector } from 'apache-arrow';
import { check } from '../../base/errors.ts';
import { readArrowBatches } from './arrow-file.ts';
import { type ArrowKind, type ArrowRead, columnReader } from './arrow-values.ts';
import { type Parameters } from './parameters.ts';
import { readParquetSql } from './parquet-file.ts';
import type { Session } from './session.ts';
import { type Source, usedIndices } from './source.ts';
import type { RawText, UnitRules } from './staging.ts';
import { textSql } from './value-text.ts';

type ArrowSource = Extract<Source, { readonly kinds: unknown }>;

const TYPE = { VARCHAR, FLOAT, DOUBLE } as const satisfies Record<ArrowKind, unknown>;
const tableName = (index: number): string => `source_${index}`;

/** The used columns of a source, as text, under their names in a study. */
function fieldsSql(source: Source, text: (index: number) => string): string {
  return [`${text(source.personIndex)} AS raw_person`]
    .concat(
      source.columnIndices.flatMap((at, i) => (at === undefined ? [] : `${text(at)} AS raw_${i}`)),
    )
    .join(', ');
}

function csvSql(source: Source & { readonly format: 'csv' }, parameters: Parameters): string {
  // Everything is said here, nothing is detected; names of columns are positions.
  const columns = source.header.map((_, i) => `'h${i}': 'VARCHAR'`).join(', ');
  const quote = source.quoted ? '"' : '';
  const delimiter = source.delimiter === '\t' ? '\\t' : source.delimiter;
  return `SELECT ${fieldsSql(source, (i) => `h${i}`)} FROM read_csv(${parameters.text(source.path)},
    auto_detect = false, header = true, delim = '${delimiter}', quote = '${quote}', escape = '${quote}',
    columns = {${columns}}, force_not_null = [${source.header.map((_, i) => `'h${i}'`).join(', ')}],
    compression = 'none', encoding = 'utf-8', strict_mode = true, null_padding = false,
    ignore_errors = false)`;
}

/** SQL of the source that was given as the `index`-th. */
export function sourceSql(source: Source, index: number, parameters: Parameters): string {
  switch (source.format) {
    case 'csv':
      return csvSql(source, parameters);
    case 'parquet': {
      const names = source.types.map((_, i) => `h${i}`).join(', ');
      const fields = fieldsSql(source, (i) => textSql(`h${i}`, source.types[i] ?? ''));
      return `SELECT ${fields} FROM ${readParquetSql(source.path, parameters)} AS parquet(${names})`;
    }
    case 'arrow-file':
    case 'arrow-stream': {
      const fields = fieldsSql(source, (i) => textSql(`h${i}`, source.kinds[i] ?? ''));
      return `SELECT ${fields} FROM ${tableName(index)}`;
    }
  }
}

/** Rows `from` to `to` of a batch, by column. */
const rowsOf = (reads: readonly ArrowRead[], from: number, to: number): DuckDBValue[][] =>
  reads.map((read) => Array.from({ length: to - from }, (_, row) => read(from + row)));

async function fill(session: Session, source: ArrowSource, table: string): Promise<void> {
  const used = usedIndices(source).map((index) => ({ index, kind: source.kinds[index] }));
  const columns = used.map(({ index, kind }) => `h${index} ${kind ?? 'VARCHAR'}`);
  await session.run(`CREATE TEMP TABLE ${table} (${columns.join(', ')})`);
  const appender = await session.appender(
    table,
    used.map(({ kind }) => TYPE[kind ?? 'VARCHAR']),
  );
  const dictionaries = new Map<Vector, readonly ArrowRead[]>();
  const append = async (batch: RecordBatch): Promise<void> => {
    const reads = used.map(({ index }) => {
      const data = batch.data.children[index];
      check(data?.length === batch.numRows, 'COHORT_UNREADABLE', `${source.name}: column length`);
      return columnReader(data, dictionaries);
    });
    await appender.append(batch.numRows, (from, to) => rowsOf(reads, from, to));
  };
  await readArrowBatches(source.path, source.format, source.name, append);
  appender.close();
}

/** Fills a temporary table for each Arrow source. */
async function fillTables(session: Session, sources: readonly Source[]): Promise<void> {
  for (const [index, source] of sources.entries()) {
    if ('kinds' in source) await fill(session, source, tableName(index));
  }
}

/** The text of all sources, whose columns are in one unit each. */
export async function tableText(
  session: Session,
  sources: readonly Source[],
  rules: readonly UnitRules[],
): Promise<RawText> {
  await fillTables(session, sources);
  return {
    sql: (parameters) =>
      sources.map((source, i) => sourceSql(source, i, parameters)).join(' UNION ALL '),
    rules,
    parquet: sources.some(({ format }) => format === 'parquet'),
    tables: sources.flatMap((source, i) => ('kinds' in source ? [tableName(i)] : [])),
  };
}
