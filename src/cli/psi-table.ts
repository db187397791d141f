/**
 * One party's table for a private set intersection: distinct identifiers, where they stand, and
 * the values of its columns.
 *
 * An identifier is the text of its column in NFC without white space at its ends. Rows without one
 * are left out and counted; of rows with the same one the first stands and the others are counted.
 * A value is a decimal number with a point, of at most 6 decimals; an empty one adds nothing.
 * @module
 */
import { check, Refusal } from '../base/errors.ts';
import { distinctItems } from '../psi/items.ts';
import { LARGEST_VALUE, MOST_SUM_ROWS } from '../psi/sum/additive.ts';
import { csvRecords } from './csv-records.ts';
import type { TableCounts, TableRequest } from './psi-request.ts';

/** The most items a side of every protocol served. */
export const MOST_ROWS = 2 ** 24;
const MOST_DECIMALS = 6;

export type PsiTable = TableCounts & {
  /** Distinct, and 16 bytes of hash for each. */
  readonly ids: readonly string[];
  readonly hashes: Uint8Array;
  /** Where each stands: the record from 0, without the header. */
  readonly places: Uint32Array;
  /** For each identifier the values as integers: value · 10^decimals of the column. */
  readonly values: readonly (readonly bigint[])[];
  readonly decimals: readonly number[];
  /** For each column, distinct identifiers without a value. */
  readonly blanks: readonly number[];
};

function missingColumns({ file, column, sums }: TableRequest, lacking: readonly string[]): Refusal {
  const errors = [
    ...(lacking.includes(column) ? [{ pointer: '/column', code: 'COLUMN_MISSING' }] : []),
    ...sums.flatMap((name, i) =>
      lacking.includes(name) ? [{ pointer: `/sum/${i}`, code: 'COLUMN_MISSING' }] : [],
    ),
  ];
  return new Refusal('INVALID_PARAMETER', file, { errors });
}

const canonical = (text: string | undefined): string => (text ?? '').normalize('NFC').trim();

/** The integers of a column that has `decimals` decimals. */
function scaled(text: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

/** One column of the distinct rows, as text. */
class ValueColumn {
  readonly #name: string;
  readonly #texts: string[] = [];
  decimals = 0;
  blanks = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(text: string, where: string): void {
    this.#texts.push(text);
    const match = /^[+-]?\d{1,15}(?:\.(\d+))?$/.exec(text);
    if (text === '') this.blanks += 1;
    else {
      check(match !== null, 'COHORT_UNREADABLE', `${where}, ${this.#name}: not a decimal number`);
      const decimals = (match[1] ?? '').length;
      const fits = decimals <= MOST_DECIMALS;
      check(
        fits,
        'PLAINTEXT_RANGE',
        `${where}, ${this.#name}: more than ${MOST_DECIMALS} decimals`,
      );
      this.decimals = Math.max(this.decimals, decimals);
    }
  }

  integers(): bigint[] {
    return this.#texts.map((text) => {
      const value = text === '' ? 0n : scaled(text, this.decimals);
      const within = value >= -LARGEST_VALUE && value <= LARGEST_VALUE;
      const detail = `${this.#name}: a value of more than ${LARGEST_VALUE} units of its last decimal`;
      check(within, 'PLAINTEXT_RANGE', detail);
      return value;
    });
  }
}

/** What a pass over the file collects. */
class Rows {
  readonly ids: string[] = [];
  readonly places: number[] = [];
  readonly texts: string[][] = [];
  rows = 0;

  add(row: ReadonlyMap<string, string>, { column, sums }: TableRequest): void {
    const id = canonical(row.get(column));
    if (id !== '') {
      this.ids.push(id);
      this.places.push(this.rows);
      if (sums.length > 0) this.texts.push(sums.map((name) => canonical(row.get(name))));
    }
    this.rows += 1;
  }
}

function valueColumns({ file, sums }: TableRequest, read: Rows, first: Uint32Array): ValueColumn[] {
  const columns = sums.map((name) => new ValueColumn(name));
  if (columns.length === 0) return columns;
  const detail = `${file}: ${first.length} identifiers, at most ${MOST_SUM_ROWS} for sums`;
  check(first.length <= MOST_SUM_ROWS, 'INVALID_PARAMETER', detail);
  for (const i of first) {
    const where = `${file}: record ${(read.places[i] ?? 0) + 1}`;
    columns.forEach((values, k) => {
      values.add(read.texts[i]?.[k] ?? '', where);
    });
  }
  return columns;
}

export async function readPsiTable(request: TableRequest): Promise<PsiTable> {
  const { file, encoding, column, sums } = request;
  const read = new Rows();
  const missing = (lacking: readonly string[]): Refusal => missingColumns(request, lacking);
  for await (const row of csvRecords(file, encoding, new Set([column, ...sums]), missing)) {
    read.add(row, request);
    check(read.ids.length <= MOST_ROWS, 'INVALID_PARAMETER', `${file}: over ${MOST_ROWS} rows`);
  }
  const { hashes, rows: first, duplicates } = distinctItems(read.ids, MOST_ROWS);
  const columns = valueColumns(request, read, first);
  const integers = columns.map((values) => values.integers());
  return {
    rows: read.rows,
    empty: read.rows - read.ids.length,
    duplicates: duplicates.length,
    ids: duplicates.length === 0 ? read.ids : Array.from(first, (i) => read.ids[i] ?? ''),
    hashes,
    places: first.map((i) => read.places[i] ?? 0),
    values:
      columns.length === 0
        ? []
        : Array.from(first, (_, i) => integers.map((values) => values[i] ?? 0n)),
    decimals: columns.map((values) => values.decimals),
    blanks: columns.map((values) => values.blanks),
  };
}
