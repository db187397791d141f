/**
 * Values of an Arrow column as the texts that a CSV of the same rows would have; floating-point
 * values stay numbers and are spelled by the same SQL as those of a Parquet file (value-text.ts).
 *
 *     integers, decimals    digits, a decimal with all digits of its scale
 *     dates, timestamps     2020-01-31, 2020-01-31 23:59:59.5: no zone, so one with a zone is refused,
 *                           because the day would depend on where it is read
 *     dictionaries          the text of the value;  booleans  true, false;  nulls  null
 *
 * Nothing of a file is believed: apache-arrow checks neither offsets nor UTF-8 and would give
 * `undefined`, another row's bytes or a replacement character. Every access is checked here.
 * @module
 */
import { isUtf8 } from 'node:buffer';
import {
  type Data,
  DataType,
  DateUnit,
  type Decimal,
  Precision,
  type Timestamp,
  TimeUnit,
  Type,
  Vector,
} from 'apache-arrow';
import { check, Refusal } from '../../base/errors.ts';

/** How the value is handed to the database. */
export type ArrowKind = 'VARCHAR' | 'FLOAT' | 'DOUBLE';

/** The value in a row, NULL or a text, or a number where the kind is not VARCHAR. */
export type ArrowRead = (row: number) => string | number | null;

const MOST_DAYS = 100_000_000;
const DAY_MS = 86_400_000n;

const isZoned = ({ timezone }: Timestamp): boolean => (timezone ?? '') !== '';

/** How values of `type` are read; a reason where they are not. */
export function arrowKind(type: DataType): ArrowKind | { readonly refused: string } {
  if (DataType.isDictionary(type)) return arrowKind(type.dictionary as DataType);
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  if (DataType.isTimestamp(type)) {
    return isZoned(type) ? { refused: 'a timestamp with a time zone' } : 'VARCHAR';
  }
  const isRead =
    DataType.isInt(type) ||
    DataType.isUtf8(type) ||
    DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type) ||
    DataType.isBool(type) ||
    DataType.isDecimal(type) ||
    DataType.isDate(type) ||
    DataType.isNull(type);
  return isRead ? 'VARCHAR' : { refused: `values of type ${Type[type.typeId]}` };
}

function intact(condition: boolean): asserts condition {
  check(condition, 'COHORT_UNREADABLE', 'damaged Arrow data');
}

type Numbers = ArrayLike<number | bigint>;

/** The numbers behind a column, at least `count` of them. */
function numbersOf(data: Data, count: number): Numbers {
  const values = data.values as unknown as Numbers | undefined;
  intact(values !== undefined && values.length >= count && data.offset === 0);
  return values;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** What no calendar of this program has reads as no date, as it would in a CSV file. */
const dateText = (day: number): string =>
  Math.abs(day) <= MOST_DAYS
    ? new Date(day * Number(DAY_MS)).toISOString().replace(/T.*$/, '')
    : 'out of range';

const PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  [TimeUnit.SECOND]: 1n,
  [TimeUnit.MILLISECOND]: 1_000n,
  [TimeUnit.MICROSECOND]: 1_000_000n,
  [TimeUnit.NANOSECOND]: 1_000_000_000n,
};

function timestampText(value: bigint, perSecond: bigint): string {
  const seconds = floorDivide(value, perSecond);
  const rest = value - seconds * perSecond;
  const day = floorDivide(seconds, 86_400n);
  const time = new Date(Number(seconds - day * 86_400n) * 1000).toISOString().slice(11, 19);
  const digits = String(perSecond).length - 1;
  const fraction = String(rest).padStart(digits, '0').replace(/0+$/, '');
  return `${dateText(Number(day))} ${time}${rest === 0n ? '' : `.${fraction}`}`;
}

/** Two's complement of little-endian 32-bit words as an exact decimal. */
function decimalReader(data: Data, { bitWidth, scale }: Decimal): ArrowRead {
  const words = bitWidth / 32;
  const values = numbersOf(data, data.length * words);
  return (row) => {
    let value = 0n;
    for (let i = words - 1; i >= 0; i -= 1) {
      value = (value << 32n) | BigInt(Number(values[row * words + i]) >>> 0);
    }
    const signed = BigInt.asIntN(bitWidth, value);
    if (scale <= 0) return String(signed * 10n ** BigInt(-scale));
    const digits = String(signed < 0n ? -signed : signed).padStart(scale + 1, '0');
    const sign = signed < 0n ? '-' : '';
    return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  };
}

