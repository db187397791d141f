/** What was found in cohort files, in words, for the holder's own staff. @module */
import { factLines, tableLines } from './table.ts';

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null;

/** What a column of the report is called; one of a newer report by its own name. */
const TITLES: Readonly<Record<string, string>> = {
  name: 'column',
  nulls: 'empty',
  unparsable: 'unreadable',
  outOfDomain: 'outside its domain',
  outOfBounds: 'outside its bounds',
};

/** Counts stand right, texts left. */
const TEXTS = new Set(['name', 'type', 'unit']);

/** `mmol/mol to %` for a unit that is converted, and nothing for what a row does not have. */
function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (!isRow(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const { source, stored } = value;
  return source === stored ? String(stored) : `${String(source)} to ${String(stored)}`;
}

/** A list of objects as a table, with a column for each member that one of them has. */
function rowLines(rows: readonly Row[]): string[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableLines(
    keys.map((key) => ({ title: TITLES[key] ?? key, align: TEXTS.has(key) ? 'left' : 'right' })),
    rows.map((row) => keys.map((key) => cellText(row[key]))),
  );
}

/** The report in words: single facts first, then a table for each list. */
export function reportLines(report: object): string[] {
  const members = Object.entries(report) as [string, unknown][];
  const facts = members.filter(([, value]) => !Array.isArray(value));
  const lists = members.flatMap(([, value]) => (Array.isArray(value) ? [value.filter(isRow)] : []));
  return [
    ...factLines(
      facts.map(([name, value]) => [name, typeof value === 'string' ? value : factText(value)]),
    ),
    ...lists.flatMap((rows) => (rows.length === 0 ? [] : ['', ...rowLines(rows)])),
  ];
}

/** `{"nullPerson":3}` as `nullPerson 3`. */
const factText = (value: unknown): string =>
  isRow(value)
    ? Object.entries(value)
        .map(([name, part]) => `${name} ${String(part)}`)
        .join(', ')
    : JSON.stringify(value);
