/**
 * How one person can move the vector of a plan, at worst: cell by cell, where that is a short list.
 *
 *     tally    R kept rows add R to at most l0 integers: every way to split R into so many parts. A
 *              shorter sum is told less of than a longer one (dp/accountant/view.ts).
 *     dyadic   one row adds 1 to one node of each level
 *     others   a person has as many ways as there are values: no list. Their rho is known all the same.
 * @module
 */
import { dyadicTree } from '../dp/mechanism/dyadic.ts';
import type { MovedCells } from '../dp/accountant/view.ts';
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
