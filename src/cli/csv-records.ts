/**
 * Records of a CSV file, one after the other (RFC 4180): quotes doubled inside quotes, line breaks
 * inside quoted fields, LF or CRLF. Nothing is repaired: an open quote, text behind a closing one
 * and a record with more or fewer fields than the header are refused with the record's number.
 *
 * Memory is one chunk of the file and one record. The delimiter is the one of `, ; tab` under which
 * the header has the most wanted columns.
 * @module
 */
import { open } from 'node:fs/promises';
import { check, Refusal } from '../base/errors.ts';
import { firstRecord, headerText } from '../engine/duckdb/csv-file.ts';
import { decodeFile, type EncodingName, encodingOf } from '../engine/duckdb/text-encoding.ts';

const DELIMITERS = [',', ';', '\t'] as const;
/** A header, or a field, longer than this is a sign of a quote that was never closed. */
const LONGEST = 1 << 20;

/** Cuts text that comes in pieces into records. */
class Splitter {
  readonly #delimiter: string;
  readonly #name: string;
  #record: string[] = [];
  #field = '';
  #state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  #count = 0;

  constructor(delimiter: string, name: string) {
    this.#delimiter = delimiter;
    this.#name = name;
  }

  #refuse(why: string): never {
    throw new Refusal('COHORT_UNREADABLE', `${this.#name}: record ${this.#count}: ${why}`);
  }

  #endField(): void {
    this.#record.push(this.#field);
    this.#field = '';
    this.#state = 'start';
  }

  /** A blank line is no record. */
  #endRecord(): string[] | undefined {
    const quoted = this.#state === 'closed';
    if (this.#state === 'plain') this.#field = this.#field.replace(/\r$/, '');
    this.#endField();
    const record = this.#record;
    this.#record = [];
    if (record.length === 1 && record[0] === '' && !quoted) return undefined;
    this.#count += 1;
    return record;
  }

  *push(text: string): Generator<string[]> {
    for (let at = 0; at < text.length; ) {
      if (this.#state === 'quoted') {
        at = this.#quoted(text, at);
        continue;
      }
      const character = text[at] ?? '';
      if (character === '"' && this.#state !== 'plain') {
        // The second of two quotes is one quote of the text.
        if (this.#state === 'closed') this.#field += '"';
        this.#state = 'quoted';
        at += 1;
      } else if (character === this.#delimiter) {
        this.#endField();
        at += 1;
      } else if (character === '\n') {
        const record = this.#endRecord();
        at += 1;
        if (record !== undefined) yield record;
      } else {
        at = this.#plain(text, at);
      }
    }
  }

  #quoted(text: string, from: number): number {
    const end = text.indexOf('"', from);
    this.#field += text.slice(from, end === -1 ? text.length : end);
    if (this.#field.length > LONGEST) this.#refuse('a quote is not closed');
    if (end === -1) return text.length;
    this.#state = 'closed';
    return end + 1;
  }

  #plain(text: string, from: number): number {
    if (this.#state === 'closed') {
      if (text[from] !== '\r') this.#refuse('text behind a closing quote');
      return from + 1;
    }
    let end = from;
    while (end < text.length && text[end] !== this.#delimiter && text[end] !== '\n') end += 1;
    this.#field += text.slice(from, end);
    this.#state = 'plain';
    return end;
  }

  /** The last record, where the file does not end with a line break. */
  *end(): Generator<string[]> {
    if (this.#state === 'quoted') this.#refuse('a quote is not closed');
    if (this.#state === 'start' && this.#record.length === 0) return;
    const record = this.#endRecord();
    if (record !== undefined) yield record;
  }
}

async function startOf(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new Refusal('FILE_NOT_FOUND', file, undefined, { cause });
  }
}

/** The delimiter under which `text` begins with the most wanted columns. */
function delimiterOf(text: string, wanted: ReadonlySet<string>): string {
  const score = (delimiter: string): number =>
    (firstRecord(text, delimiter) ?? []).filter((column) => wanted.has(column)).length;
  return [...DELIMITERS].sort((a, b) => score(b) - score(a))[0] ?? ',';
}

/** The pieces of a file, the first one long enough for its header. */
async function* pieces(file: string, asked: EncodingName): AsyncGenerator<string> {
  const encoding = encodingOf(await startOf(file), asked, file);
  let head: string | undefined = '';
  for await (const text of decodeFile(file, encoding, asked, file)) {
    if (head === undefined) {
      yield text;
      continue;
    }
    head += text;
    if (head.length < LONGEST) continue;
    yield head;
    head = undefined;
  }
  if (head !== undefined) yield head;
}

/**
 * The records of `file` without its header, as column → text, for the columns in `wanted` only.
 * `missing` is called with the wanted columns that the header does not have, or has twice.
 */
export async function* csvRecords(
  file: string,
  encoding: EncodingName,
  wanted: ReadonlySet<string>,
  missing: (columns: readonly string[]) => Refusal,
): AsyncGenerator<ReadonlyMap<string, string>> {
  let splitter: Splitter | undefined;
  let header: readonly string[] | undefined;
  let read = 0;
  const row = (record: readonly string[]): ReadonlyMap<string, string> | undefined => {
    if (header === undefined) {
      header = record.map(headerText);
      const once = (column: string): boolean => header?.filter((h) => h === column).length === 1;
      const lacking = [...wanted].filter((column) => !once(column));
      if (lacking.length > 0) throw missing(lacking);
      return undefined;
    }
    read += 1;
    check(
      record.length === header.length,
      'COHORT_UNREADABLE',
      `${file}: record ${read}: ${record.length} fields, the header has ${header.length}`,
    );
    const columns = header;
    return new Map(
      record.flatMap((text, i): [string, string][] => {
        const column = columns[i] ?? '';
        return wanted.has(column) ? [[column, text]] : [];
      }),
    );
  };
  const rows = function* (records: Iterable<string[]>): Generator<ReadonlyMap<string, string>> {
    for (const record of records) {
      const columns = row(record);
      if (columns !== undefined) yield columns;
    }
  };
  for await (const text of pieces(file, encoding)) {
    splitter ??= new Splitter(delimiterOf(text, wanted), file);
    yield* rows(splitter.push(text));
  }
  if (splitter !== undefined) yield* rows(splitter.end());
  check(header !== undefined, 'COHORT_EMPTY', `${file}: no text`);
}
