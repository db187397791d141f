/** One table of a CDM as SQL: some of its fields as cleaned text, NULL where a field is empty. @module */
import path from 'node:path';
import { check } from '../../../base/errors.ts';
import type { Parameters } from '../../duckdb/parameters.ts';
import { cleanSql } from '../../duckdb/parse-sql.ts';
import { openSource } from '../../duckdb/source.ts';
import { sourceSql } from '../../duckdb/source-text.ts';
import type { EncodingName } from '../../duckdb/text-encoding.ts';

export type CdmTable = {
  readonly name: string;
  /** Base name of the file, for the holder's own staff. */
  readonly file: string;
  /** A select of the fields under their names. */
  readonly sql: (parameters: Parameters) => string;
};

export type OpenTable = {
  readonly name: string;
  readonly file: string;
  readonly fields: readonly [string, ...string[]];
  readonly encoding: EncodingName;
  readonly workDirectory: string;
};

/** Refuses what is wrong with the file, with COHORT_COLUMN_MISSING for a field that it lacks. */
export async function openTable(request: OpenTable): Promise<CdmTable> {
  const { name, file, fields, encoding, workDirectory } = request;
  const [first, ...others] = fields;
  const opened = { name, path: path.join(workDirectory, `omop-${name.toLowerCase()}`) };
  // Vocabularies are handed out with tabs and without quoting: OHDSI loads them into PostgreSQL
  // with DELIMITER E'\t' CSV HEADER QUOTE E'\b' (OHDSI/CommonDataModel, VocabImport).
  const wanted = { person: first, columns: others, anyCase: true, plainTabs: true };
  const source = await openSource(file, opened, wanted, encoding);
  const readable = source.format === 'csv' || source.format === 'parquet';
  check(readable, 'COHORT_UNREADABLE', `${name}: neither CSV nor Parquet`);
  const select = fields.map((field, i) => {
    const raw = i === 0 ? 'raw_person' : `raw_${i - 1}`;
    return `nullif(${cleanSql(raw)}, '') AS ${field}`;
  });
  return {
    name,
    file: path.basename(file),
    sql: (parameters) => `SELECT ${select.join(', ')} FROM (${sourceSql(source, 0, parameters)})`,
  };
}

/** A concept_id or another whole number, NULL where the text is none. Also as `8507.0`. */
export const wholeSql = (text: string): string =>
  `TRY_CAST(regexp_extract(${text}, '^([0-9]{1,10})([.]0*)?$', 1) AS BIGINT)`;
