/**
 * What measures over times to an event have in common: the time, its public grid, events and arms,
 * and the one cell of a table of exits in which each person is.
 *
 * Interval i is (grid[i], grid[i+1]], the first one with grid[0], so that a grid of every time
 * that occurs gives the curve of the data. An event is a condition, or the name of a column that
 * is 0 or 1, or of a category of two values in the order no, yes.
 * @module
 */
import type { Json } from '../../base/canonical-json.ts';
import { readAxes } from '../axes.ts';
import { columnSet } from '../column-set.ts';
import { type Condition, conditionPredicate, setCondition } from '../condition.ts';
import type { Dimension, Factor, PlanColumn } from '../plan.ts';
import { storedEdge } from '../stored-value.ts';
import { knownColumns } from './known.ts';
import type { MeasureContext } from './measure.ts';

type Time = Extract<PlanColumn, { readonly type: 'integer' | 'number' }>;

/** Pairs of values that mean no and yes, in this order. */
const NO_YES = ['0,1', 'no,yes', 'false,true', 'censored,event', 'alive,dead', '無,有'];

function isEventColumn(column: PlanColumn): boolean {
  if (column.type === 'category') return NO_YES.includes(column.domain.join(',').toLowerCase());
  return column.type === 'integer' && column.min === 0n && column.max === 1n;
}

export function readEvent(
  node: unknown,
  at: string,
  context: MeasureContext,
): Condition | undefined {
  if (typeof node !== 'string') return context.condition(node, at);
  const column = context.columns.get(node);
  if (column === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (!isEventColumn(column)) context.report(at, 'EVENT_AMBIGUOUS');
  else return setCondition(columnSet(column, [[1n, 1n]]));
  return undefined;
}

export function readTime(name: string, at: string, { columns, report }: MeasureContext) {
  const column = columns.get(name);
  if (column === undefined) report(at, 'UNKNOWN_COLUMN');
  else if (column.type !== 'integer' && column.type !== 'number') report(at, 'NOT_NUMERIC');
  else return column;
  return undefined;
}

export function readGrid(
  time: Time,
  grid: readonly number[],
  at: string,
  { report }: MeasureContext,
) {
  const edges = grid.flatMap((edge, i) => {
    const stored = storedEdge(time, edge);
    if ('value' in stored) return [stored.value];
    report(`${at}/${i}`, stored.error);
    return [];
  });
  const wrong = edges.findIndex((edge, i) => i > 0 && edge <= (edges[i - 1] ?? edge));
  if (wrong > 0) report(`${at}/${wrong}`, 'BINS_NOT_INCREASING');
  return edges;
}

export type Arm = { readonly dimension: Dimension | undefined };

export function readArm(arm: unknown, at: string, context: MeasureContext): Arm | undefined {
  if (arm === undefined) return { dimension: undefined };
  const { dimensions, errors } = readAxes([arm], context.columns, () => at);
  for (const { pointer, code } of errors) context.report(pointer, code);
  const [dimension] = dimensions;
  if (errors.length > 0) return undefined;
  if (dimension === undefined) context.report(at, 'UNKNOWN_COLUMN');
  else if (context.axes.includes(dimension.column)) context.report(at, 'DUPLICATE_GROUP');
  else return { dimension };
  return undefined;
}

/** The exits of one arm. */
export function exitsFactor(
  time: string,
  edges: readonly bigint[],
  events: readonly Condition[],
): Factor {
  return {
    parts: (events.length + 1) * (edges.length - 1) + 1,
    part: {
      kind: 'exits',
      time,
      edges,
      events: events.map(conditionPredicate),
      known: [...new Set([time, ...events.flatMap(knownColumns)])].sort(),
    },
  };
}

export const axisFactor = (dimension: Dimension): Factor => ({
  parts: dimension.labels.length,
  part: { kind: 'bins', dimension },
});

/** The tally of these factors, the last one fastest. */
export function tallyOf(factors: readonly Factor[]) {
  const [first, ...others] = factors;
  const parts = factors.reduce((product, own) => product * own.parts, 1);
  const alone = others.length === 0 && first !== undefined;
  return {
    kind: 'tally',
    parts,
    part: alone ? first.part : ({ kind: 'cross', factors } as const),
  } as const;
}

/** An axis in the normal form of a query. */
export const axisForm = (dimension: Dimension): Json => ({
  column: dimension.column,
  edges: dimension.kind === 'bins' ? dimension.edges.map(String) : null,
});

/** The unit of a column, 1 where it has none. */
export function unitOf(name: string, { specs }: MeasureContext): string {
  const spec = specs[name];
  return (spec !== undefined && 'unit' in spec ? spec.unit : undefined) ?? '1';
}
