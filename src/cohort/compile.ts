/**
 * From a checked query to the plan that every holder runs on its own cohort.
 *
 * A pure function of study and query (rulings 10, 13, 14): each holder compiles for itself, and
 * plan digests must agree before any holder reserves budget.
 *
 * The encryption is chosen here as well, from the largest sum that the study allows (rulings 6, 7): a
 * plaintext modulus, a ring, or several moduli. Holders then have the same, or no common plan.
 * @module
 */
import { blockOffset } from '../analysis/block-layout.ts';
import { check } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import { Rational } from '../base/rational.ts';
import { tailAtMost } from '../dp/mechanism/discrete-gaussian.ts';
import { checkVariance } from '../dp/sampler/gaussian-reference.ts';
import { chooseParameters } from '../he/choose.ts';
import { MAX_CIPHERTEXTS } from '../he/security.ts';
import { blockIndices, callsOfPerson, fieldWidths, gramSums } from './blocks.ts';
import { cellCount } from './cells.ts';
import { type ChargedBlock, chargeOf, largestRows, personBounds } from './charge.ts';
import { conditionPredicate } from './condition.ts';
import { deadlineSeconds } from './deadline.ts';
import { compileInside } from './inside/compile.ts';
import { linkedTable, pairTerms } from './linked/link.ts';
import { queryKey } from './normal-form.ts';
import type { Block, BlockContent, Plan, Run } from './plan.ts';
import { parseQuery, type Query, type StudyTerms } from './query.ts';
import { planColumns } from './schema.ts';
import { MOST_UPLOAD_BYTES, uploadSize } from './upload-size.ts';

/** What is released is a double, and must be the integer that it stands for. */
const LARGEST_RELEASED = 1n << 53n;
/** Σ (x − L)(U − x) is not released but goes into a variance, rounded: it must fit 64 bits. */
const LARGEST_PRODUCTS = 1n << 62n;
/** Noise is larger than the bound used here with probability 2^−80 a cell. */
const TAIL_BITS = 80;

/** What one row, or one block of people, adds at most to the components of each run. */
function largestOfRow(content: BlockContent): bigint[] {
  if (content.kind === 'gram') return [...gramSums(content.features).bounds];
  const ofWidth = (width: bigint): bigint[] => [width, (width * width) / 4n];
  if (content.kind === 'image') return fieldWidths(content).flatMap(ofWidth);
  return content.kind === 'moments' ? ofWidth(content.max - content.min) : [1n];
}

type Layout = {
  readonly split: boolean;
  readonly holders: number;
  /** Rows that a slot can sum, and those of all holders together. */
  readonly rows: bigint;
  readonly allRows: bigint;
  /** Of a person with so many rows: one in each cell. */
  readonly calls: { readonly rowsPerPerson: bigint; readonly perPerson: bigint };
};

/** A block, and the largest absolute value that a slot of it can have, noise included. */
type SizedBlock = { readonly block: Block; readonly largest: bigint };

/** What is added up at most: rows, or of an image blocks of people, or calls for a person in a cell. */
function summandsOf(content: BlockContent, { split, holders, rows, allRows, calls }: Layout) {
  if (content.kind !== 'image') return { rows, allRows };
  if (content.mode === 'map') {
    const { perPerson, rowsPerPerson } = calls;
    const of = (all: bigint): bigint => (all / rowsPerPerson) * perPerson;
    return { rows: of(rows), allRows: of(allRows) };
  }
  const all = BigInt(content.blocks) * BigInt(holders);
  return { rows: split ? BigInt(content.blocks) : all, allRows: all };
}

