/**
 * An image layout as one file: a POSIX ustar archive (IEEE Std 1003.1, pax) of regular files only, as
 * other tools read an `oci-archive`. Reading is strict: no links, no directories, no long names, no
 * compression, no bytes but zeros behind the end. Nothing here touches a disk, so a path leads nowhere;
 * paths that no layout has are refused all the same (layout.ts).
 * @module
 */
import { concat, fromUtf8, utf8 } from '../base/bytes.ts';
import { type Files, LAYOUT_LIMITS } from './layout.ts';
import { checkImage, rejectImage } from './reject.ts';

const BLOCK = 512;
/** Offset and length of the fields of a header. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  time: [136, 12],
  sum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof FIELD;

const octal = (value: number, length: number): Uint8Array =>
  utf8(`${value.toString(8).padStart(length - 1, '0')}\0`);

/** Section "ustar Interchange Format": the sum of all bytes, the field itself as spaces. */
function checksum(header: Uint8Array): number {
  const [from, length] = FIELD.sum;
  return header.reduce((sum, byte, i) => sum + (i >= from && i < from + length ? 32 : byte), 0);
}

const checksumText = (header: Uint8Array): string =>
  `${checksum(header).toString(8).padStart(6, '0')}\0 `;

function headerOf(path: string, size: number): Uint8Array {
  const header = new Uint8Array(BLOCK);
  const put = (field: Field, bytes: Uint8Array): void => header.set(bytes, FIELD[field][0]);
  put('name', utf8(path));
  put('mode', octal(0o644, 8));
  put('uid', octal(0, 8));
  put('gid', octal(0, 8));
  put('size', octal(size, 12));
  put('time', octal(0, 12));
  put('type', utf8('0'));
  put('magic', utf8('ustar\x0000'));
  put('sum', utf8(checksumText(header)));
  return header;
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

/** Files by path, sorted; no times, no owners. */
export function writeArchive(files: Files): Uint8Array<ArrayBuffer> {
  const parts = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, content]) => [
      headerOf(path, content.length),
      content,
      new Uint8Array(padding(content.length)),
    ]);
  const archive = concat(...parts, new Uint8Array(2 * BLOCK));
  return new Uint8Array(archive);
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** Text up to the first zero; behind it there are zeros only. */
function text(header: Uint8Array, field: Field): string {
  const [from, length] = FIELD[field];
  const bytes = header.subarray(from, from + length);
  const end = bytes.indexOf(0);
  const own = end < 0 ? bytes : bytes.subarray(0, end);
  checkImage(end < 0 || isZero(bytes.subarray(end)), 'ARCHIVE_MALFORMED');
  try {
    return fromUtf8(own);
  } catch {
    rejectImage('ARCHIVE_MALFORMED');
  }
}

function sizeOf(header: Uint8Array): number {
  const digits = text(header, 'size');
  checkImage(/^[0-7]{1,11}$/.test(digits), 'ARCHIVE_MALFORMED');
  return Number.parseInt(digits, 8);
}

function checkHeader(header: Uint8Array): void {
  const sum = Buffer.from(header.subarray(FIELD.sum[0], FIELD.sum[0] + 8)).toString('latin1');
  checkImage(sum === checksumText(header), 'ARCHIVE_MALFORMED');
  const magic = Buffer.from(header.subarray(257, 265)).toString('latin1');
  checkImage(magic === 'ustar\x0000', 'ARCHIVE_MALFORMED');
  checkImage(header[FIELD.type[0]] === 0x30, 'ARCHIVE_FILE_TYPE');
  checkImage(text(header, 'prefix') === '', 'ARCHIVE_PATH');
}

/** Refuses with IMAGE_REJECTED what `writeArchive` would not have written, but for times and owners. */
export function readArchive(archive: Uint8Array): Map<string, Uint8Array> {
  checkImage(archive.length <= 2 * LAYOUT_LIMITS.bytes, 'LAYOUT_LIMIT');
  const [first, second] = archive;
  // gzip (RFC 1952) and zstd (RFC 8878) begin so.
  if ((first === 0x1f && second === 0x8b) || (first === 0x28 && second === 0xb5)) {
    rejectImage('COMPRESSED');
  }
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (;;) {
    const header = archive.subarray(at, at + BLOCK);
    checkImage(header.length === BLOCK, 'ARCHIVE_MALFORMED');
    if (isZero(header)) break;
    checkHeader(header);
    const size = sizeOf(header);
    const path = text(header, 'name');
    const from = at + BLOCK;
    checkImage(from + size + padding(size) <= archive.length, 'ARCHIVE_MALFORMED');
    checkImage(!files.has(path), 'ARCHIVE_MALFORMED');
    checkImage(files.size < LAYOUT_LIMITS.files, 'LAYOUT_LIMIT');
    files.set(path, archive.subarray(from, from + size));
    at = from + size + padding(size);
    checkImage(isZero(archive.subarray(from + size, at)), 'ARCHIVE_MALFORMED');
  }
  const rest = archive.subarray(at);
  checkImage(rest.length >= 2 * BLOCK && isZero(rest), 'ARCHIVE_MALFORMED');
  return files;
}
