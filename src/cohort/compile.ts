/**
 * From a checked query to the plan that every holder runs on its own cohort.
 *
 * A pure function of study and query (rulings 10, 13, 14): each holder compiles for itself, and
 * plan digests must agree before any holder reserves budget.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import { Rational } from '../base/rational.ts';
import { tailAtMost } from '../dp/mechanism/discrete-gaussian.ts';
import { cellCount } from './cells.ts';
import { chargeOf } from './charge.ts';
import { conditionPredicate } from './condition.ts';
import { deadlineSeconds } from './deadline.ts';
import { queryKey } from './normal-form.ts';
import type { Plan } from './plan.ts';
import { parseQuery, type Query, type StudyTerms } from './query.ts';
import { planColumns } from './schema.ts';

/** Coefficients of the encryption are integers modulo this (he/). */
const PLAINTEXT_MODULUS = 1n << 32n;
/** Noise is larger than the bound used here with probability 2^−80 a cell. */
const TAIL_BITS = 80;

/** Rows that a slot can count before noise: every person of the declared size at the row bound. */
function largestSum(terms: StudyTerms, split: boolean): bigint {
  const rows = terms.holders.map(
    (holder) => BigInt(terms.cohort.declaredSize[holder] ?? 0) * BigInt(terms.cohort.rowsPerPerson),
  );
  return rows.reduce((a, b) => (split ? (a > b ? a : b) : a + b), 0n);
}

/** Refuses with PLAINTEXT_RANGE or NOISE_RANGE; what is wrong in a query is parseQuery's to say. */
export function compile(terms: StudyTerms, query: Query): Plan {
  const holders = [...terms.holders].sort();
  const { sensitivity, rho, variance } = chargeOf(terms, query);
  const cells = cellCount(query.dimensions);
  const slots = query.split ? cells * holders.length : cells;
  const sum = largestSum(terms, query.split);

  // A slot by holder holds one share of noise: the other holders encrypt zeros there.
  const shares = query.split ? 1 : holders.length;
  const tail = tailAtMost(variance.times(Rational.of(shares)), TAIL_BITS);
  check(2n * (sum + tail) < PLAINTEXT_MODULUS, 'PLAINTEXT_RANGE', `${sum} and noise ${tail}`);

  const where = conditionPredicate(query.where);
  return {
    version: 1,
    study: terms.study,
    holders,
    honestHolders: terms.honestHolders,
    queryKey: queryKey(terms, query),
    split: query.split,
    dimensions: query.dimensions,
    cells,
    slots,
    measures: query.measures,
    columns: planColumns(terms.cohort),
    where: 'all' in where && where.all.length === 0 ? undefined : where,
    rowsPerPerson: terms.cohort.rowsPerPerson,
    cellsPerPerson: terms.cohort.cellsPerPerson,
    sensitivity,
    rho,
    variance,
    largestSum: sum,
    deadlineSeconds: deadlineSeconds(terms.cohort, slots),
    minimumCell: terms.minimumCell,
  };
}

/** Both steps: what a holder does with the query of a signed query. */
export const compileQuery = (terms: StudyTerms, json: Json): Plan =>
  compile(terms, parseQuery(json, terms));
