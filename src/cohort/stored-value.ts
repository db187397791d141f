/** Values of a query as the stored integers of their column, and stored integers as text. @module */
import { dayOf, dayText } from '../base/calendar.ts';
import { Rational } from '../base/rational.ts';
import { type Interval, bounds } from './column-set.ts';
import { decimalText, exactDecimal } from './decimal.ts';
import type { PlanColumn } from './plan.ts';
import type { Comparator } from './query-shape.ts';

/** A column whose stored values have an order. */
export type OrderedColumn = Exclude<PlanColumn, { type: 'category' }>;

type Outcome<T> = { readonly value: T } | { readonly error: string };

/** `value` in stored counts, a fraction where it lies between two of them. */
function counts(column: OrderedColumn, value: unknown): Outcome<Rational> {
  if (column.type === 'date') {
    if (typeof value !== 'string') return { error: 'WRONG_TYPE' };
    const day = dayOf(value);
    return day === undefined ? { error: 'DATE_INVALID' } : { value: Rational.of(day) };
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return { error: 'WRONG_TYPE' };
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return { error: 'OUT_OF_RANGE' };
  return { value: exactDecimal(value).dividedBy(column.step) };
}

/** A stored value, which may lie outside the bounds of the column (an edge of a bin may). */
export function storedEdge(column: OrderedColumn, value: unknown): Outcome<bigint> {
  const exact = counts(column, value);
  if ('error' in exact) return exact;
  if (exact.value.denominator !== 1n) return { error: 'NOT_ON_STEP' };
  return { value: exact.value.numerator };
}

/** A stored value, or the index of a category; one that the column cannot hold is an error. */
export function storedValue(column: PlanColumn, value: unknown): Outcome<bigint> {
  if (column.type === 'category') {
    if (typeof value !== 'string') return { error: 'WRONG_TYPE' };
    const index = column.domain.indexOf(value);
    return index < 0 ? { error: 'UNKNOWN_VALUE' } : { value: BigInt(index) };
  }
  const stored = storedEdge(column, value);
  if ('error' in stored) return stored;
  const outside = stored.value < column.min || stored.value > column.max;
  return outside ? { error: 'OUT_OF_RANGE' } : stored;
}

/** The stored values for which `stored comparator value` holds. */
export function comparison(
  column: PlanColumn,
  comparator: Comparator,
  value: unknown,
): Outcome<readonly Interval[]> {
  const [low, high] = bounds(column);
  if (comparator === 'eq' || comparator === 'ne') {
    const stored = storedValue(column, value);
    if ('error' in stored) return stored;
    const at = stored.value;
    const rest: Interval[] = [
      [low, at - 1n],
      [at + 1n, high],
    ];
    return { value: comparator === 'eq' ? [[at, at]] : rest };
  }
  if (column.type === 'category') return { error: 'COMPARATOR_NOT_ALLOWED' };
  const exact = counts(column, value);
  if ('error' in exact) return exact;
  switch (comparator) {
    case 'lt':
      return { value: [[low, exact.value.ceil() - 1n]] };
    case 'le':
      return { value: [[low, exact.value.floor()]] };
    case 'gt':
      return { value: [[exact.value.floor() + 1n, high]] };
    case 'ge':
      return { value: [[exact.value.ceil(), high]] };
  }
}

/** A stored value as a person writes it: `6.5`, `2015-01-01`. */
export const storedText = (column: OrderedColumn, stored: bigint): string =>
  column.type === 'date'
    ? dayText(Number(stored))
    : decimalText(Rational.of(stored).times(column.step));