function textReader(data: Data): ArrowRead {
  const offsets = data.valueOffsets as unknown as Numbers | undefined;
  const bytes = data.values as unknown as Uint8Array | undefined;
  // A column without any text may come without buffers.
  if (data.length === 0) return () => null;
  intact(offsets !== undefined && bytes !== undefined && offsets.length > data.length);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (row) => {
    const [start, end] = [Number(offsets[row]), Number(offsets[row + 1])];
    intact(0 <= start && start <= end && end <= buffer.length);
    const text = buffer.toString('utf8', start, end);
    check(
      !text.includes('\ufffd') || isUtf8(buffer.subarray(start, end)),
      'COHORT_UNREADABLE',
      'text in Arrow data that is not UTF-8',
    );
    return text;
  };
}

/** Views are read by apache-arrow: what could be a replacement of its own is refused. */
const viewReader =
  (vector: Vector): ArrowRead =>
  (row) => {
    const text: unknown = vector.get(row);
    intact(typeof text === 'string' && !text.includes('\ufffd'));
    return text;
  };

/** Keeps what was read: a text of a dictionary is used many times. */
function remembering(read: ArrowRead): ArrowRead {
  const known = new Map<number, string | number | null>();
  return (row) => {
    let value = known.get(row);
    if (value === undefined) known.set(row, (value = read(row)));
    return value;
  };
}

/** Readers of a dictionary are made once for all batches that use it. */
function dictionaryReader(data: Data, made: Map<Vector, readonly ArrowRead[]>): ArrowRead {
  const { dictionary } = data;
  intact(dictionary !== undefined);
  const parts =
    made.get(dictionary) ??
    dictionary.data.map((part) => remembering(columnReader(part as Data, made)));
  made.set(dictionary, parts);
  const ends = dictionary.data.map(({ length }) => length);
  const keys = numbersOf(data, data.length);
  return (row) => {
    let key = Number(keys[row]);
    for (const [i, length] of ends.entries()) {
      if (key < length) return parts[i]?.(key) ?? null;
      key -= length;
    }
    throw new Refusal('COHORT_UNREADABLE', 'damaged Arrow data');
  };
}

function valueReader(data: Data, made: Map<Vector, readonly ArrowRead[]>): ArrowRead {
  const { type, length } = data;
  if (DataType.isDictionary(type)) return dictionaryReader(data, made);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return textReader(data);
  if (DataType.isDecimal(type)) return decimalReader(data, type);
  if (DataType.isUtf8View(type)) return viewReader(new Vector([data]));
  if (DataType.isBool(type)) {
    const bits = numbersOf(data, (length + 7) >> 3);
    return (row) => ((Number(bits[row >> 3]) >> (row & 7)) & 1 ? 'true' : 'false');
  }
  const values = numbersOf(data, length);
  if (DataType.isDate(type)) {
    const perDay = type.unit === DateUnit.DAY ? 1n : DAY_MS;
    return (row) => dateText(Number(floorDivide(BigInt(values[row] ?? 0), perDay)));
  }
  if (DataType.isTimestamp(type)) {
    const perSecond = PER_SECOND[type.unit];
    return (row) => timestampText(BigInt(values[row] ?? 0), perSecond);
  }
  if (DataType.isFloat(type)) {
    if (type.precision !== Precision.HALF) return (row) => Number(values[row]);
    const halves = new Vector([data]);
    return (row) => Number(halves.get(row));
  }
  return (row) => String(values[row]);
}

/** `made` keeps what was made of a dictionary, for the batches of one column. */
export function columnReader(data: Data, made: Map<Vector, readonly ArrowRead[]>): ArrowRead {
  if (DataType.isNull(data.type)) return () => null;
  const read = valueReader(data, made);
  if (data.nullCount === 0) return read;
  const bitmap = data.nullBitmap as Uint8Array | null | undefined;
  intact((bitmap?.length ?? 0) * 8 >= data.length);
  return (row) => (data.getValid(row) ? read(row) : null);
}
