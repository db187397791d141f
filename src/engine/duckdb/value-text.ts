/**
 * SQL that spells a typed value as a CSV file of the same rows would, so that whatever the format
 * of a file one parser decides what its values mean (parse-sql.ts).
 *
 * Null is the empty text. A floating-point number is the shortest decimal that reads back as the
 * same number of its width, and a whole one has no point: 12.0 is `12`, so that an identifier or a
 * category survives a table program that keeps columns with gaps as floating point. Exact
 * decimals keep the digits of their scale, logical values are `true` and `false`. Timestamps with
 * a zone, times, durations, binary and nested values have no such text and are refused.
 * @module
 */

/** DuckDB's names of the types that are read. */
const READ =
  /^(?:VARCHAR|BOOLEAN|U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|DATE|TIMESTAMP(?:_S|_MS|_NS)?|UUID|"NULL")$/;

/** Whole numbers up to here are all exact in a double. */
const EXACT = 2 ** 53;

export const isReadType = (type: string): boolean => READ.test(type);

/** `name` as text, never NULL; its type must be one that is read. */
export function textSql(name: string, type: string): string {
  if (type === 'VARCHAR') return `coalesce(${name}, '')`;
  if (type !== 'FLOAT' && type !== 'DOUBLE') return `coalesce(CAST(${name} AS VARCHAR), '')`;
  return `CASE WHEN ${name} IS NULL THEN ''
    WHEN ${name} = trunc(${name}) AND abs(${name}) <= ${EXACT} THEN CAST(TRY_CAST(${name} AS BIGINT) AS VARCHAR)
    ELSE CAST(${name} AS VARCHAR) END`;
}
