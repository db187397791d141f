/**
 * What has to be known about a CSV file before DuckDB reads it: that it is text in UTF-8, or a
 * copy of it is that was in another encoding, its header, and its delimiter.
 *
 * Nothing is guessed that could read a number as another one: the delimiter is the one of
 * `, ; tab` under which the header has the most columns of the study, and a file is refused, not
 * repaired. RFC 4180: quotes are doubled inside quotes, a quoted field may hold line breaks.
 * @module
 */
import { type FileHandle, open, symlink } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import { decodeFile, type EncodingName, encodingOf, type TextEncoding } from './text-encoding.ts';

export type CsvFile = {
  readonly delimiter: string;
  /** Trimmed, in NFC, in the order of the file. */
  readonly header: readonly string[];
};

export type CsvRequest = {
  readonly file: string;
  /** What it is called in a refusal. */
  readonly name: string;
  readonly start: Uint8Array;
  readonly encoding: EncodingName;
  /** Header texts that the study needs. */
  readonly wanted: ReadonlySet<string>;
  /** A new path in the work directory, under which DuckDB finds the text in UTF-8. */
  readonly text: string;
};

const DELIMITERS = [',', ';', '\t'] as const;
/** A header longer than this is not a header. */
const HEADER_LIMIT = 1 << 20;
/** UTF-16 units; DuckDB reads no line of more bytes. */
const LONGEST_LINE = 2_000_000;

/** The name of a column as it is compared: trimmed, in NFC. */
export const headerText = (field: string): string =>
  field.normalize('NFC').replace(/^[ \t\r]+|[ \t\r]+$/g, '');

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
    fields.push(headerText(field));
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

/**
 * Passes pieces of text on. Refuses a line that is too long as soon as it is, so that a file that
 * is one endless line is not read to its end. Pieces are shorter than the longest line.
 */
export async function* withinLines(
  pieces: AsyncIterable<string>,
  name: string,
): AsyncGenerator<string, void, undefined> {
  let length = 0;
  for await (const piece of pieces) {
    const end = piece.indexOf('\n');
    length += end === -1 ? piece.length : end;
    check(
      length <= LONGEST_LINE,
      'COHORT_UNREADABLE',
      `${name}: a line of more than ${LONGEST_LINE} characters`,
    );
    if (end !== -1) length = piece.length - 1 - piece.lastIndexOf('\n');
    yield piece;
  }
}

/** Reads the whole file once: a fault near its end must not surface after an import began. */
async function checkText(
  { file, name, encoding: asked }: CsvRequest,
  encoding: TextEncoding,
  copy?: FileHandle,
): Promise<string> {
  let start = '';
  for await (const text of withinLines(decodeFile(file, encoding, asked, name), name)) {
    if (start.length < HEADER_LIMIT) start += text;
    await copy?.write(text);
  }
  check(start.trim().length > 0, 'COHORT_EMPTY', `${name}: no text`);
  return start;
}

/** A file in UTF-8 is read where it is; of another encoding a copy is made, for the owner only. */
async function utf8Text(request: CsvRequest): Promise<string> {
  const encoding = encodingOf(request.start, request.encoding, request.name);
  if (encoding === 'utf-8') {
    const start = await checkText(request, encoding);
    await symlink(path.resolve(request.file), request.text);
    return start;
  }
  const copy = await open(request.text, 'wx', 0o600);
  try {
    return await checkText(request, encoding, copy);
  } finally {
    await copy.close();
  }
}

/** Checks the file, puts it under `text` and reads its header. */
export async function inspectCsv(request: CsvRequest): Promise<CsvFile> {
  const { name, wanted } = request;
  const start = await utf8Text(request);
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
