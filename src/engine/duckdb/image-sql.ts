/**
 * The rows of a plan as an image sees them: ordered by where their answers belong, by person, by keyed
 * order within the person; every declared column in the type that the image declares.
 *
 * Blocks    person modulo their number: `person` is a hash under a key that belongs to the study and was
 *           there before any row (stored-cohort.ts), so who is in a block depends on nobody else, and
 *           somebody in several cells is in the same block of each.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { ImageContent, Plan } from '../../cohort/plan.ts';
import { type CompiledSql, keptRows, type TableFacts } from './compile-sql.ts';
import { Parameters } from './parameters.ts';
import type { Lookup } from './predicate-sql.ts';

type Wanted = ImageContent['columns'][number];

const double = (value: bigint, parameters: Parameters): string =>
  `CAST(${parameters.bigint(value)} AS DOUBLE)`;

function valueSql({ name, type }: Wanted, lookup: Lookup, parameters: Parameters): string {
  const { column, sql } = lookup(name);
  if (type === 'category' || type === 'date32') return `CAST(${sql} AS INTEGER)`;
  check(column.type === 'integer' || column.type === 'number', 'INVALID_PARAMETER', 'number');
  if (type === 'int64') return sql;
  // One rounding: the stored count times the numerator is below 2^53.
  const { numerator, denominator } = column.step;
  return `CAST(${sql} AS DOUBLE) * ${double(numerator, parameters)}
    / ${double(denominator, parameters)}`;
}

/**
 * It answers with rows (place, mark, v0, v1, ...): place BIGINT is cell · blocks + block, of map mode the
 * cell; mark BIGINT differs between neighbouring people.
 */
export function imageSql(plan: Plan, content: ImageContent, facts: TableFacts): CompiledSql {
  const parameters = new Parameters();
  const kept = keptRows(plan, facts, parameters, (lookup) =>
    content.columns.map((column, i) => `${valueSql(column, lookup, parameters)} AS v${i}`),
  );
  const blocks = parameters.integer(Math.max(1, content.blocks));
  const values = content.columns.map((_, i) => `v${i}`).join(', ');
  const sql = `SELECT CAST(cell * ${blocks} + CAST(person % CAST(${blocks} AS UHUGEINT) AS BIGINT) AS BIGINT)
      AS place, CAST(person % 4611686018427387904 AS BIGINT) AS mark, ${values}
    FROM (${kept}) ORDER BY place, person, row_order`;
  return { sql, bound: parameters };
}
