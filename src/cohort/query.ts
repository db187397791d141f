/**
 * The query language (DESIGN section 9), as far as it is served: who is counted (`where`), in
 * which cells (`groupBy`), and at which price (`rho`) or precision (`halfWidth`).
 *
 * A query is public in full; everything wrong in it is answered with a pointer and a code. The
 * result is already in normal form: columns exist, values are stored values, axes are sorted.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { isPlainLine, pointerTo, readFraction, shapeErrors } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import { HOLDER_AXIS, readAxes } from './axes.ts';
import { cellCount } from './cells.ts';
import type { Condition } from './condition.ts';
import { exactDecimal } from './decimal.ts';
import type { Dimension } from './plan.ts';
import { CountShape, LIMITS, type QueryOutline, QueryShape } from './query-shape.ts';
import { byCodeUnits, type CohortSection, planColumns } from './schema.ts';
import { readWhere } from './where.ts';

/** What a query and its plan need to know of a study. */
export type StudyTerms = {
  readonly study: Digest;
  readonly holders: readonly string[];
  readonly honestHolders: number;
  readonly cohort: CohortSection;
  readonly operations: readonly string[];
  readonly minimumCell: number;
};

/** A checked query. Made by `parseQuery` only. */
export type Query = {
  readonly where: Condition;
  /** Names of the axes in the order asked for, `holder` included: the order of display. */
  readonly groupBy: readonly string[];
  /** Without the holder, sorted by column: the order of the vector. */
  readonly dimensions: readonly Dimension[];
  readonly split: boolean;
  /** Names under which the count is released. */
  readonly measures: readonly string[];
  /** What is charged, or the 95 % half width of the noise that a released cell may have. */
  readonly price: { readonly rho: Rational } | { readonly halfWidth: Rational };
};

/** Longer fractions than any sensible charge would make every addition of the ledger longer. */
const LARGEST_TERM = 10n ** 18n;

function readRho(text: string): Rational | undefined {
  const rho = readFraction(text);
  if (rho === undefined || rho.isZero()) return undefined;
  return rho.numerator <= LARGEST_TERM && rho.denominator <= LARGEST_TERM ? rho : undefined;
}

function readPrice(query: QueryOutline, errors: InputError[]): Query['price'] {
  const { rho, halfWidth } = query;
  if (rho !== undefined && halfWidth !== undefined) {
    errors.push({ pointer: '/halfWidth', code: 'RHO_OR_HALF_WIDTH' });
  }
  if (rho === undefined && halfWidth === undefined) {
    errors.push({ pointer: '/rho', code: 'RHO_OR_HALF_WIDTH' });
  }
  if (rho === undefined) return { halfWidth: exactDecimal(halfWidth ?? 1) };
  const amount = readRho(rho);
  if (amount === undefined) errors.push({ pointer: '/rho', code: 'RHO_INVALID' });
  return { rho: amount ?? Rational.ONE };
}

const OTHER_MEASURES = ['mean', 'survival'];

function readMeasures(measures: readonly unknown[], errors: InputError[]): string[] {
  const names: string[] = [];
  measures.forEach((measure, i) => {
    const at = pointerTo('/measures', i);
    const other = OTHER_MEASURES.find(
      (key) => typeof measure === 'object' && measure !== null && key in measure,
    );
    if (other !== undefined) {
      errors.push({ pointer: pointerTo(at, other), code: 'NOT_SERVED_YET' });
      return;
    }
    const wrong = shapeErrors(CountShape, measure, at);
    errors.push(...wrong);
    if (wrong.length > 0) return;
    const { name } = measure as { name: string };
    if (!isPlainLine(name, 64)) errors.push({ pointer: `${at}/name`, code: 'WRONG_FORMAT' });
    // The same count under two names would be one vector charged twice.
    if (names.length > 0) errors.push({ pointer: at, code: 'DUPLICATE_MEASURE' });
    if (names.includes(name)) errors.push({ pointer: `${at}/name`, code: 'DUPLICATE_NAME' });
    names.push(name);
  });
  return names;
}

/** Checks a query against a study. Refuses with INVALID_QUERY or OPERATION_NOT_ALLOWED. */
export function parseQuery(json: Json, terms: StudyTerms): Query {
  const shape = shapeErrors(QueryShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_QUERY', 'shape', { errors: shape });
  const query = json as QueryOutline;
  const columns = new Map(planColumns(terms.cohort).map((column) => [column.name, column]));

  const where = readWhere(query.where, columns);
  const axes = readAxes(query.groupBy ?? [], columns);
  const errors = [...where.errors, ...axes.errors];
  if (query.per !== undefined) errors.push({ pointer: '/per', code: 'NOT_SERVED_YET' });
  const measures = readMeasures(query.measures, errors);
  const price = readPrice(query, errors);
  const split = axes.names.includes(HOLDER_AXIS);
  const slots = cellCount(axes.dimensions) * (split ? terms.holders.length : 1);
  if (slots > LIMITS.slots) errors.push({ pointer: '/groupBy', code: 'TOO_MANY_CELLS' });
  if (errors.length > 0) throw new Refusal('INVALID_QUERY', 'meaning', { errors });

  check(terms.operations.includes('count'), 'OPERATION_NOT_ALLOWED', 'count');
  return {
    where: where.condition,
    groupBy: axes.names,
    dimensions: [...axes.dimensions].sort((a, b) => byCodeUnits(a.column, b.column)),
    split,
    measures,
    price,
  };
}
