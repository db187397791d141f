/**
 * From a checked query to the plan that every holder runs on its own cohort.
 *
 * A pure function of study and query (rulings 10, 13, 14): each holder compiles for itself, and
 * plan digests must agree before any holder reserves budget.
 *
 * A sum that does not fit the plaintext modulus is carried in two slots (rulings 7): each holder
 * splits its *noised* value into value mod 2^24 and the rest. Whoever sees the sums of both parts
 * learns more than their total, yet no more than all the holders' noised values, which is what
 * the whole guarantee is for when h is 1. With h > 1 the guarantee is of the total alone, so
 * there such a query is refused.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import { Rational } from '../base/rational.ts';
import { tailAtMost } from '../dp/mechanism/discrete-gaussian.ts';
import { blockIndices } from './blocks.ts';
import { cellCount } from './cells.ts';
import { type ChargedBlock, chargeOf, personBounds } from './charge.ts';
import { conditionPredicate } from './condition.ts';
import { deadlineSeconds } from './deadline.ts';
import { queryKey } from './normal-form.ts';
import type { Block, BlockContent, Plan, Run } from './plan.ts';
import { parseQuery, type Query, type StudyTerms } from './query.ts';
import { planColumns } from './schema.ts';

/** Coefficients of the encryption are integers modulo this (he/). */
const PLAINTEXT_MODULUS = 1n << 32n;
/** What is released is a double, and must be the integer that it stands for. */
const LARGEST_RELEASED = 1n << 53n;
/** Noise is larger than the bound used here with probability 2^−80 a cell. */
const TAIL_BITS = 80;

/** Rows that a slot can sum before noise: every person of the declared size at the row bound. */
function largestRows(terms: StudyTerms, query: Query): bigint {
  const { rowsPerPerson } = personBounds(terms, query);
  const rows = terms.holders.map(
    (holder) => BigInt(terms.cohort.declaredSize[holder] ?? 0) * BigInt(rowsPerPerson),
  );
  return rows.reduce((a, b) => (query.split ? (a > b ? a : b) : a + b), 0n);
}

/** What one row adds at most to the components of each run. */
function largestOfRow(content: BlockContent): bigint[] {
  if (content.kind === 'tally') return [1n];
  const width = content.max - content.min;
  return [width, (width * width) / 4n];
}

/** Slots of one value, or a refusal with PLAINTEXT_RANGE. */
function digitsFor(bound: bigint, honestHolders: number): 1 | 2 {
  if (2n * bound < PLAINTEXT_MODULUS) return 1;
  const fits = honestHolders === 1 && 2n * bound < LARGEST_RELEASED;
  check(fits, 'PLAINTEXT_RANGE', `sums up to ${bound}`);
  return 2;
}

function blockOf(
  { content, sensitivity, rho, noise }: ChargedBlock,
  rows: bigint,
  shares: number,
  honestHolders: number,
): Block {
  const each = largestOfRow(content);
  const runs = noise.map(({ components, variance }, i): Run => {
    const largest = rows * (each[i] ?? 1n);
    // A slot by holder holds one share of noise: the other holders encrypt zeros there.
    const tail = tailAtMost(variance.times(Rational.of(shares)), TAIL_BITS);
    return { components, variance, largest, digits: digitsFor(largest + tail, honestHolders) };
  });
  return { content, runs, sensitivity, rho };
}

/** Refuses with PLAINTEXT_RANGE or NOISE_RANGE; what is wrong in a query is parseQuery's to say. */
export function compile(terms: StudyTerms, query: Query): Plan {
  const holders = [...terms.holders].sort();
  const charge = chargeOf(terms, query);
  const cells = cellCount(query.dimensions);
  const rows = largestRows(terms, query);
  const shares = query.split ? 1 : holders.length;
  const blocks = charge.blocks.map((block) => blockOf(block, rows, shares, terms.honestHolders));
  const runs = blocks.flatMap((block) => block.runs);
  const values = cells * runs.reduce((sum, { components }) => sum + components, 0);
  const carried = cells * runs.reduce((sum, run) => sum + run.components * run.digits, 0);
  const slots = query.split ? carried * holders.length : carried;
  const indices = blockIndices(query.measures);

  const where = conditionPredicate(query.where);
  return {
    version: 2,
    study: terms.study,
    holders,
    honestHolders: terms.honestHolders,
    queryKey: queryKey(terms, query),
    split: query.split,
    dimensions: query.dimensions,
    cells,
    blocks,
    measures: query.measures.map(({ name, released }, i) => ({
      ...released,
      name,
      block: indices[i] ?? 0,
    })),
    values,
    slots,
    columns: planColumns(terms.cohort),
    where: 'all' in where && where.all.length === 0 ? undefined : where,
    per: query.per,
    ...personBounds(terms, query),
    rho: charge.rho,
    deadlineSeconds: deadlineSeconds(terms.cohort, slots),
    minimumCell: terms.minimumCell,
  };
}

/** Both steps: what a holder does with the query of a signed query. */
export const compileQuery = (terms: StudyTerms, json: Json): Plan =>
  compile(terms, parseQuery(json, terms));
