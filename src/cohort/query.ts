/**
 * The query language (DESIGN section 9): who is counted (`where`), with which of their rows
 * (`per`), in which cells (`groupBy`), what is measured (`measures`, a file for each in
 * measure/), and at which price (`rho`) or precision (`halfWidth`).
 *
 * A query is public in full; everything wrong in it is answered with a pointer and a code. The
 * result is already in normal form: columns exist, values are stored values, axes are sorted.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { readFraction, shapeErrors } from '../base/input.ts';
import { Rational } from '../base/rational.ts';
import { HOLDER_AXIS, readAxes } from './axes.ts';
import { cellCount } from './cells.ts';
import type { Condition } from './condition.ts';
import { exactDecimal } from './decimal.ts';
import { componentsOf, distinctBlocks } from './blocks.ts';
import type { ImageTerms } from './image-terms.ts';
import type { NamedChoice } from './inside/choice.ts';
import { holderErrors, insideOf, isTooLong } from './inside/question.ts';
import { isChoice, type NamedMeasure, readMeasures } from './measure/read.ts';
import { disclosureErrors } from './linked/disclosure-errors.ts';
import { linkedQuestion } from './linked/question.ts';
import { type LinkageTerms, type LinkRoles, readRoles } from './linked/roles.ts';
import { MOST_SUMS } from './linked/limits.ts';
import { readPer } from './per.ts';
import type { Dimension, Pick } from './plan.ts';
import { LIMITS, type QueryOutline, QueryShape } from './query-shape.ts';
import { byCodeUnits, type CohortSection, planColumns } from './schema.ts';
import { holdsColumn } from './held-columns.ts';
import { readWhere, readCondition } from './where.ts';

/** What a query and its plan need to know of a study. */
export type StudyTerms = {
  readonly study: Digest;
  /** The version of the study since which columns and thresholds are what they are; itself where not given. */
  readonly basis?: Digest;
  readonly holders: readonly string[];
  readonly honestHolders: number;
  readonly cohort: CohortSection;
  readonly operations: readonly string[];
  readonly minimumCell: number;
  /** Counts are shown in multiples of it. */
  readonly rounding?: number | undefined;
  /** Programs that may run. */
  readonly images?: readonly ImageTerms[];
  /** Where the study has a linkage clause. */
  readonly linkage?: LinkageTerms | undefined;
};