function blockOf({ content, sensitivity, rho, noise }: ChargedBlock, layout: Layout): SizedBlock {
  const { split, holders } = layout;
  const { rows, allRows } = summandsOf(content, layout);
  const each = largestOfRow(content);
  let slot = 0n;
  const runs = noise.map(({ components, variance }, i): Run => {
    // What cannot be drawn is refused here, where it costs nothing.
    checkVariance(variance);
    const ofRow = each[i] ?? 1n;
    const [largest, pooled] = [rows * ofRow, allRows * ofRow];
    // A slot by holder holds one share of noise: the other holders encrypt zeros there.
    const tail = tailAtMost(variance.times(Rational.of(split ? 1 : holders)), TAIL_BITS);
    if (largest + tail > slot) slot = largest + tail;
    const all = tailAtMost(variance.times(Rational.of(holders)), TAIL_BITS);
    const limit = i === 0 ? LARGEST_RELEASED : LARGEST_PRODUCTS;
    check(pooled + all < limit, 'PLAINTEXT_RANGE', `pooled sums up to ${pooled}`);
    return { components, variance, largest };
  });
  return { block: { content, runs, sensitivity, rho }, largest: slot };
}

/** By id. Refuses with ENCRYPTION_PARAMETERS what does not reach 128 bits or the smudging target. */
function parametersFor(largestSum: bigint, holders: number): string[] {
  const facts = { largestSum, ciphertexts: MAX_CIPHERTEXTS, holders, mode: 'seeded' } as const;
  return chooseParameters(facts).sets.map(({ id }) => id);
}

/**
 * Refuses with PLAINTEXT_RANGE, NOISE_RANGE or ENCRYPTION_PARAMETERS; what is wrong in a query is
 * parseQuery's to say.
 */
export function compile(terms: StudyTerms, query: Query): Plan {
  const { link } = query;
  if (query.inside !== undefined) return compileInside(terms, query);
  if (link === undefined) return compileTable(terms, query);
  return linkedTable(compileTable(pairTerms(terms, link), query), terms, link);
}

/** What a program in the sandbox would be sent by a holder; refuses with PAYLOAD_TOO_LARGE. */
function checkUploads(
  { cohort }: StudyTerms,
  content: BlockContent,
  bounds: Parameters<typeof uploadSize>[1],
): void {
  if (content.kind !== 'image' || content.operator === undefined) return;
  for (const people of Object.values(cohort.declaredSize)) {
    const { bytes, answerBytes } = uploadSize(content, bounds, people);
    const fits = Math.max(bytes, answerBytes) <= MOST_UPLOAD_BYTES;
    check(fits, 'PAYLOAD_TOO_LARGE', `an upload of ${bytes} bytes`);
  }
}

function compileTable(terms: StudyTerms, query: Query): Plan {
  const holders = [...terms.holders].sort();
  const cells = cellCount(query.dimensions);
  const rows = largestRows(terms, query);
  const charge = chargeOf(terms, query);
  const bounds = personBounds(terms, query);
  const layout: Layout = {
    split: query.split,
    holders: holders.length,
    rows: query.split ? rows.one : rows.all,
    allRows: rows.all,
    calls: {
      rowsPerPerson: BigInt(bounds.rowsPerPerson),
      perPerson: BigInt(callsOfPerson(bounds, cells)),
    },
  };
  const sized = charge.blocks.map((block) => blockOf(block, layout));
  const blocks = sized.map(({ block }) => block);
  for (const { content } of blocks) checkUploads(terms, content, { ...bounds, cells });
  const largest = sized.reduce((most, one) => (one.largest > most ? one.largest : most), 0n);
  const values = blockOffset({ cells, blocks }, blocks.length);
  const slots = query.split ? values * holders.length : values;
  const indices = blockIndices(query.measures);

  const where = conditionPredicate(query.where);
  return {
    version: 3,
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
    parameters: parametersFor(largest, holders.length),
    columns: planColumns(terms.cohort),
    where: 'all' in where && where.all.length === 0 ? undefined : where,
    per: query.per,
    ...bounds,
    rho: charge.rho,
    deadlineSeconds: deadlineSeconds(terms.cohort, { blocks, dimensions: query.dimensions }, slots),
    minimumCell: terms.minimumCell,
    ...(terms.rounding !== undefined && { rounding: terms.rounding }),
  };
}

/** Both steps: what a holder does with the query of a signed query. */
export const compileQuery = (terms: StudyTerms, json: Json): Plan =>
  compile(terms, parseQuery(json, terms));
