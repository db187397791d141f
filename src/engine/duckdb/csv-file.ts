/**
 * What has to be known about a CSV file before DuckDB reads it: that it is text in UTF-8 (a byte
 * order mark is allowed), its header, and its delimiter.
 *
 * Nothing is guessed that could read a number as another one: the delimiter is the one of
 * `, ; tab` under which the header has the most columns of the study, and a file is refused, not
 * repaired. RFC 4180: quotes are doubled inside quotes, a quoted field may hold line breaks.
 * @module
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { check, Refusal } from '../../base/errors.ts';

export type CsvFile = {
  readonly delimiter: string;
  /** Trimmed, in NFC, in the order of the file. */
  readonly header: readonly string[];
};

const DELIMITERS = [',', ';', '\t'] as const;
/** A header longer than this is not a header. */
const HEADER_LIMIT = 1 << 20;

const clean = (field: string): string => field.normalize('NFC').replace(/^[ \t\r]+|[ \t\r]+$/g, '');

/** The first record of `text`; undefined where it does not end inside it or is not RFC 4180. */
export function firstRecord(text: string, delimiter: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    let field = '';
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      if (end === -1) return undefined;
      field = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
      if (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) return undefined;
    } else {
      const start = at;
      while (at < text.length && text[at] !== delimiter && !isLineEnd(text[at])) at += 1;
      field = text.slice(start, at);
    }
    fields.push(clean(field));
    if (text[at] !== delimiter) return fields;
    at += 1;
  }
}

const isLineEnd = (character: string | undefined): boolean =>
  character === '\n' || character === '\r';

/** The index of the quote that ends the field which begins at `from`, or -1. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

/** Reads the whole file once: a fault near its end must not surface after an import began. */
async function checkText(file: string, name: string): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let start = '';
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      check(chunk instanceof Uint8Array, 'INTERNAL', 'stream of text');
      // Zero bytes: UTF-16, a spreadsheet, an image; never a table in UTF-8.
      check(!chunk.includes(0), 'COHORT_UNREADABLE', `${name}: a zero byte`);
      const text = decodeUtf8(() => decoder.decode(chunk, { stream: true }), name);
      if (start.length < HEADER_LIMIT) start += text;
      bytes += chunk.length;
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('FILE_NOT_FOUND', name, undefined, { cause });
  }
  decodeUtf8(() => decoder.decode(), name);
  check(bytes > 0 && start.trim().length > 0, 'COHORT_EMPTY', `${name}: no text`);
  return start;
}

function decodeUtf8(decode: () => string, name: string): string {
  try {
    return decode();
  } catch {
    throw new Refusal('COHORT_UNREADABLE', `${name}: not UTF-8`);
  }
}

/** Checks `file` and reads its header. `wanted` are the header texts the study needs. */
export async function inspectCsv(
  file: string,
  name: string,
  wanted: ReadonlySet<string>,
): Promise<CsvFile> {
  const found = await stat(file).catch(() => undefined);
  check(found?.isFile() === true, 'FILE_NOT_FOUND', name);
  const start = await checkText(file, name);
  const readings = DELIMITERS.flatMap((delimiter) => {
    const header = firstRecord(start, delimiter);
    return header === undefined ? [] : [{ delimiter, header }];
  });
  const score = ({ header }: CsvFile): number =>
    header.filter((column) => wanted.has(column)).length * HEADER_LIMIT + header.length;
  const best = readings.sort((a, b) => score(b) - score(a))[0];
  check(best !== undefined, 'COHORT_UNREADABLE', `${name}: header`);
  return best;
}

/** The index of `column` in the header of a file. */
export function columnIndex({ header }: CsvFile, column: string, name: string): number {
  const index = header.indexOf(column);
  check(index !== -1, 'COHORT_COLUMN_MISSING', `${name}: ${column}`);
  check(header.lastIndexOf(column) === index, 'COHORT_COLUMN_TWICE', `${name}: ${column}`);
  return index;
}
