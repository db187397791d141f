/**
 * What the blocks of a plan sum, as SQL: a column of each kept row for its part or its value,
 * and one grouped select for each block.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { BlockContent, Part } from '../../cohort/plan.ts';
import { axisSql, searchSql } from './axis-sql.ts';
import type { Parameters } from './parameters.ts';
import { type Lookup, predicateSql } from './predicate-sql.ts';

/** NULL where `place` is the null cell of the dimension. */
const placeSql = (
  dimension: Extract<Part, { kind: 'bins' }>['dimension'],
  lookup: Lookup,
  parameters: Parameters,
): string =>
  `nullif(${axisSql(dimension, lookup, parameters)}, ${parameters.integer(dimension.labels.length)})`;

const knownSql = (names: readonly string[], lookup: Lookup): string =>
  ['TRUE', ...names.map((name) => `${lookup(name).sql} IS NOT NULL`)].join(' AND ');

/** The interval of an exit, and event or not, counted as `Part` says; NULL before edges[0]. */
function exitsSql(
  part: Extract<Part, { kind: 'exits' }>,
  lookup: Lookup,
  parameters: Parameters,
): string {
  const value = lookup(part.time).sql;
  const intervals = part.edges.length - 1;
  // Stored values are integers, so x > e is x ≥ e + 1.
  const after = part.edges.slice(1).map((edge) => edge + 1n);
  const cells = Array.from({ length: intervals + 1 }, (_, i) => i);
  const interval = searchSql(value, after, cells, parameters);
  const event = predicateSql(part.event, lookup, parameters);
  const first = parameters.bigint(part.edges[0] ?? 0n);
  // Not least() of a value that may be NULL: it would leave the NULL out.
  const own = `(CASE WHEN ${value} >= ${first} THEN
    least(2 * (${interval}) + CASE WHEN ${event} THEN 0 ELSE 1 END,
      ${parameters.integer(2 * intervals)}) END)`;
  const { arm } = part;
  if (arm === undefined) return own;
  const each = parameters.integer(2 * intervals + 1);
  return `(${placeSql(arm, lookup, parameters)} * ${each} + ${own})`;
}

function partSql(part: Part, lookup: Lookup, parameters: Parameters): string {
  switch (part.kind) {
    case 'all':
      return '0';
    case 'condition': {
      const holds = predicateSql(part.holds, lookup, parameters);
      return `CASE WHEN ${knownSql(part.known, lookup)}
        THEN CASE WHEN ${holds} THEN 0 ELSE 1 END END`;
    }
    case 'bins':
      return placeSql(part.dimension, lookup, parameters);
    case 'exits':
      return `CASE WHEN ${knownSql(part.known, lookup)}
        THEN ${exitsSql(part, lookup, parameters)} END`;
  }
}

/** Columns of a kept row: the part of a tally, or the value whose moments are summed. */
export function blockColumns(
  content: BlockContent,
  index: number,
  lookup: Lookup,
  parameters: Parameters,
): string[] {
  const name = `b${index}`;
  if (content.kind === 'tally') {
    if (content.part.kind === 'all') return [];
    return [`CAST(${partSql(content.part, lookup, parameters)} AS BIGINT) AS ${name}`];
  }
  const { column, sql } = lookup(content.column);
  check(column.type !== 'category', 'INVALID_PARAMETER', 'moments of a category');
  return [`${sql} AS ${name}`];
}

/** (block, part, cell, a, b, c) of one block, from `kept`. */
export function blockSums(content: BlockContent, index: number, parameters: Parameters): string {
  const block = parameters.integer(index);
  const name = `b${index}`;
  const zero = 'CAST(0 AS BIGINT)';
  if (content.kind === 'tally') {
    const all = content.part.kind === 'all';
    const part = all ? zero : name;
    return `SELECT CAST(${block} AS BIGINT), ${part} AS part, cell, count(*), ${zero}, ${zero}
      FROM kept ${all ? '' : `WHERE ${name} IS NOT NULL`} GROUP BY cell ${all ? '' : `, ${name}`}`;
  }
  const above = `(${name} - ${parameters.bigint(content.min)})`;
  const below = `(${parameters.bigint(content.max)} - ${name})`;
  const sum = (value: string): string => `CAST(sum(${value}) AS BIGINT)`;
  return `SELECT CAST(${block} AS BIGINT), ${zero}, cell, ${sum(above)}, ${sum(below)},
    ${sum(`${above} * ${below}`)} FROM kept WHERE ${name} IS NOT NULL GROUP BY cell`;
}
