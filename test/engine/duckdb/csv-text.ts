/** Rows as RFC 4180 text. */
import type { TextRow } from './twin.ts';

const field = (text: string, delimiter: string): string =>
  text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

export const csv = (
  header: readonly string[],
  rows: readonly TextRow[],
  delimiter = ',',
  lineEnd = '\n',
): string =>
  [
    header.map((name) => [name, name] as const),
    ...rows.map((row) => header.map((name) => [name, row[name] ?? ''] as const)),
  ]
    .map((line) => line.map(([, text]) => field(text, delimiter)).join(delimiter))
    .map((line) => line + lineEnd)
    .join('');
