/**
 * Reads `per` of a query: which row of a person counts, where a person has several. It comes
 * before bounding, so each person then has one row, and the price is that of one row.
 * @module
 */
import type { Static } from 'typebox';
import type { Json } from '../base/canonical-json.ts';
import type { InputError } from '../base/errors.ts';
import { shapeErrors } from '../base/input.ts';
import type { Pick, PlanColumn } from './plan.ts';
import { PerShape } from './query-shape.ts';
import type { Columns } from './where.ts';

type Outline = Static<typeof PerShape>;
type Report = (at: string, code: string) => void;

/** One choice has one name in the plan: the latest row has the largest date. */
const CHOICE = {
  latest: 'max',
  first: 'min',
  min: 'min',
  max: 'max',
  mean: 'mean',
  any: 'any',
} as const;

function readBy({ pick, by }: Outline, columns: Columns, report: Report): PlanColumn | undefined {
  if (pick === 'any') {
    if (by !== undefined) report('/per/by', 'UNKNOWN_FIELD');
    return undefined;
  }
  if (by === undefined) {
    report('/per/by', 'MISSING_FIELD');
    return undefined;
  }
  const column = columns.get(by);
  if (column === undefined) report('/per/by', 'UNKNOWN_COLUMN');
  // There is no mean of days that a clinician would ask for, and no order of categories.
  else if (column.type === 'category' || (pick === 'mean' && column.type === 'date')) {
    report('/per/by', 'NOT_NUMERIC');
  }
  return column;
}

function readWindow(
  { window }: Outline,
  by: PlanColumn | undefined,
  columns: Columns,
  report: Report,
): Pick['window'] {
  if (window === undefined) return undefined;
  const date = window.date ?? (by?.type === 'date' ? by.name : undefined);
  if (date === undefined) report('/per/window/date', 'MISSING_FIELD');
  const named = [
    ['date', date],
    ['index', window.index],
  ] as const;
  for (const [member, name] of named) {
    if (name === undefined) continue;
    const column = columns.get(name);
    if (column === undefined) report(`/per/window/${member}`, 'UNKNOWN_COLUMN');
    else if (column.type !== 'date') report(`/per/window/${member}`, 'NOT_A_DATE');
  }
  const [from = 0, to = 0] = window.days;
  if (from > to) report('/per/window/days', 'REVERSED_BINS');
  return { date: date ?? '', index: window.index, from: BigInt(from), to: BigInt(to) };
}

export function readPer(
  per: unknown,
  columns: Columns,
): { readonly per: Pick | undefined; readonly errors: readonly InputError[] } {
  if (per === undefined) return { per: undefined, errors: [] };
  const errors = shapeErrors(PerShape, per, '/per');
  if (errors.length > 0) return { per: undefined, errors };
  const outline = per as Outline;
  const report: Report = (pointer, code) => {
    errors.push({ pointer, code });
  };
  const by = readBy(outline, columns, report);
  const window = readWindow(outline, by, columns, report);
  return { per: { pick: CHOICE[outline.pick], by: by?.name, window }, errors };
}

/** For the normal form of a query. */
export function perJson(per: Pick | undefined): Json {
  if (per === undefined) return null;
  const { pick, by, window } = per;
  return {
    pick,
    by: by ?? null,
    window:
      window === undefined
        ? null
        : { ...window, from: window.from.toString(), to: window.to.toString() },
  };
}
