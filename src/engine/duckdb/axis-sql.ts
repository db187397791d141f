/** The cell of a row, and its place on one axis, as SQL over the stored cohort. @module */
import { check } from '../../base/errors.ts';
import type { Dimension, Plan } from '../../cohort/plan.ts';
import type { Parameters } from './parameters.ts';
import type { Lookup } from './predicate-sql.ts';

/** The place of a row on one axis; everything without a place of its own is in the last cell. */
export function axisSql(dimension: Dimension, lookup: Lookup, parameters: Parameters): string {
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
export function searchSql(
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
export function cellSql(plan: Plan, lookup: Lookup, parameters: Parameters): string {
  const cells = plan.dimensions.reduce((product, { labels }) => product * (labels.length + 1), 1);
  check(cells === plan.cells, 'INVALID_PARAMETER', `${cells} cells`);
  return plan.dimensions.reduce(
    (index, dimension) =>
      `(${index} * ${parameters.integer(dimension.labels.length + 1)}
        + ${axisSql(dimension, lookup, parameters)})`,
    'CAST(0 AS BIGINT)',
  );
}
