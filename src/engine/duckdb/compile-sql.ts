/**
 * A plan as one SQL statement over the stored cohort.
 *
 *     where → at most R rows of a person, by row_order → cell of each row
 *           → at most C cells of a person, by their first row → count by cell
 *
 * Sensitivity  one person, with any number of rows, is in at most C cells with at most R rows
 *              altogether (dp/contribution), because rows and cells are ranked inside the person
 *              only. The order is a keyed hash of the row itself: neither the order of files,
 *              nor threads, nor other people change which rows count (rulings, test 6).
 * Timing       no step depends on what the rows say. The second ranking is left out where C ≥ R,
 *              which is a fact of the signed study: R rows are never in more than R cells.
 * Faults       nothing here can raise: comparisons and counts of integers only (rulings 13).
 *
 * Logic is two-valued: a comparison with null is false and `not` complements it.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Dimension, Plan, PlanColumn, Predicate } from '../../cohort/plan.ts';
import { type Bound, Parameters } from './parameters.ts';
import { storedName } from './stored-cohort.ts';

export type CompiledSql = { readonly sql: string; readonly bound: Bound };

/** How a column of the plan is stored. */
type Stored = { readonly column: PlanColumn; readonly sql: string };
type Lookup = (name: string) => Stored;

/** A plan has all columns of its study, in stored order; their names never reach SQL. */
function lookupIn(columns: readonly PlanColumn[]): Lookup {
  const stored = new Map(
    columns.map((column, i) => [column.name, { column, sql: storedName(i) }] as const),
  );
  return (name) => {
    const found = stored.get(name);
    check(found !== undefined, 'INVALID_PARAMETER', 'plan names an unknown column');
    return found;
  };
}

function rangeSql(
  { column, sql }: Stored,
  { min, max }: { readonly min?: bigint; readonly max?: bigint },
  parameters: Parameters,
): string {
  check(column.type !== 'category', 'INVALID_PARAMETER', 'range over categories');
  const parts = [`${sql} IS NOT NULL`];
  if (min !== undefined) parts.push(`${sql} >= ${parameters.bigint(min)}`);
  if (max !== undefined) parts.push(`${sql} <= ${parameters.bigint(max)}`);
  return `(${parts.join(' AND ')})`;
}

function membershipSql(
  { column, sql }: Stored,
  values: readonly string[],
  parameters: Parameters,
): string {
  check(column.type === 'category', 'INVALID_PARAMETER', 'membership in a range');
  const wanted = new Set(values);
  const indices = column.domain.flatMap((value, i) => (wanted.has(value) ? [BigInt(i)] : []));
  return `(${sql} IS NOT NULL AND list_contains(${parameters.bigints(indices)}, ${sql}))`;
}

export function predicateSql(predicate: Predicate, lookup: Lookup, parameters: Parameters): string {
  const below = (inner: Predicate): string => predicateSql(inner, lookup, parameters);
  if ('all' in predicate) return `(${['TRUE', ...predicate.all.map(below)].join(' AND ')})`;
  if ('any' in predicate) return `(${['FALSE', ...predicate.any.map(below)].join(' OR ')})`;
  if ('not' in predicate) return `(NOT ${below(predicate.not)})`;
  const stored = lookup(predicate.column);
  if ('isNull' in predicate) return `(${stored.sql} IS NULL)`;
  if ('in' in predicate) return membershipSql(stored, predicate.in, parameters);
  return rangeSql(stored, predicate, parameters);
}

