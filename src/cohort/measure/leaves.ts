/**
 * What quantiles and the distribution function share: a dyadic histogram of one numeric column, so that
 * asking for both draws one set of noise.
 *
 * The column's steps are put into 2^depth leaves of equal width from its minimum up, the least depth
 * at which a leaf has at most `resolution` (in units of the column; default one step) and at most
 * `DEEPEST`. A row is in one node of each level, so the price is `depth` counts
 * (dp/contribution.ts), and a finer resolution costs accuracy.
 * @module
 */
import type { Leaves } from '../../analysis/measure/quantiles.ts';
import { pointerTo } from '../../base/input.ts';
import type { BlockContent, PlanColumn } from '../plan.ts';
import { exactDecimal } from '../decimal.ts';
import type { MeasureContext } from './measure.ts';

const DEEPEST = 12;
/** Without a resolution asked for. */
const USUAL_DEPTH = 10;
const LARGEST = 1n << 53n;

export type NumberColumn = Extract<PlanColumn, { readonly type: 'integer' | 'number' }>;

export function readNumberColumn(
  name: unknown,
  at: string,
  { columns, report }: MeasureContext,
): NumberColumn | undefined {
  const column = typeof name === 'string' ? columns.get(name) : undefined;
  if (column === undefined) report(at, typeof name === 'string' ? 'UNKNOWN_COLUMN' : 'WRONG_TYPE');
  else if (column.type !== 'integer' && column.type !== 'number') report(at, 'NOT_NUMERIC');
  else return column;
  return undefined;
}

/** The least depth with 2^depth leaves of `width` steps over `steps` of them. */
function depthFor(steps: bigint, width: bigint): number {
  let depth = 1;
  while (width << BigInt(depth) < steps) depth += 1;
  return depth;
}

export type Tree = {
  readonly content: Extract<BlockContent, { readonly kind: 'dyadic' }>;
  readonly leaves: Leaves;
};

/** `resolution` as written by the analyst, undefined where it is left out. */
export function readTree(
  column: NumberColumn,
  resolution: number | undefined,
  at: string,
  { report }: MeasureContext,
): Tree | undefined {
  const { name, min, max, step } = column;
  const steps = max - min + 1n;
  if (steps < 2n || max >= LARGEST || min <= -LARGEST) {
    report(at, 'BOUNDS_NOT_SERVED');
    return undefined;
  }
  let width = 1n;
  if (resolution === undefined) while (width << BigInt(USUAL_DEPTH) < steps) width *= 2n;
  else {
    const wanted = exactDecimal(resolution).dividedBy(step);
    if (wanted.denominator !== 1n || wanted.numerator < 1n) {
      report(pointerTo(at, 'resolution'), 'NOT_ON_STEP');
      return undefined;
    }
    width = wanted.numerator;
  }
  const depth = depthFor(steps, width);
  if (depth > DEEPEST) {
    report(pointerTo(at, 'resolution'), 'TOO_MANY_CELLS');
    return undefined;
  }
  return {
    content: { kind: 'dyadic', depth, part: { kind: 'leaves', column: name, min, width } },
    leaves: {
      depth,
      min: Number(min),
      max: Number(max),
      width: Number(width),
      step: step.toNumber(),
    },
  };
}
