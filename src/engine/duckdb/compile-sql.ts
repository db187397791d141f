/**
 * A plan as one SQL statement over the stored cohort.
 *
 *     where → the row of a person that `per` asks for, or at most R rows, by row_order
 *           → cell of each row, and its part in every block → at most C cells of a person, by
 *             their first row → sums by cell
 *
 * Sensitivity  one person, with any number of rows, is in at most C cells with at most R rows
 *              altogether (dp/contribution), because rows and cells are ranked inside the person
 *              only. The order is a keyed hash of the row itself: neither the order of files,
 *              nor threads, nor other people change which rows count (rulings, test 6).
 * Timing       no step depends on what the rows say, except that a table with one row for every
 *              person is not ranked; the answer leaves at a deadline (rulings 15). The second
 *              ranking is left out where C ≥ R: R rows are never in more than R cells.
 * Faults       nothing here can raise: comparisons, counts and bounded sums of integers only
 *              (rulings 13).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Pick, Plan } from '../../cohort/plan.ts';
import { cellSql } from './axis-sql.ts';
import { blockColumns, blockSums } from './block-sql.ts';
import { type Bound, Parameters } from './parameters.ts';
import { type Lookup, lookupIn, predicateSql } from './predicate-sql.ts';

export type CompiledSql = { readonly sql: string; readonly bound: Bound };

/** What is known of the stored table. */
export type TableFacts = { readonly oneRowPerPerson: boolean };

const rowFilter = (plan: Plan, lookup: Lookup, parameters: Parameters): string => {
  const where = predicateSql(plan.where ?? { all: [] }, lookup, parameters);
  const window = plan.per?.window;
  if (window === undefined) return where;
  const distance = `(${lookup(window.date).sql} - ${lookup(window.index).sql})`;
  const [from, to] = [parameters.bigint(window.from), parameters.bigint(window.to)];
  return `${where} AND coalesce(${distance} >= ${from} AND ${distance} <= ${to}, FALSE)`;
};

/** The mean of the stored values of a person, rounded half away from zero, in integers. */
function meanSql(column: string): string {
  const [sum, n] = [`sum(${column}) OVER own`, `count(${column}) OVER own`];
  return `CASE WHEN ${n} > 0
    THEN CAST(sign(${sum}) * ((2 * abs(${sum}) + ${n}) // (2 * ${n})) AS BIGINT) END`;
}

/** One row of every person. Equal rows have equal row_order and equal cells: ties change nothing. */
function pickedRows(rows: string, per: Pick, lookup: Lookup): string {
  const by = per.by === undefined ? undefined : lookup(per.by).sql;
  const window = 'WINDOW own AS (PARTITION BY person)';
  if (by === undefined || per.pick === 'any' || per.pick === 'mean') {
    const read =
      by !== undefined && per.pick === 'mean' ? `* REPLACE (${meanSql(by)} AS ${by})` : '*';
    return `SELECT ${read} FROM (${rows}) ${read === '*' ? '' : window}
      QUALIFY row_number() OVER (PARTITION BY person ORDER BY row_order) = 1`;
  }
  const order = per.pick === 'max' ? 'DESC' : 'ASC';
  return `SELECT * FROM (${rows})
    QUALIFY row_number() OVER
      (PARTITION BY person ORDER BY ${by} ${order} NULLS LAST, row_order) = 1`;
}

/** The rows of each person that count: the one that `per` picks, or at most R by keyed order. */
export function boundedRows(
  plan: Plan,
  facts: TableFacts,
  lookup: Lookup,
  parameters: Parameters,
): string {
  const rows = `SELECT * FROM cohort WHERE ${rowFilter(plan, lookup, parameters)}`;
  if (facts.oneRowPerPerson) return rows;
  if (plan.per !== undefined) return pickedRows(rows, plan.per, lookup);
  return `${rows} QUALIFY row_number() OVER (PARTITION BY person ORDER BY row_order)
    <= ${parameters.integer(plan.rowsPerPerson)}`;
}

/** Rows in at most C different cells of a person; `row` of the inner select orders them. */
const cappedRows = (rows: string, plan: Plan, parameters: Parameters): string =>
  `SELECT * FROM (SELECT *, min(row_order) OVER (PARTITION BY person, cell) AS first FROM (${rows}))
    QUALIFY dense_rank() OVER (PARTITION BY person ORDER BY first, cell)
      <= ${parameters.integer(plan.cellsPerPerson)}`;

/** Columns of a kept row that a statement needs besides `person`, `row_order` and `cell`. */
export type MoreColumns = (lookup: Lookup, parameters: Parameters) => readonly string[];

/** The rows that count, each with its cell: the one way from stored rows to what a plan sums. */
export function keptRows(
  plan: Plan,
  facts: TableFacts,
  parameters: Parameters,
  more: MoreColumns,
): string {
  const { rowsPerPerson, cellsPerPerson } = plan;
  const bounds = [rowsPerPerson, cellsPerPerson];
  check(
    bounds.every((bound) => Number.isSafeInteger(bound) && bound >= 1),
    'INVALID_PARAMETER',
    'bounds of a person',
  );
  const lookup = lookupIn(plan.columns);
  const bounded = boundedRows(plan, facts, lookup, parameters);
  const cell = cellSql(plan, lookup, parameters);
  const columns = more(lookup, parameters);
  const celled = `SELECT ${['person', 'row_order', `${cell} AS cell`, ...columns].join(', ')}
    FROM (${bounded})`;
  const single = facts.oneRowPerPerson || cellsPerPerson >= rowsPerPerson;
  return single ? celled : cappedRows(celled, plan, parameters);
}

/**
 * The statement and its values; undefined where there is nothing for SQL to sum. It answers with rows
 * (block, part, cell, a, b, c), all BIGINT: of a tally the count of a part of a cell in `a`, of moments
 * the three sums of a cell; only for what is not empty.
 */
export function compileSql(plan: Plan, facts: TableFacts): CompiledSql | undefined {
  const blocks = plan.blocks.flatMap(({ content }, index) =>
    content.kind === 'image' ? [] : [{ content, index }],
  );
  if (blocks.length === 0) return undefined;
  const parameters = new Parameters();
  const kept = keptRows(plan, facts, parameters, (lookup) =>
    blocks.flatMap(({ content, index }) => blockColumns(content, index, lookup, parameters)),
  );
  const sums = blocks.map(({ content, index }) => blockSums(content, index, parameters));
  return { sql: `WITH kept AS (${kept}) ${sums.join(' UNION ALL ')}`, bound: parameters };
}
