/**
 * Which columns a holder uploads encrypted for a study: a pure function of the study and of a public
 * list, so that holder, sandbox and analyst compute the same.
 *
 *     moments   of a numeric column: value − min, whether there is a value, and
 *               (value − min)·(max − value), which makes means and variances sums of columns
 *     cells     one-hot: the cell of a table of which a row is, where the row passes a filter.
 *               A filter alone is an indicator; axes alone are a group; both are a conjunction
 *     part      one-hot: the part of a tally of which a row is (proportion, histogram, survival)
 *
 * Every numeric column and every category of at most 64 values is uploaded without being listed. The list
 * adds what a query needs beyond one product of two (serve.ts):
 *
 *     { "format": "kakehashi/columns/1",
 *       "indicators": [ { "where": ..., "groupBy": [...] } ], "measures": [ ... ] }
 *
 * in the words of a query. It is public, as every query is; what it says of a row is encrypted.
 * @module
 */
import type { Json } from '../../base/canonical-json.ts';
import { check, Refusal } from '../../base/errors.ts';
import { shapeErrors } from '../../base/input.ts';
import { cellCount } from '../../cohort/cells.ts';
import { conditionPredicate } from '../../cohort/condition.ts';
import type { BlockContent, Dimension, Part, PlanColumn, Predicate } from '../../cohort/plan.ts';
import { parseQuery, type Query, type StudyTerms } from '../../cohort/query.ts';
import { planColumns } from '../../cohort/schema.ts';
import { checkSchema, type Column, type Schema } from '../../he/seal/schema.ts';
import { type ColumnList, ColumnListShape, MOST_PHYSICAL, NO_LIST } from './list-shape.ts';
import { sameMeaning } from './same-meaning.ts';

export type Uploaded =
  | {
      readonly kind: 'cells';
      readonly where: Predicate | undefined;
      readonly dimensions: readonly Dimension[];
      readonly cells: number;
    }
  | { readonly kind: 'part'; readonly part: Part; readonly parts: number }
  | {
      readonly kind: 'moments';
      readonly column: string;
      readonly min: bigint;
      readonly max: bigint;
    };

/** Column i of a layout is `c<i>` of the encrypted table; the product of moments is `c<i>p`. */
export type Layout = {
  readonly uploaded: readonly Uploaded[];
  /** Of the study, in stored order: what the uploaded columns are computed from. */
  readonly columns: readonly PlanColumn[];
  readonly schema: Schema;
};

export const columnName = (index: number): string => `c${index}`;
export const productName = (index: number): string => `c${index}p`;

/** A product of two numbers that add up to D is D²/4 at most, and must be a column of its own. */
const LARGEST_PRODUCT = 2n ** 31n - 1n;
const MOST_OWN_CATEGORIES = 64;
const largestProduct = (width: bigint): bigint => (width * width) / 4n;

/** Every row: what counts are sums of. */
const ROWS: Uploaded = { kind: 'cells', where: undefined, dimensions: [], cells: 1 };

function ownColumn(column: PlanColumn): Uploaded[] {
  if (column.type === 'category') {
    // Without being asked for, not a column for each of thousands of codes.
    if (column.domain.length > MOST_OWN_CATEGORIES) return [];
    const dimension = { column: column.name, kind: 'category', labels: column.domain } as const;
    return [
      { kind: 'cells', where: undefined, dimensions: [dimension], cells: column.domain.length + 1 },
    ];
  }
  const { name, min, max } = column;
  const fits = max > min && largestProduct(max - min) <= LARGEST_PRODUCT;
  return fits ? [{ kind: 'moments', column: name, min, max }] : [];
}

/** Reads a part of the list as the query that it is a part of. */
function readAs(part: Record<string, Json>, terms: StudyTerms): Query {
  const query = {
    format: 'kakehashi/query/1',
    measures: [{ name: 'people', count: true }],
    rho: '1/1',
    ...part,
  };
  // Whether a study allows counting is said of queries, and a list releases nothing.
  const read = parseQuery(query, { ...terms, operations: [...terms.operations, 'count'] });
  check(!read.split, 'INVALID_PARAMETER', 'a list groups by columns, not by holder');
  return read;
}

function listed(list: ColumnList, terms: StudyTerms): Uploaded[] {
  const indicators = (list.indicators ?? []).map((indicator): Uploaded => {
    const { where, dimensions } = readAs(indicator as Record<string, Json>, terms);
    const holds = conditionPredicate(where);
    return {
      kind: 'cells',
      where: 'all' in holds && holds.all.length === 0 ? undefined : holds,
      dimensions,
      cells: cellCount(dimensions),
    };
  });
  const { measures = [] } = list;
  if (measures.length === 0) return indicators;
  const parts = readAs({ measures: [...measures] as Json[] }, terms).measures;
  return [
    ...indicators,
    ...parts.flatMap(({ content }): Uploaded[] => {
      if (content.kind === 'moments') return [content];
      // Products of three columns and more, and images, are not served from encrypted ones.
      if (content.kind === 'image' || content.kind === 'gram' || content.part.kind === 'all')
        return [];
      return [{ kind: 'part', part: content.part, parts: partsOf(content) }];
    }),
  ];
}

/** Parts of which a row is in one: of a tree its leaves. */
export const partsOf = (content: Extract<BlockContent, { readonly part: Part }>): number =>
  content.kind === 'dyadic' ? 2 ** content.depth : content.parts;

const oneHot = (values: number): Column => ({
  type: 'category',
  domain: Array.from({ length: values }, (_, i) => String(i)),
});

function encrypted(uploaded: Uploaded, index: number): [string, Column][] {
  const name = columnName(index);
  if (uploaded.kind === 'part') return [[name, oneHot(uploaded.parts)]];
  if (uploaded.kind === 'cells') {
    const { cells, where } = uploaded;
    if (cells === 1) return [[name, { type: 'indicator' }]];
    // Without a filter every row is in a cell: the last one takes the place of "none".
    return [[name, oneHot(where === undefined ? cells - 1 : cells)]];
  }
  const width = uploaded.max - uploaded.min;
  check(largestProduct(width) <= LARGEST_PRODUCT, 'PLAINTEXT_RANGE', 'products of a column');
  return [
    [name, { type: 'integer', min: 0, max: Number(width), nullable: true }],
    [productName(index), { type: 'integer', min: 0, max: Number(largestProduct(width)) }],
  ];
}

/** Ciphertexts of a block. */
const physical = (column: Column): number => {
  if (column.type === 'category') return column.domain.length + 1;
  return 'nullable' in column ? 2 : 1;
};

/**
 * The layout of a list, checked. Refuses with INVALID_PARAMETER or INVALID_QUERY what is not a list
 * for this study.
 */
export function layoutOf(terms: StudyTerms, json: Json = NO_LIST): Layout {
  const errors = shapeErrors(ColumnListShape, json);
  if (errors.length > 0) throw new Refusal('INVALID_PARAMETER', 'list of columns', { errors });
  const columns = planColumns(terms.cohort);
  const all = [ROWS, ...columns.flatMap(ownColumn), ...listed(json as ColumnList, terms)];
  const uploaded = all.filter((one, i) => all.findIndex((two) => sameMeaning(one, two)) === i);
  const schema = Object.fromEntries(uploaded.flatMap(encrypted));
  checkSchema(schema);
  const count = Object.values(schema).reduce((sum, column) => sum + physical(column), 0);
  check(count <= MOST_PHYSICAL, 'INVALID_PARAMETER', `${count} encrypted columns`);
  return { uploaded, columns, schema };
}
