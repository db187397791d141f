/**
 * A table of a release as CSV (RFC 4180, UTF-8), as release-columns.ts has it.
 *
 * An empty group is `null`, the extra cell of an axis; an empty `holder` is a pooled row; an empty
 * number is a suppressed one. Texts come from the study that every party signed, yet
 * a spreadsheet would run one that begins like a formula, also in full-width characters: such a
 * text gets an apostrophe in front (OWASP, "CSV Injection"; ASVS 5.0, 1.2.10), unless it is a
 * number. Arrow and JSON have it as it is.
 * @module
 */
import type { TableColumn } from './release-columns.ts';

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function field(value: string): string {
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The fields of a column, as text. */
function fields(column: TableColumn): string[] {
  if (column.type === 'text') return column.values.map((value) => field(value ?? ''));
  return column.values.map((value) => (value === null ? '' : String(value)));
}

export function releaseCsv(columns: readonly TableColumn[]): string {
  const texts = columns.map(fields);
  const rows = columns[0]?.values.map((_, row) => texts.map((column) => column[row] ?? '')) ?? [];
  const header = columns.map(({ name }) => field(name));
  return [header, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