/** A checked query. Made by `parseQuery` only. */
export type Query = {
  readonly where: Condition;
  /** Names of the axes in the order asked for, `holder` included: the order of display. */
  readonly groupBy: readonly string[];
  /** Without the holder, sorted by column: the order of the vector. */
  readonly dimensions: readonly Dimension[];
  readonly split: boolean;
  readonly per: Pick | undefined;
  /** What is released, under which name, in the order asked for. */
  readonly measures: readonly NamedMeasure[];
  /** What is charged, or the 95 % half width of the noise that a released cell may have. */
  readonly price: { readonly rho: Rational } | { readonly halfWidth: Rational };
  /** Of a linked query: who does what. */
  readonly link?: LinkRoles;
  /** Of a query inside one holder: what it chooses. There are no measures beside it. */
  readonly inside?: { readonly holder: string; readonly choices: readonly NamedChoice[] };
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

/** Several measures would each have a half width of their own. */
const halfWidthErrors = (query: QueryOutline, { length }: readonly NamedMeasure[]): InputError[] =>
  query.halfWidth === undefined || length < 2
    ? []
    : [{ pointer: '/halfWidth', code: 'HALF_WIDTH_NOT_SERVED' }];

/** Checks a query against a study. Refuses with INVALID_QUERY or OPERATION_NOT_ALLOWED. */
export function parseQuery(json: Json, terms: StudyTerms): Query {
  const linked = linkedQuestion(json);
  if (linked === undefined) return parsePlain(json, terms);
  const query = parsePlain(linked.plain, terms);
  const { linkage } = terms;
  const { disclose } = linked;
  const allowed = linkage?.outputs.includes(disclose ?? 'aggregate') === true;
  check(linkage !== undefined && allowed, 'OPERATION_NOT_ALLOWED', `linkage ${disclose ?? ''}`);
  const errors: InputError[] = [];
  const report = (pointer: string, code: string): void => {
    errors.push({ pointer, code });
  };
  const blocks = distinctBlocks(query.measures);
  const sums = blocks.reduce((sum, { content }) => sum + componentsOf(content), 0);
  if (query.inside !== undefined) report('/measures', 'NOT_OVER_PAIRS');
  else if (query.split) report('/groupBy', 'HOLDER_NOT_LINKED');
  if (cellCount(query.dimensions) * sums > MOST_SUMS) report('/groupBy', 'TOO_MANY_CELLS');
  const parts = {
    where: query.where,
    dimensions: query.dimensions,
    contents: blocks.map(({ content }) => content),
    per: query.per ?? { pick: 'any' as const, by: undefined, window: undefined },
  };
  const study = {
    holders: terms.holders,
    holds: (holder: string, column: string) => holdsColumn(terms.cohort, holder, column),
    cardinality: linkage.cardinality,
  };
  const link = readRoles(parts, linked.between, study, report);
  if (disclose !== undefined && link !== undefined) {
    const rows = Object.values(link.holders).map((name) => terms.cohort.declaredSize[name] ?? 0);
    const asked = { ...query, chosen: linked.chosen };
    errors.push(...disclosureErrors(disclose, asked, Math.max(...rows)));
  }
  if (errors.length > 0 || link === undefined) {
    throw new Refusal('INVALID_QUERY', 'linked', { errors });
  }
  if (disclose === undefined) return { ...query, link };
  const disclosure = { output: disclose, quota: linkage.disclosures };
  return { ...query, link: { ...link, disclose: disclosure } };
}

function parsePlain(json: Json, terms: StudyTerms): Query {
  const shape = shapeErrors(QueryShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_QUERY', 'shape', { errors: shape });
  const query = json as QueryOutline;
  const columns = new Map(planColumns(terms.cohort).map((column) => [column.name, column]));
  const concepts = terms.cohort.concepts !== undefined;

  const where = readWhere(query.where, columns, concepts);
  const axes = readAxes(query.groupBy ?? [], columns);
  const per = readPer(query.per, columns);
  const errors = [...where.errors, ...axes.errors, ...per.errors];
  const named = readMeasures(query.measures, {
    columns,
    specs: terms.cohort.columns,
    images: terms.images ?? [],
    oneRow: per.per !== undefined || terms.cohort.rowsPerPerson === 1,
    axes: axes.names,
    condition: (node, at) => {
      const read = readCondition(node, at, columns, concepts);
      errors.push(...read.errors);
      return read.condition;
    },
    report: (pointer, code) => {
      errors.push({ pointer, code });
    },
  });
  const measures = named.filter((measure): measure is NamedMeasure => !isChoice(measure));
  const choices = named.filter(isChoice);
  errors.push(...halfWidthErrors(query, measures));
  errors.push(...holderErrors(query, named, axes.names, terms.holders));
  const price = readPrice(query, errors);
  const split = axes.names.includes(HOLDER_AXIS);
  const components = distinctBlocks(measures).reduce(
    (sum, { content }) => sum + componentsOf(content),
    0,
  );
  const slots = cellCount(axes.dimensions) * components * (split ? terms.holders.length : 1);
  if (slots > LIMITS.slots || isTooLong(choices, axes.dimensions))
    errors.push({ pointer: '/groupBy', code: 'TOO_MANY_CELLS' });
  if (errors.length > 0) throw new Refusal('INVALID_QUERY', 'meaning', { errors });

  for (const { released } of named) {
    check(terms.operations.includes(released.kind), 'OPERATION_NOT_ALLOWED', released.kind);
  }
  const inside = insideOf(query.holders, choices);
  return {
    where: where.condition,
    groupBy: inside === undefined ? axes.names : [HOLDER_AXIS, ...axes.names],
    dimensions: [...axes.dimensions].sort((a, b) => byCodeUnits(a.column, b.column)),
    split: split || inside !== undefined,
    per: per.per,
    measures,
    price,
    ...(inside !== undefined && { inside }),
  };
}
