/**
 * Which sums a query asks for: cells, each a sum over the rows of one physical column or of the
 * product of two. That is all that depth one allows, and a query that needs more is refused.
 *
 *     count              a filter, a group, or both          Σ filter · group
 *     count of a column  its rows with a value               Σ filter · name?
 *     sum                Σ value, Σ filter · value, Σ group · value
 *     product            Σ a · b                             no filter and no group: depth two
 *
 * Everything here is a function of the public schema and of the public number of blocks.
 * @module
 */
import { check } from '../../base/errors.ts';
import { resultNoise } from './noise.ts';
import { MAX_BLOCKS, T } from './parameters.ts';
import { checkSchema, type Physical, physicalColumns, type Schema } from './schema.ts';

export type Measure =
  | { readonly kind: 'count'; readonly of?: string }
  | { readonly kind: 'sum'; readonly of: string }
  | { readonly kind: 'product'; readonly of: readonly [string, string] };

export type ColumnQuery = {
  /** An indicator column; rows where it does not hold count nothing. */
  readonly filter?: string;
  /** A category column: a cell for each of its values and one for null. */
  readonly groupBy?: string;
  readonly measures: readonly Measure[];
};

export type Cell = {
  readonly measure: Measure;
  /** A value of the domain, null for the rows without one, undefined for all rows. */
  readonly group: string | null | undefined;
  readonly factors: readonly [Physical] | readonly [Physical, Physical];
  /** What one row adds is between these; a padded or filtered row adds 0. */
  readonly low: bigint;
  readonly high: bigint;
};

export type ColumnPlan = {
  readonly blocks: number;
  readonly cells: readonly Cell[];
  /** Ids of the physical columns that the cells need, each once. */
  readonly columns: readonly string[];
};

type Columns = ReadonlyMap<string, Physical>;

function find(columns: Columns, id: string): Physical {
  const column = columns.get(id);
  check(column !== undefined, 'INVALID_PARAMETER', 'unknown column, or not of this type');
  return column;
}

/** The factor that a measure brings besides filter and group. */
function measureFactors(schema: Schema, columns: Columns, measure: Measure): Physical[] {
  const valued = (name: string): Physical => {
    // Not `name in columns`: the physical ids `sex=0` and `x?` are not a person's to name.
    const summable = Object.hasOwn(schema, name) && schema[name]?.type !== 'category';
    check(summable, 'INVALID_PARAMETER', 'sum of what is no number');
    return find(columns, name);
  };
  if (measure.kind === 'count')
    return measure.of === undefined ? [] : [find(columns, `${measure.of}?`)];
  if (measure.kind === 'sum') return [valued(measure.of)];
  return measure.of.map(valued);
}

function groupsOf(
  schema: Schema,
  columns: Columns,
  name: string | undefined,
): { group: string | null | undefined; factors: Physical[] }[] {
  if (name === undefined) return [{ group: undefined, factors: [] }];
  const column = schema[name];
  check(column?.type === 'category', 'INVALID_PARAMETER', 'grouping by what is no category');
  return [...column.domain, null].map((group, k) => ({
    group,
    factors: [find(columns, `${name}=${k}`)],
  }));
}

/** The range of a product over rows, 0 included for rows that are padding. */
function rangeOf(factors: readonly Physical[]): readonly [bigint, bigint] {
  const ends = factors.reduce<bigint[]>(
    (values, { low, high }) => values.flatMap((v) => [v * BigInt(low), v * BigInt(high)]),
    [1n],
  );
  const least = ends.reduce((a, b) => (b < a ? b : a), 0n);
  return [least, ends.reduce((a, b) => (b > a ? b : a), 0n)];
}

function cellOf(measure: Measure, group: Cell['group'], all: Physical[], blocks: number): Cell {
  const [first, second] = all;
  check(first !== undefined, 'INVALID_PARAMETER', 'the holder knows how many rows it has');
  check(all.length <= 2, 'INVALID_PARAMETER', 'DEPTH: a product of more than two columns');
  const [low, high] = rangeOf(all);
  const widest = (-low > high ? -low : high) * BigInt(blocks);
  check(2n * widest < T, 'PLAINTEXT_RANGE', 'a slot could pass half the plaintext modulus');
  const factors = second === undefined ? ([first] as const) : ([first, second] as const);
  resultNoise(factors.length, blocks);
  return { measure, group, factors, low, high };
}

/** Refuses with INVALID_PARAMETER a query that does not fit the schema or has depth two. */
export function planColumns(schema: Schema, query: ColumnQuery, blocks: number): ColumnPlan {
  checkSchema(schema);
  const counted = Number.isInteger(blocks) && blocks >= 1 && blocks <= MAX_BLOCKS;
  check(counted, 'INVALID_PARAMETER', `${blocks} blocks`);
  check(query.measures.length > 0, 'INVALID_PARAMETER', 'no measures');
  const columns = new Map(physicalColumns(schema).map((column) => [column.id, column]));
  const { filter } = query;
  if (filter !== undefined) {
    check(schema[filter]?.type === 'indicator', 'INVALID_PARAMETER', 'filter is no indicator');
  }
  const filters = filter === undefined ? [] : [find(columns, filter)];
  const groups = groupsOf(schema, columns, query.groupBy);
  const cells = query.measures.flatMap((measure) => {
    const own = measureFactors(schema, columns, measure);
    return groups.map(({ group, factors }) =>
      cellOf(measure, group, [...filters, ...factors, ...own], blocks),
    );
  });
  const ids = cells.flatMap((cell) => cell.factors.map(({ id }) => id));
  return { blocks, cells, columns: [...new Set(ids)] };
}
