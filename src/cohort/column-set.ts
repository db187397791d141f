/**
 * A condition on one column as a set: which stored values pass, and whether null does.
 *
 * Every comparison becomes such a set, so that different spellings of one condition
 * (`lt 60`, `le 59`, `not ge 60 and not null`) are the same object. Logic is two-valued: a
 * comparison with null is false and `not` complements it (DESIGN section 9).
 * @module
 */
import type { PlanColumn, Predicate } from './plan.ts';

/** Closed at both ends. Of a category column: indices into its domain. */
export type Interval = readonly [low: bigint, high: bigint];

export type ColumnSet = {
  readonly column: PlanColumn;
  /** Disjoint, not adjacent, ascending, inside the bounds of the column. */
  readonly intervals: readonly Interval[];
  readonly withNull: boolean;
};

/** All values that the column can hold besides null. */
export const bounds = (column: PlanColumn): Interval =>
  column.type === 'category' ? [0n, BigInt(column.domain.length - 1)] : [column.min, column.max];

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a < b ? b : a);

/** The set of the given intervals, clipped to the column's bounds and merged. */
export function columnSet(
  column: PlanColumn,
  intervals: readonly Interval[],
  withNull = false,
): ColumnSet {
  const [low, high] = bounds(column);
  const clipped = intervals
    .map(([a, b]): Interval => [larger(a, low), smaller(b, high)])
    .filter(([a, b]) => a <= b)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const merged: Interval[] = [];
  for (const [a, b] of clipped) {
    const last = merged.at(-1);
    if (last !== undefined && a <= last[1] + 1n)
      merged[merged.length - 1] = [last[0], larger(b, last[1])];
    else merged.push([a, b]);
  }
  return { column, intervals: merged, withNull };
}

export const nullOnly = (column: PlanColumn): ColumnSet => columnSet(column, [], true);

export function complement({ column, intervals, withNull }: ColumnSet): ColumnSet {
  const [low, high] = bounds(column);
  const gaps: Interval[] = [];
  let next = low;
  for (const [a, b] of intervals) {
    gaps.push([next, a - 1n]);
    next = b + 1n;
  }
  return columnSet(column, [...gaps, [next, high]], !withNull);
}

export const union = (a: ColumnSet, b: ColumnSet): ColumnSet =>
  columnSet(a.column, [...a.intervals, ...b.intervals], a.withNull || b.withNull);

/** One sweep over both lists: linear, for the lists come from a stranger's query. */
export function intersection(a: ColumnSet, b: ColumnSet): ColumnSet {
  const common: Interval[] = [];
  let j = 0;
  for (const [low, high] of a.intervals) {
    while ((b.intervals[j]?.[1] ?? low) < low) j += 1;
    for (let k = j; (b.intervals[k]?.[0] ?? high + 1n) <= high; k += 1) {
      const [otherLow, otherHigh] = b.intervals[k] ?? [low, high];
      common.push([larger(low, otherLow), smaller(high, otherHigh)]);
    }
  }
  return columnSet(a.column, common, a.withNull && b.withNull);
}

export const isNothing = (set: ColumnSet): boolean => set.intervals.length === 0 && !set.withNull;
export const isEverything = (set: ColumnSet): boolean => set.withNull && isNothing(complement(set));

function numericPredicate(column: string, [low, high]: Interval, whole: Interval): Predicate {
  return {
    column,
    ...(low > whole[0] && { min: low }),
    ...(high < whole[1] && { max: high }),
  };
}

/** What the engine evaluates; the same set gives the same predicate. */
export function setPredicate(set: ColumnSet): Predicate {
  const { column, intervals, withNull } = set;
  const { name } = column;
  const whole = bounds(column);
  if (isEverything(set)) return { all: [] };
  if (isNothing(set)) return { any: [] };
  if (withNull) {
    if (intervals.length === 0) return { column: name, isNull: true };
    return { not: setPredicate(complement(set)) };
  }
  if (isNothing(complement({ ...set, withNull: true }))) {
    return { not: { column: name, isNull: true } };
  }
  if (column.type === 'category') {
    const values = column.domain.filter((_, i) =>
      intervals.some(([low, high]) => low <= BigInt(i) && BigInt(i) <= high),
    );
    return { column: name, in: values };
  }
  const parts = intervals.map((interval) => numericPredicate(name, interval, whole));
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : { any: parts };
}
