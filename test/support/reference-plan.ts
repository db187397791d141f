/**
 * The slow twin of what a holder runs: a plan over rows in memory, exactly and without noise.
 * Bounding is left out on purpose: `referenceCells` refuses rows that a bound would cut.
 */
import { ok } from 'node:assert/strict';
import type { Dimension, Plan, Predicate } from '../../src/cohort/plan.ts';

/** As the cohort stores it: text for a category, a count of steps or a day else; null for all the rest. */
export type StoredValue = string | bigint | null;
export type StoredRow = {
  readonly person: string | null;
  readonly values: ReadonlyMap<string, StoredValue>;
  /** Does the person have a record of the concept, or with `true` of one below it? */
  readonly hasConcept?: (concept: number, descendants: boolean) => boolean;
};

const valueOf = (row: StoredRow, column: string): StoredValue => row.values.get(column) ?? null;

export function passes(predicate: Predicate, row: StoredRow): boolean {
  if ('all' in predicate) return predicate.all.every((child) => passes(child, row));
  if ('any' in predicate) return predicate.any.some((child) => passes(child, row));
  if ('not' in predicate) return !passes(predicate.not, row);
  if ('hasConcept' in predicate) {
    return row.hasConcept?.(predicate.hasConcept, predicate.descendants) ?? false;
  }
  const value = valueOf(row, predicate.column);
  if ('isNull' in predicate) return value === null;
  if ('in' in predicate) return typeof value === 'string' && predicate.in.includes(value);
  if (typeof value !== 'bigint') return false;
  const above = predicate.min === undefined || value >= predicate.min;
  const below = predicate.max === undefined || value <= predicate.max;
  return above && below;
}

function cellOnAxis(dimension: Dimension, row: StoredRow): number {
  const value = valueOf(row, dimension.column);
  const nullCell = dimension.labels.length;
  if (value === null) return nullCell;
  if (dimension.kind === 'category') {
    const at = dimension.labels.findIndex((label) => label === value);
    return at < 0 ? nullCell : at;
  }
  if (typeof value === 'string') return nullCell;
  for (let i = 0; i + 1 < dimension.edges.length; i++) {
    if (value >= dimension.edges[i]! && value < dimension.edges[i + 1]!) return i;
  }
  return nullCell;
}

/** Row-major, null cell last on each axis. */
export function cellOf(plan: Plan, row: StoredRow): number {
  let index = 0;
  for (const dimension of plan.dimensions) {
    index = index * (dimension.labels.length + 1) + cellOnAxis(dimension, row);
  }
  return index;
}

/** The plan's cells on these rows of one holder: `plan.cells` counts. Rows without a person are dropped. */
export function referenceCells(plan: Plan, rows: readonly StoredRow[]): bigint[] {
  const counts = Array.from({ length: plan.cells }, () => 0n);
  const ofPerson = new Map<string, { rows: number; cells: Set<number> }>();
  for (const row of rows) {
    if (row.person === null) continue;
    if (plan.where !== undefined && !passes(plan.where, row)) continue;
    const cell = cellOf(plan, row);
    const own = ofPerson.get(row.person) ?? { rows: 0, cells: new Set<number>() };
    own.rows += 1;
    own.cells.add(cell);
    ofPerson.set(row.person, own);
    ok(own.rows <= plan.rowsPerPerson, 'the row bound binds: no reference for that');
    ok(own.cells.size <= plan.cellsPerPerson, 'the cell bound binds: no reference for that');
    counts[cell]! += 1n;
  }
  return counts;
}

/** The slots that `holder` would encrypt before noise: zeros in the blocks of the others. */
export function referenceSlots(plan: Plan, holder: string, rows: readonly StoredRow[]): bigint[] {
  const cells = referenceCells(plan, rows);
  if (!plan.split) return cells;
  return plan.holders.flatMap((name) => (name === holder ? cells : cells.map(() => 0n)));
}
