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
  const { length } = dimension.labels;
  const cells = [length, ...dimension.labels.map((_, i) => i), length];
  const search = searchSql(sql, dimension.edges, cells, parameters);
  return `CASE WHEN ${sql} IS NULL THEN ${nullCell} ELSE ${search} END`;
}

/** Up to so many edges a tree of comparisons is as quick as a list. */
const TREE_EDGES = 16;
/** Values between the first and the last edge that a list may have. */
const LONGEST_LIST = 1 << 16;

/** A balanced tree of comparisons. Planning it costs DuckDB some 0.2 ms an edge. */
function treeSql(
  value: string,
  edges: readonly bigint[],
  cells: readonly number[],
  parameters: Parameters,
): string {
  const middle = edges.length >> 1;
  const edge = edges[middle];
  if (edge === undefined) return parameters.integer(cells[0] ?? 0);
  const below = treeSql(value, edges.slice(0, middle), cells.slice(0, middle + 1), parameters);
  const above = treeSql(value, edges.slice(middle + 1), cells.slice(middle + 1), parameters);
  return `CASE WHEN ${value} < ${parameters.bigint(edge)} THEN ${below} ELSE ${above} END`;
}

/** cells[i] where exactly i edges are at or below the value, which is not NULL. */
export function searchSql(
  value: string,
  edges: readonly bigint[],
  cells: readonly number[],
  parameters: Parameters,
): string {
  const [first = 0n, last = 0n] = [edges[0], edges.at(-1)];
  if (edges.length <= TREE_EDGES || last - first > BigInt(LONGEST_LIST)) {
    return treeSql(value, edges, cells, parameters);
  }
  // One entry for each value from the first edge to the one before the last.
  const places = edges
    .slice(1)
    .flatMap((edge, i) =>
      Array.from({ length: Number(edge - (edges[i] ?? edge)) }, () => BigInt(cells[i + 1] ?? 0)),
    );
  const list = parameters.bigints(places);
  return `CASE WHEN ${value} < ${parameters.bigint(first)} THEN ${parameters.integer(cells[0] ?? 0)}
    WHEN ${value} >= ${parameters.bigint(last)} THEN ${parameters.integer(cells.at(-1) ?? 0)}
    ELSE list_extract(${list}, ${value} - ${parameters.bigint(first)} + 1) END`;
}

/** Row-major: the last axis moves fastest. */
export function cellSql(
  plan: Pick<Plan, 'dimensions' | 'cells'>,
  lookup: Lookup,
  parameters: Parameters,
): string {
  const cells = plan.dimensions.reduce((product, { labels }) => product * (labels.length + 1), 1);
  check(cells === plan.cells, 'INVALID_PARAMETER', `${cells} cells`);
  return plan.dimensions.reduce(
    (index, dimension) =>
      `(${index} * ${parameters.integer(dimension.labels.length + 1)}
        + ${axisSql(dimension, lookup, parameters)})`,
    'CAST(0 AS BIGINT)',
  );
}
