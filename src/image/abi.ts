/**
 * What passes between the runner and a program, version 1 (sandbox-images/README.md): a table in Arrow's
 * physical layout (columnar format, "Physical Memory Layout"), and a record of a fixed size.
 *
 * Table, little endian; offsets count from its first byte and are multiples of 8:
 *
 *      0  u32 version   u32 people   u32 rows   u32 columns
 *     16  u32 offset of int32[people + 1]: person i has the rows offsets[i] ≤ r < offsets[i + 1]
 *     20  u32 zero
 *     24  for every declared column: u32 type   u32 nulls   u32 offset of validity   u32 offset of values
 *
 * Validity has a bit for every row, least significant first, 1 where there is a value; a value that is not
 * there is zero. Values are int64 (counts of the study's steps for `int64`), float64 (in the unit of the
 * study), or int32 (days since 1970-01-01, codes of a category).
 *
 * Record: u32 version, u32 number of fields, then an int64 for each.
 * @module
 */
import { check } from '../base/errors.ts';
import { ABI_VERSION, type DeclaredColumn } from './declaration.ts';

export type ColumnType = DeclaredColumn['type'];
export type ColumnValues = BigInt64Array | Float64Array | Int32Array;

const TYPE_CODE: Readonly<Record<ColumnType, number>> = {
  int64: 0,
  float64: 1,
  date32: 2,
  category: 3,
};
const HEADER_BYTES = 24;
const COLUMN_BYTES = 16;
const RECORD_HEADER_BYTES = 8;

const wide = (type: ColumnType): boolean => type === 'int64' || type === 'float64';
const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Part of a column as it comes from a store. */
export type Piece = {
  readonly values: ColumnValues;
  readonly from: number;
  readonly to: number;
  readonly isValid: (row: number) => boolean;
};

function viewOf(type: ColumnType, buffer: ArrayBuffer, at: number, rows: number): ColumnValues {
  if (type === 'int64') return new BigInt64Array(buffer, at, rows);
  if (type === 'float64') return new Float64Array(buffer, at, rows);
  return new Int32Array(buffer, at, rows);
}

/** Values of one piece into the table: the one copy between store and program. */
function fill(view: ColumnValues, bits: Uint8Array, at: number, piece: Piece): number {
  const { values, from, to, isValid } = piece;
  const part = values.subarray(from, to);
  if (view instanceof BigInt64Array && part instanceof BigInt64Array) view.set(part, at);
  else if (view instanceof Float64Array && part instanceof Float64Array) view.set(part, at);
  else if (view instanceof Int32Array && part instanceof Int32Array) view.set(part, at);
  else check(false, 'INTERNAL', 'a column of another type');
  let nulls = 0;
  for (let row = from; row < to; row += 1) {
    const place = at + row - from;
    if (isValid(row)) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
    else {
      // What stands under a null is not data.
      if (view instanceof BigInt64Array) view[place] = 0n;
      else view[place] = 0;
      nulls += 1;
    }
  }
  return nulls;
}

/**
 * A table of these columns, each in pieces that together have `rows` rows. `starts` are the rows at which
 * people begin, increasing, the first one 0 where there are rows.
 */
export function writeTable(
  types: readonly ColumnType[],
  columns: readonly (readonly Piece[])[],
  rows: number,
  starts: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const offsets = aligned(HEADER_BYTES + COLUMN_BYTES * types.length);
  let end = aligned(offsets + 4 * (starts.length + 1));
  const places = types.map((type) => {
    const validity = end;
    const values = aligned(validity + Math.ceil(rows / 8));
    end = aligned(values + rows * (wide(type) ? 8 : 4));
    return { type, validity, values };
  });
  check(end < 2 ** 32, 'INVALID_PARAMETER', 'a table beyond 4 GiB');
  const table = new Uint8Array(end);
  const view = new DataView(table.buffer);
  const put = (at: number, ...words: readonly number[]): void => {
    words.forEach((word, i) => {
      view.setUint32(at + 4 * i, word, true);
    });
  };
  put(0, ABI_VERSION, starts.length, rows, types.length, offsets, 0);
  for (let i = 0; i < starts.length; i += 1) view.setInt32(offsets + 4 * i, starts[i] ?? 0, true);
  view.setInt32(offsets + 4 * starts.length, rows, true);
  places.forEach(({ type, validity, values }, i) => {
    const bits = table.subarray(validity, validity + Math.ceil(rows / 8));
    const own = viewOf(type, table.buffer, values, rows);
    let [at, nulls] = [0, 0];
    for (const piece of columns[i] ?? []) {
      nulls += fill(own, bits, at, piece);
      at += piece.to - piece.from;
    }
    check(at === rows, 'INTERNAL', 'a column with other rows');
    put(HEADER_BYTES + COLUMN_BYTES * i, TYPE_CODE[type], nulls, validity, values);
  });
  return table;
}

/**
 * The rows of a table of exactly these columns, counted by its header; undefined where it is none. `bytes` may be
 * anything.
 */
export function rowsOfTable(bytes: Uint8Array, types: readonly ColumnType[]): number | undefined {
  if (bytes.length < HEADER_BYTES + COLUMN_BYTES * types.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number): number => view.getUint32(at, true);
  const typed = types.every((type, i) => word(HEADER_BYTES + COLUMN_BYTES * i) === TYPE_CODE[type]);
  return typed && word(0) === ABI_VERSION && word(12) === types.length ? word(8) : undefined;
}

export const recordBytes = (fields: number): number => RECORD_HEADER_BYTES + 8 * fields;

/** Of one field, inclusive; what a call that fails counts as. */
export type AnswerBounds = { readonly min: bigint; readonly max: bigint; readonly default: bigint };

const clamped = (value: bigint, { min, max }: AnswerBounds): bigint => {
  if (value < min) return min;
  return value > max ? max : value;
};

/**
 * The answers of a record within the declared bounds; undefined where it is no record of these fields.
 * `bytes` may be anything.
 */
export function readRecord(
  bytes: Uint8Array,
  fields: readonly AnswerBounds[],
): bigint[] | undefined {
  if (bytes.length !== recordBytes(fields.length)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = [view.getUint32(0, true), view.getUint32(4, true)];
  if (header[0] !== ABI_VERSION || header[1] !== fields.length) return undefined;
  return fields.map((field, i) =>
    clamped(view.getBigInt64(RECORD_HEADER_BYTES + 8 * i, true), field),
  );
}

/** Answers that came from elsewhere, within the declared bounds. */
export const clampAnswers = (
  answers: readonly bigint[],
  fields: readonly AnswerBounds[],
): bigint[] => fields.map((field, i) => clamped(answers[i] ?? field.default, field));

export const defaultAnswers = (fields: readonly AnswerBounds[]): bigint[] =>
  fields.map((field) => field.default);
