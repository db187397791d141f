/**
 * What a query costs every holder, and the noise that this buys: exact, from public numbers.
 *
 * The charge is split equally over the measures (DESIGN section 9), and each block gets the parts
 * of the measures that read it. Its noise has σ² = Δ²/(2·rho) (rulings 11; dp/contribution.ts,
 * dp/mechanism/discrete-gaussian.ts). Where a study signs that h > 1 holders are honest, a
 * holder adds σ²/h to pooled cells and at most a 4096th more, so that the charge covers the sum of h
 * shares, which is not quite a discrete Gaussian (dp/accountant/shares.ts); shares below 4 are
 * refused. Cells by holder always carry the full σ² (rulings 8), and so does everything when h is 1.
 * @module
 */
import { check } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';
import { SMOOTH_SHARE, tauUp } from '../dp/accountant/shares.ts';
import {
  type CountBounds,
  countSensitivity,
  momentSensitivity,
  productNoise,
  type Sensitivity,
} from '../dp/contribution.ts';
import { dyadicSensitivity, dyadicTree } from '../dp/mechanism/dyadic.ts';
import { rhoFor, rhoForHalfWidth, varianceFor } from '../dp/mechanism/discrete-gaussian.ts';
import { answerSensitivity, fieldNoise } from '../dp/mechanism/sample-aggregate.ts';
import { componentsOf, distinctBlocks, fieldWidths, gramSums } from './blocks.ts';
import { cellCount } from './cells.ts';
import { expectedWidth, rhoForWidth, widestOf } from './expected-width.ts';
import type { BlockContent } from './plan.ts';
import type { Query, StudyTerms } from './query.ts';

export type ChargedBlock = {
  readonly content: BlockContent;
  readonly sensitivity: Sensitivity;
  readonly rho: Rational;
  /** Of the share that one holder adds, run by run. */
  readonly noise: readonly { readonly components: number; readonly variance: Rational }[];
};

export type Charge = {
  readonly rho: Rational;
  readonly blocks: readonly ChargedBlock[];
};

/** Rows and cells of one person that count: with `per` there is one row. */
export const personBounds = (
  { cohort }: StudyTerms,
  { per }: Query,
): { readonly rowsPerPerson: number; readonly cellsPerPerson: number } =>
  per === undefined
    ? { rowsPerPerson: cohort.rowsPerPerson, cellsPerPerson: cohort.cellsPerPerson }
    : { rowsPerPerson: 1, cellsPerPerson: 1 };

/**
 * `squaredL2` in units in which the noise variance of a sum is σ² times the square of what one row
 * adds to it at most (dp/mechanism/regression.ts).
 */
function gramSensitivity({ features }: Gram, { rowsPerPerson }: CountBounds): Sensitivity {
  const { bounds, l1 } = gramSums(features, rowsPerPerson);
  const [rows, sums] = [BigInt(rowsPerPerson), BigInt(bounds.length)];
  const largest = bounds.reduce((a, b) => (a > b ? a : b));
  return { l0: rows * sums, linf: rows * largest, l1, squaredL2: rows * rows * sums };
}

type Gram = Extract<BlockContent, { readonly kind: 'gram' }>;

function sensitivityOf(content: BlockContent, bounds: CountBounds): Sensitivity {
  if (content.kind === 'moments') {
    return momentSensitivity({ ...bounds, width: content.max - content.min });
  }
  if (content.kind === 'dyadic') {
    const tree = dyadicTree(2 ** content.depth);
    // A row is in one node of every level, whatever its cell.
    const own = dyadicSensitivity(tree, bounds.rowsPerPerson);
    return { ...own, l0: BigInt(bounds.rowsPerPerson * (tree.depth + 1)) };
  }
  if (content.kind === 'gram') return gramSensitivity(content, bounds);
  if (content.kind === 'image') {
    const { l0: cells } = countSensitivity(bounds);
    return answerSensitivity({
      mode: content.mode,
      widths: fieldWidths(content),
      cells: Number(cells),
    });
  }
  // A kept row is in one part of one cell, so a part multiplies cells and nothing else.
  const { rowsPerPerson, cellsPerPerson, cells } = bounds;
  return countSensitivity({
    rowsPerPerson,
    cellsPerPerson: cellsPerPerson * content.parts,
    cells: cells * content.parts,
  });
}

/**
 * A charge of at least `rho` whose variance is a short fraction: the sampler is then in its
 * fast range, and prices read `1/384`. The variance shrinks to a 64th or an integer below it.
 */
function roundedUp(rho: Rational, squaredL2: bigint): Rational {
  const variance = varianceFor(squaredL2, rho);
  const grid = variance.compare(Rational.of(64)) < 0 ? 64n : 1n;
  const below = Rational.of(variance.times(Rational.of(grid)).floor(), grid);
  return below.isZero() ? rho : rhoFor(squaredL2, below);
}

/** Rows of all holders, and of the largest: every person of the declared size at the row bound. */
export function largestRows(terms: StudyTerms, query: Query): { all: bigint; one: bigint } {
  const { rowsPerPerson } = personBounds(terms, query);
  const rows = terms.holders.map(
    (holder) => BigInt(terms.cohort.declaredSize[holder] ?? 0) * BigInt(rowsPerPerson),
  );
  return {
    all: rows.reduce((a, b) => a + b, 0n),
    one: rows.reduce((a, b) => (a > b ? a : b), 0n),
  };
}

type Sized = {
  readonly content: BlockContent;
  readonly sensitivity: Sensitivity;
};

