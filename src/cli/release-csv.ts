/**
 * The cells of a release as CSV (RFC 4180, UTF-8): one row a cell, its group columns first.
 *
 * An empty group is `null`, the extra cell of an axis; an empty `holder` is a pooled cell; an empty
 * value, low or high is a suppressed one. Texts come from the study that every party signed, yet
 * a spreadsheet would run one that begins like a formula: such a text gets an apostrophe in front
 * (OWASP, "CSV Injection"), unless it is a number. Arrow and JSON have it as it is.
 * @module
 */
import type { ReleaseCell } from '../analysis/release-table.ts';
import { CELL_COLUMNS, groupColumns } from './release-columns.ts';

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function field(value: string): string {
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const numberField = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(value);

export function releaseCsv(cells: readonly ReleaseCell[]): string {
  const groups = groupColumns(cells);
  const header = [...groups.map(({ title }) => title), ...CELL_COLUMNS].map(field);
  const rows = cells.map(({ group, measure, value, unit, interval, noise, suppressed }) => [
    ...groups.map(({ axis }) => field(group[axis] ?? '')),
    field(measure),
    numberField(value),
    field(unit),
    numberField(interval?.[0]),
    numberField(interval?.[1]),
    numberField(noise),
    String(suppressed),
  ]);
  return [header, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
