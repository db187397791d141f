/**
 * What a cohort file is, by the bytes it begins and ends with; its name says nothing.
 *
 *     Parquet        PAR1 ... PAR1         (Apache Parquet format, "File format")
 *     Arrow file     ARROW1 ... ARROW1     (Arrow columnar format, "IPC File Format")
 *     Arrow stream   FFFFFFFF ... FFFFFFFF 00000000   ("IPC Streaming Format": continuation marker
 *                    in front of every message, end-of-stream marker)
 *     otherwise      text: CSV
 *
 * A file that lacks the end of its format is truncated. The standard lets a stream end without
 * its marker; every writer known to us writes it, and without it a cut between two messages
 * would be a smaller cohort that nobody notices, so such a stream is refused.
 * @module
 */
import { open, stat } from 'node:fs/promises';
import { check, Refusal } from '../../base/errors.ts';

export type FileFormat = 'csv' | 'parquet' | 'arrow-file' | 'arrow-stream';

type Signature = {
  readonly format: FileFormat;
  readonly start: readonly number[];
  readonly end: readonly number[];
};

const ascii = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const MARKER = [0xff, 0xff, 0xff, 0xff];

const SIGNATURES: readonly Signature[] = [
  { format: 'parquet', start: ascii('PAR1'), end: ascii('PAR1') },
  { format: 'arrow-file', start: ascii('ARROW1'), end: ascii('ARROW1') },
  { format: 'arrow-stream', start: MARKER, end: [...MARKER, 0, 0, 0, 0] },
];

/** Files that people hand over and that are refused by a name they know. */
const FOREIGN: readonly (readonly [string, readonly number[]])[] = [
  ['an encrypted Parquet file', ascii('PARE')],
  ['a Feather file of version 1', ascii('FEA1')],
  ['a zip archive or a spreadsheet', [0x50, 0x4b, 0x03, 0x04]],
  ['compressed by gzip', [0x1f, 0x8b]],
  ['compressed by Zstandard', [0x28, 0xb5, 0x2f, 0xfd]],
  ['an old spreadsheet', [0xd0, 0xcf, 0x11, 0xe0]],
  ['an SPSS file', ascii('$FL2')],
];

const EDGE = 8;

const matches = (bytes: Uint8Array, wanted: readonly number[]): boolean =>
  wanted.every((byte, i) => bytes[i] === byte);

export type SeenFile = {
  readonly format: FileFormat;
  /** The first bytes, fewer than four only where the file has no more. */
  readonly start: Uint8Array;
};

/** Refuses what is no file, truncated, or of a format that is known and not read. */
export async function seeFile(file: string, name: string): Promise<SeenFile> {
  // Looked at before it is opened: opening a pipe waits for ever.
  const found = await stat(file).catch(() => undefined);
  check(found?.isFile() === true, 'FILE_NOT_FOUND', name);
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new Refusal('FILE_NOT_FOUND', name, undefined, { cause });
  });
  try {
    const read = async (position: number): Promise<Uint8Array> => {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(EDGE), 0, EDGE, position);
      return buffer.subarray(0, bytesRead);
    };
    const start = await read(0);
    const foreign = FOREIGN.find(([, bytes]) => matches(start, bytes));
    check(foreign === undefined, 'COHORT_UNREADABLE', `${name}: ${foreign?.[0] ?? ''}`);
    const signature = SIGNATURES.find((known) => matches(start, known.start));
    if (signature === undefined) return { format: 'csv', start };
    const { format, end } = signature;
    const last =
      found.size >= 2 * EDGE ? await read(found.size - end.length) : start.subarray(0, 0);
    check(matches(last, end), 'COHORT_UNREADABLE', `${name}: truncated ${format}`);
    return { format, start };
  } finally {
    await handle.close();
  }
}
