/**
 * How one person can move the vector of a plan, at worst: cell by cell, where that is a short list, and by
 * two numbers always.
 *
 *     tally    R kept rows add R to at most l0 integers: every way to split R into so many parts. A
 *              shorter sum is told less of than a longer one (dp/accountant/view.ts).
 *     dyadic   one row adds 1 to one node of each level
 *     others   a person has as many ways as there are values: no list, but bounds on Σ s²/σ² and Σ |s|/σ² over
 *              all of them (dp/accountant/smooth-view.ts)
 * @module
 */
import { dyadicTree } from '../dp/mechanism/dyadic.ts';
import type { MovedCells } from '../dp/accountant/view.ts';
import type { SmoothMoves } from '../dp/accountant/smooth-view.ts';
import { callsOfPerson, fieldWidths, gramSums } from './blocks.ts';
import type { Block, Plan } from './plan.ts';

/** Ways in which a release is looked at, at most. */
const MOST_WAYS = 12;

/** All ways to write `rows` as a sum of at most `parts` positive integers, the largest first. */
export function partitions(rows: number, parts: number, largest = rows): number[][] {
  if (rows === 0) return [[]];
  if (parts === 0) return [];
  const firsts = Array.from({ length: Math.min(rows, largest) }, (_, i) => i + 1).reverse();
  return firsts.flatMap((first) =>
    partitions(rows - first, parts - 1, first).map((rest) => [first, ...rest]),
  );
}

/** As few entries as there are different shifts. */
const grouped = (variance: number, shifts: readonly number[]): MovedCells[] =>
  [...new Set(shifts)].map((shift) => ({
    variance,
    shift,
    cells: shifts.filter((own) => own === shift).length,
  }));

function waysOf({ content, runs, sensitivity }: Block, rows: number): MovedCells[][] | undefined {
  const variance = runs[0]?.variance.toNumber();
  if (variance === undefined || rows > MOST_WAYS) return undefined;
  if (content.kind === 'tally') {
    return partitions(rows, Number(sensitivity.l0)).map((shifts) => grouped(variance, shifts));
  }
  if (content.kind !== 'dyadic' || rows > 1) return undefined;
  return [[{ variance, shift: 1, cells: dyadicTree(2 ** content.depth).depth + 1 }]];
}

/** Undefined where there is no short list. */
export function movements(plan: Plan): MovedCells[][] | undefined {
  let all: MovedCells[][] = [[]];
  for (const block of plan.blocks) {
    const own = waysOf(block, plan.rowsPerPerson);
    if (own === undefined || own.length * all.length > MOST_WAYS) return undefined;
    all = all.flatMap((before) => own.map((way) => [...before, ...way]));
  }
  return all;
}

/** Σ |s|/σ² of a block, at most: of R rows in C cells. */
function slopeOf({ content, runs }: Block, rows: number, cells: number): number {
  const variances = runs.map(({ variance }) => variance.toNumber());
  const [first = 1] = variances;
  switch (content.kind) {
    case 'tally':
      return rows / first;
    case 'dyadic':
      return (rows * (dyadicTree(2 ** content.depth).depth + 1)) / first;
    case 'moments': {
      // A row: x − L and U − x, D together, and a product of at most D²/4.
      const width = Number(content.max - content.min);
      return rows * (width / first + (width * width) / 4 / (variances[1] ?? 1));
    }
    case 'gram':
      return gramSums(content.features).bounds.reduce(
        (sum, bound, i) => sum + (rows * Number(bound)) / (variances[i] ?? 1),
        0,
      );
    case 'image':
      // Of each field two runs: of answers and of their products.
      return fieldWidths(content).reduce((sum, wide, f) => {
        const width = Number(wide);
        const [own = 1, products = 1] = variances.slice(2 * f, 2 * f + 2);
        return sum + cells * (width / own + (width * width) / 4 / products);
      }, 0);
  }
}

/** Of one share of noise at one holder; undefined where there is nothing summed. */
export function smoothMoves(plan: Plan): SmoothMoves | undefined {
  const { blocks, rowsPerPerson, honestHolders, split } = plan;
  if (blocks.length === 0) return undefined;
  // A share of pooled noise has a part of the variance that was charged for (rulings 1).
  const parts = split ? 1 : honestHolders;
  const cells = callsOfPerson(plan, plan.cells);
  const variances = blocks.flatMap(({ runs }) => runs.map(({ variance }) => variance.toNumber()));
  return {
    muSquared: blocks.reduce((sum, { rho }) => sum + 2 * parts * rho.toNumber(), 0),
    slope: blocks.reduce((sum, block) => sum + slopeOf(block, rowsPerPerson, cells), 0),
    leastVariance: variances.reduce((a, b) => Math.min(a, b)),
  };
}
