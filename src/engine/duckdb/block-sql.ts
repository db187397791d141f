/**
 * What the blocks of a plan sum, as SQL: a column of each kept row for its part or its value,
 * and one grouped select for each block.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { BlockContent, Feature, Part } from '../../cohort/plan.ts';
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
  const kinds = part.events.length + 1;
  const events = part.events.map(
    (event, k) => `WHEN ${predicateSql(event, lookup, parameters)} THEN ${parameters.integer(k)}`,
  );
  const first = parameters.bigint(part.edges[0] ?? 0n);
  // Not least() of a value that may be NULL: it would leave the NULL out.
  return `(CASE WHEN ${value} >= ${first} THEN
    least(${parameters.integer(kinds)} * (${interval})
      + CASE ${events.join(' ')} ELSE ${parameters.integer(kinds - 1)} END,
      ${parameters.integer(kinds * intervals)}) END)`;
}

/** Row-major; a NULL of any factor makes all of it NULL. */
const crossSql = (
  { factors }: Extract<Part, { kind: 'cross' }>,
  lookup: Lookup,
  parameters: Parameters,
): string =>
  factors.reduce(
    (index, { parts, part }) =>
      `(${index} * ${parameters.integer(parts)} + (${partSql(part, lookup, parameters)}))`,
    'CAST(0 AS BIGINT)',
  );

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
    case 'cross':
      return crossSql(part, lookup, parameters);
    case 'leaves': {
      const above = `(${lookup(part.column).sql} - ${parameters.bigint(part.min)})`;
      return `(${above} // ${parameters.bigint(part.width)})`;
    }
    case 'exits':
      return `CASE WHEN ${knownSql(part.known, lookup)}
        THEN ${exitsSql(part, lookup, parameters)} END`;
  }
}

/** A feature of a regression, NULL where the row has none. */
function featureSql(feature: Feature, lookup: Lookup, parameters: Parameters): string {
  if (feature.kind === 'number') {
    const { column, min, max } = feature;
    return `(2 * ${lookup(column).sql} - ${parameters.bigint(min + max)})`;
  }
  const holds = predicateSql(feature.holds, lookup, parameters);
  return `CASE WHEN ${knownSql(feature.known, lookup)} THEN CASE WHEN ${holds} THEN 1 ELSE 0 END END`;
}

/** What SQL sums up; answers of images are summed where they come out (image-sums.ts). */
export type SummedContent = Exclude<BlockContent, { readonly kind: 'image' }>;

const featureName = (block: number, feature: number): string => `b${block}f${feature}`;

/**
 * Columns of a kept row: the part of a tally, the value whose moments are summed, or the features
 * whose products are.
 */
export function blockColumns(
  content: SummedContent,
  index: number,
  lookup: Lookup,
  parameters: Parameters,
): string[] {
  const name = `b${index}`;
  if (content.kind === 'gram') {
    return content.features.map((feature, f) => {
      const sql = featureSql(feature, lookup, parameters);
      return `CAST(${sql} AS BIGINT) AS ${featureName(index, f)}`;
    });
  }
  if (content.kind !== 'moments') {
    if (content.part.kind === 'all') return [];
    return [`CAST(${partSql(content.part, lookup, parameters)} AS BIGINT) AS ${name}`];
  }
  const { column, sql } = lookup(content.column);
  check(column.type !== 'category', 'INVALID_PARAMETER', 'moments of a category');
  return [`${sql} AS ${name}`];
}

/** Sums of all products, a row for each: one pass over the rows. */
function gramSums(
  { features }: Extract<BlockContent, { kind: 'gram' }>,
  index: number,
  parameters: Parameters,
): string {
  const names = features.map((_, f) => featureName(index, f));
  const factors = ['1', ...names];
  const sums = factors.flatMap((left, i) =>
    factors.slice(i).map((right) => `CAST(sum(${left} * ${right}) AS BIGINT)`),
  );
  const known = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const zero = 'CAST(0 AS BIGINT)';
  return `SELECT CAST(${parameters.integer(index)} AS BIGINT), part, cell, sums[part + 1], ${zero}, ${zero}
    FROM (SELECT cell, [${sums.join(', ')}] AS sums FROM kept WHERE ${known} GROUP BY cell),
      range(CAST(${parameters.integer(sums.length)} AS BIGINT)) AS parts(part)`;
}

/** (block, part, cell, a, b, c) of one block, from `kept`. */
export function blockSums(content: SummedContent, index: number, parameters: Parameters): string {
  // A value that is bound and not used is refused by DuckDB.
  if (content.kind === 'gram') return gramSums(content, index, parameters);
  const block = parameters.integer(index);
  const name = `b${index}`;
  const zero = 'CAST(0 AS BIGINT)';
  if (content.kind !== 'moments') {
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