/** A cell is known beforehand where it is one sum of the vector: by an exact bound. */
const SUMMED: readonly string[] = ['count', 'histogram'];

/**
 * `halfWidth` bounds the 95 % noise half width of the cells that the query asks for: of a cell
 * by holder where it groups by holder, else of a pooled cell, whose noise is the sum of n shares.
 * Of a count it is a promise; of a measure whose noise depends on the rows of a cell it is what to
 * expect with `rows` of them (expected-width.ts). Only a query of one measure has it (query.ts).
 */
function chargedRho(
  terms: StudyTerms,
  query: Query,
  { content, sensitivity }: Sized,
  rows: number,
): Rational {
  if ('rho' in query.price) return query.price.rho;
  const { halfWidth } = query.price;
  const { squaredL2 } = sensitivity;
  const honest = query.split ? 1 : terms.honestHolders;
  const shares = query.split ? 1 : terms.holders.length;
  const [only] = query.measures;
  check(only !== undefined, 'INTERNAL', 'a query without a measure');
  if (SUMMED.includes(only.released.kind)) {
    const full = rhoForHalfWidth(halfWidth, squaredL2, shares).dividedBy(Rational.of(honest));
    return roundedUp(honest === 1 ? full : full.times(SHARE_ROOM), squaredL2);
  }
  const measure = { ...only.released, name: only.name, block: 0 };
  const width = (rho: Rational): number => {
    const runs = noiseOfShare({ content, sensitivity }, rho, honest);
    return widestOf(expectedWidth(measure, { content, runs }, shares, rows));
  };
  return roundedUp(rhoForWidth(halfWidth, width), squaredL2);
}

/**
 * Moments: noise of σ² on the two sums and of σ²·D²/8 on the third, which is free. Answers of an image: the
 * same, each field in units of its width. Products of
 * features: of σ² times the square of what the product can be at most.
 */
function noiseOf(content: BlockContent, variance: Rational): ChargedBlock['noise'] {
  if (content.kind === 'gram') {
    return gramSums(content.features).bounds.map((bound) => ({
      components: 1,
      variance: variance.times(Rational.of(bound * bound)),
    }));
  }
  if (content.kind === 'image') {
    return fieldWidths(content).flatMap((width) =>
      fieldNoise(content.mode, width).map(({ components, multiple }) => ({
        components,
        variance: variance.times(multiple),
      })),
    );
  }
  if (content.kind !== 'moments') return [{ components: componentsOf(content), variance }];
  const product = variance.times(productNoise(content.max - content.min));
  return [
    { components: 2, variance },
    { components: 1, variance: product },
  ];
}

const GRANULES = Rational.of(4096);
/** A price this much higher has a variance that is lower by more than rounding makes it higher. */
const SHARE_ROOM = Rational.of(2049, 2048);

/** At least `value` > 0, at most a 4096th more, and short: an integer times a power of two. */
function roundedShare(value: Rational): Rational {
  let unit = Rational.ONE;
  const two = Rational.of(2);
  while (value.compare(unit.times(GRANULES)) < 0) unit = unit.dividedBy(two);
  while (value.compare(unit.times(GRANULES).times(two)) >= 0) unit = unit.times(two);
  return Rational.of(value.dividedBy(unit).ceil()).times(unit);
}

/** What one of h honest holders adds, run by run, where the sum of h shares is to cost `rho`. */
function noiseOfShare(
  { content, sensitivity }: Sized,
  rho: Rational,
  honest: number,
): ChargedBlock['noise'] {
  const { squaredL2, l0 } = sensitivity;
  const among = Rational.of(honest);
  const noise = noiseOf(content, varianceFor(squaredL2, rho).dividedBy(among));
  if (honest === 1) return noise;
  const least = noise.map(({ variance }) => variance).reduce((a, b) => (a.atMost(b) ? a : b));
  if (!SMOOTH_SHARE.atMost(least)) return noise;
  const left = rho.minus(tauUp(least, honest).times(Rational.of(l0)));
  check(left.sign() > 0, 'NOISE_RANGE', 'rho below what a sum of shares costs more');
  return noiseOf(content, roundedShare(varianceFor(squaredL2, left).dividedBy(among)));
}

/** Refuses with NOISE_RANGE what cannot be split among h holders. */
export function chargeOf(terms: StudyTerms, query: Query): Charge {
  const cells = cellCount(query.dimensions);
  const bounds = { ...personBounds(terms, query), cells };
  const shared = distinctBlocks(query.measures).map((block) => ({
    ...block,
    sensitivity: sensitivityOf(block.content, bounds),
  }));
  const [first] = shared;
  check(first !== undefined, 'INTERNAL', 'a query without a block');
  const { one, all } = largestRows(terms, query);
  const rows = Math.max(1, Math.floor(Number(query.split ? one : all) / cells));
  const rho = chargedRho(terms, query, first, rows);
  const honest = query.split ? 1 : terms.honestHolders;
  const blocks = shared.map(({ content, readers, sensitivity }): ChargedBlock => {
    const own = rho.times(Rational.of(readers, query.measures.length));
    const noise = noiseOfShare({ content, sensitivity }, own, honest);
    const smooth = honest === 1 || noise.every((run) => SMOOTH_SHARE.atMost(run.variance));
    check(smooth, 'NOISE_RANGE', 'share variance below 4');
    return { content, sensitivity, rho: own, noise };
  });
  return { rho, blocks };
}
