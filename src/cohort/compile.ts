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
import { blockOffset } from '../analysis/block-layout.ts';
import { check } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import { Rational } from '../base/rational.ts';
import { tailAtMost } from '../dp/mechanism/discrete-gaussian.ts';
import { checkVariance } from '../dp/sampler/gaussian-reference.ts';
import { blockIndices, carriedLength } from './blocks.ts';
import { cellCount } from './cells.ts';
import { type ChargedBlock, chargeOf, personBounds } from './charge.ts';
import { conditionPredicate } from './condition.ts';
import { deadlineSeconds } from './deadline.ts';
import { linkedTable, pairTerms } from './linked/link.ts';
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

/** Rows of all holders, and of the largest: every person of the declared size at the row bound. */
function largestRows(terms: StudyTerms, query: Query): { all: bigint; one: bigint } {
  const { rowsPerPerson } = personBounds(terms, query);
  const rows = terms.holders.map(
    (holder) => BigInt(terms.cohort.declaredSize[holder] ?? 0) * BigInt(rowsPerPerson),
  );
  return {
    all: rows.reduce((a, b) => a + b, 0n),
    one: rows.reduce((a, b) => (a > b ? a : b), 0n),
  };
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

type Layout = {
  readonly split: boolean;
  readonly holders: number;
  /** Rows that a slot can sum, and those of all holders together. */
  readonly rows: bigint;
  readonly allRows: bigint;
  readonly honestHolders: number;
};

function blockOf(
  { content, sensitivity, rho, noise }: ChargedBlock,
  { split, holders, rows, allRows, honestHolders }: Layout,
): Block {
  const each = largestOfRow(content);
  const runs = noise.map(({ components, variance }, i): Run => {
    // What cannot be drawn is refused here, where it costs nothing.
    checkVariance(variance);
    const ofRow = each[i] ?? 1n;
    const [largest, pooled] = [rows * ofRow, allRows * ofRow];
    // A slot by holder holds one share of noise: the other holders encrypt zeros there.
    const tail = tailAtMost(variance.times(Rational.of(split ? 1 : holders)), TAIL_BITS);
    // Parts by holder carry full noise and are released as they are, whatever h.
    const digits = digitsFor(largest + tail, split ? 1 : honestHolders);
    const all = tailAtMost(variance.times(Rational.of(holders)), TAIL_BITS);
    check(pooled + all < LARGEST_RELEASED, 'PLAINTEXT_RANGE', `pooled sums up to ${pooled}`);
    return { components, variance, largest, digits };
  });
  return { content, runs, sensitivity, rho };
}

/** Refuses with PLAINTEXT_RANGE or NOISE_RANGE; what is wrong in a query is parseQuery's to say. */
export function compile(terms: StudyTerms, query: Query): Plan {
  const { link } = query;
  if (link === undefined) return compileTable(terms, query);
  return linkedTable(compileTable(pairTerms(terms, link), query), terms, link);
}

function compileTable(terms: StudyTerms, query: Query): Plan {
  const holders = [...terms.holders].sort();
  const charge = chargeOf(terms, query);
  const cells = cellCount(query.dimensions);
  const rows = largestRows(terms, query);
  const layout: Layout = {
    split: query.split,
    holders: holders.length,
    rows: query.split ? rows.one : rows.all,
    allRows: rows.all,
    honestHolders: terms.honestHolders,
  };
  const blocks = charge.blocks.map((block) => blockOf(block, layout));
  const values = blockOffset({ cells, blocks }, blocks.length);
  const carried = carriedLength({ cells, blocks });
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
    deadlineSeconds: deadlineSeconds(terms.cohort, { blocks, dimensions: query.dimensions }, slots),
    minimumCell: terms.minimumCell,
  };
}

/** Both steps: what a holder does with the query of a signed query. */
export const compileQuery = (terms: StudyTerms, json: Json): Plan =>
  compile(terms, parseQuery(json, terms));
