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

/** The same of a list that is not of columns. */
const LIST_TITLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  read: { name: 'records', records: 'read', ofUnknownPeople: 'of unknown people' },
};

/** Counts stand right, texts left. */
const TEXTS = new Set(['name', 'type', 'unit', 'file']);

/** What a warning means, by its code; one of a newer report by itself. */
const WARNINGS: Readonly<Record<string, string>> = {
  CONCEPT_ANCESTOR_MISSING:
    'there is no table CONCEPT_ANCESTOR: a concept counts alone, without those below it',
  ROWS_BEYOND_DEADLINE:
    'people have so many more rows than the study counts that a query may not be done in time, and is then answered with noise alone: raise rowsPerPerson, or load fewer rows',
  SUBJECT_WITHOUT_PATIENT: 'there are records of people without a Patient: they are left out',
};

function warningText(code: string): string {
  const known = Object.hasOwn(WARNINGS, code) ? WARNINGS[code] : undefined;
  const table = /^([A-Z_]+)_MISSING$/.exec(code)?.[1];
  return (
    known ?? (table === undefined ? code : `there is no table ${table}: nobody has its concepts`)
  );
}

/** `mmol/mol to %` for a unit that is converted, and nothing for what a row does not have. */
function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (!isRow(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const { source, stored } = value;
  return source === stored ? String(stored) : `${String(source)} to ${String(stored)}`;
}

/** A list of objects as a table, with a column for each member that one of them has. */
function rowLines(list: string, rows: readonly Row[]): string[] {
  const titles = { ...TITLES, ...LIST_TITLES[list] };
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableLines(
    keys.map((key) => ({ title: titles[key] ?? key, align: TEXTS.has(key) ? 'left' : 'right' })),
    rows.map((row) => keys.map((key) => cellText(row[key]))),
  );
}

/** The report in words: single facts first, then a table for each list, then what to know. */
export function reportLines(report: object): string[] {
  const members = Object.entries(report) as [string, unknown][];
  const facts = members.filter(([, value]) => !Array.isArray(value));
  const lists = members.flatMap(([name, value]) =>
    Array.isArray(value) ? [[name, value as readonly unknown[]] as const] : [],
  );
  const notes = lists.flatMap(([, values]) => values.filter((value) => typeof value === 'string'));
  return [
    ...factLines(
      facts.map(([name, value]) => [name, typeof value === 'string' ? value : factText(value)]),
    ),
    ...lists.flatMap(([name, values]) => {
      const rows = values.filter(isRow);
      return rows.length === 0 ? [] : ['', ...rowLines(name, rows)];
    }),
    ...(notes.length === 0 ? [] : ['', ...notes.map((code) => `note: ${warningText(code)}`)]),
  ];
}

/** `{"nullPerson":3}` as `nullPerson 3`. */
const factText = (value: unknown): string =>
  isRow(value)
    ? Object.entries(value)
        .map(([name, part]) => `${name} ${String(part)}`)
        .join(', ')
    : JSON.stringify(value);