/** The place of a row on one axis; everything without a place of its own is in the last cell. */
function axisSql(dimension: Dimension, lookup: Lookup, parameters: Parameters): string {
  const { column, sql } = lookup(dimension.column);
  const nullCell = parameters.integer(dimension.labels.length);
  if (dimension.kind === 'category') {
    check(column.type === 'category', 'INVALID_PARAMETER', 'category axis over numbers');
    // Position of each domain value among the labels, counted from 1 as list_position does.
    const places = dimension.labels.map((label) => BigInt(column.domain.indexOf(label)));
    if (places.every((place, i) => place === BigInt(i))) {
      return `CASE WHEN ${sql} < ${nullCell} THEN ${sql} ELSE ${nullCell} END`;
    }
    return `coalesce(list_position(${parameters.bigints(places)}, ${sql}) - 1, ${nullCell})`;
  }
  check(column.type !== 'category', 'INVALID_PARAMETER', 'bins over categories');
  check(dimension.edges.length === dimension.labels.length + 1, 'INVALID_PARAMETER', 'edges');
  const cells = [nullCell, ...dimension.labels.map((_, i) => parameters.integer(i)), nullCell];
  const search = searchSql(sql, dimension.edges, cells, parameters);
  return `CASE WHEN ${sql} IS NULL THEN ${nullCell} ELSE ${search} END`;
}

/** cells[i] where exactly i edges are at or below the value: a balanced tree of comparisons. */
function searchSql(
  value: string,
  edges: readonly bigint[],
  cells: readonly string[],
  parameters: Parameters,
): string {
  const middle = edges.length >> 1;
  const edge = edges[middle];
  if (edge === undefined) return cells[0] ?? '';
  const below = searchSql(value, edges.slice(0, middle), cells.slice(0, middle + 1), parameters);
  const above = searchSql(value, edges.slice(middle + 1), cells.slice(middle + 1), parameters);
  return `CASE WHEN ${value} < ${parameters.bigint(edge)} THEN ${below} ELSE ${above} END`;
}

/** Row-major: the last axis moves fastest. */
function cellSql(plan: Plan, lookup: Lookup, parameters: Parameters): string {
  const cells = plan.dimensions.reduce((product, { labels }) => product * (labels.length + 1), 1);
  check(cells === plan.cells, 'INVALID_PARAMETER', `${cells} cells`);
  return plan.dimensions.reduce(
    (index, dimension) =>
      `(${index} * ${parameters.integer(dimension.labels.length + 1)}
        + ${axisSql(dimension, lookup, parameters)})`,
    'CAST(0 AS BIGINT)',
  );
}

/**
 * The statement and its values. It answers with rows (cell BIGINT, people or rows BIGINT), only
 * for cells that are not empty.
 */
export function compileSql(plan: Plan): CompiledSql {
  check(
    Number.isSafeInteger(plan.rowsPerPerson) &&
      plan.rowsPerPerson >= 1 &&
      Number.isSafeInteger(plan.cellsPerPerson) &&
      plan.cellsPerPerson >= 1,
    'INVALID_PARAMETER',
    'bounds of a person',
  );
  const lookup = lookupIn(plan.columns);
  const parameters = new Parameters();
  const where = predicateSql(plan.where ?? { all: [] }, lookup, parameters);
  const cell = cellSql(plan, lookup, parameters);
  // Equal rows have equal row_order and equal cells: ties change nothing.
  const bounded = `SELECT person, row_order, ${cell} AS cell FROM cohort WHERE ${where}
    QUALIFY row_number() OVER (PARTITION BY person ORDER BY row_order)
      <= ${parameters.integer(plan.rowsPerPerson)}`;
  if (plan.cellsPerPerson >= plan.rowsPerPerson) {
    const sql = `SELECT cell, count(*) AS n FROM (${bounded}) GROUP BY cell`;
    return { sql, bound: parameters };
  }
  const capped = `SELECT cell, n FROM
    (SELECT person, cell, count(*) AS n, min(row_order) AS first FROM (${bounded})
      GROUP BY person, cell)
    QUALIFY row_number() OVER (PARTITION BY person ORDER BY first, cell)
      <= ${parameters.integer(plan.cellsPerPerson)}`;
  const sql = `SELECT cell, CAST(sum(n) AS BIGINT) AS n FROM (${capped}) GROUP BY cell`;
  return { sql, bound: parameters };
}
