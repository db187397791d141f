/**
 * Rows that nobody ever was, from the public schema of a study alone: to try a study, a query or a
 * machine before there is data.
 *
 * Every column is drawn on its own, uniformly over its domain or range, so that nothing in the rows
 * says anything about a cohort. In 2 of 100 fields there is a missing value of the study and in
 * 1 of 100 a value outside the domain, as real files have them. The columns are called as the
 * holder's `maps` say and are in its units, with so many digits that the value read back is the one
 * that was drawn; a derived column is in no file, so it is not here. A seed gives the same bytes
 * everywhere; row i does not depend on how many follow.
 * @module
 */
import { utf8 } from '../base/bytes.ts';
import { dayText } from '../base/calendar.ts';
import { check } from '../base/errors.ts';
import { deriveKey, keyStream } from '../base/hash.ts';
import { Rational } from '../base/rational.ts';
import { Secret } from '../base/secret.ts';
import { columnSource, personHeader, sourceKind } from './column-source.ts';
import { type Conversion, converted, IDENTITY, inverse } from './conversion.ts';
import { decimalText } from './decimal.ts';
import { isDerived } from './derived-column.ts';
import type { PlanColumn } from './plan.ts';
import { type CohortSection, planColumns } from './schema.ts';

export type SyntheticRows = {
  readonly section: CohortSection;
  readonly holder: string;
  readonly rows: number;
  readonly seed: string;
};

const MOST_ROWS = 100_000_000;
/** Of 100 fields. */
const [MISSING, OUTSIDE] = [2, 1];
const OUTSIDE_STEPS = 10n;
/** No person has more rows than this, whatever the study allows. */
const MOST_ROWS_OF_PERSON = 4;

const BLOCK = 1024;
const WORD = 8;

/** A whole number from 0 to `below` - 1. */
type Draw = (below: bigint) => bigint;

type SyntheticColumn = { readonly header: string; readonly field: (draw: Draw) => string };

/** A field of a CSV line (RFC 4180, section 2). */
export const quoted = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** A decimal that is nearer to `value` than half of 10^-digits. */
function nearDecimal(value: Rational, digits: number): string {
  const power = 10n ** BigInt(digits);
  const scaled = value.times(Rational.of(power)).plus(Rational.of(1, 2)).floor();
  return decimalText(Rational.of(scaled, power));
}

/** Digits behind the point at which a count of steps survives the way through another unit. */
function digitsFor(step: Rational, { slope }: Conversion): number {
  let digits = 0;
  for (let unit = slope; unit.compare(step) >= 0; unit = unit.dividedBy(Rational.of(10)))
    digits += 1;
  return digits;
}

/** A drawn value: of the domain, or of a few steps above it. */
function valueField(
  column: PlanColumn,
  rule: Conversion,
): (draw: Draw, outside: boolean) => string {
  if (column.type === 'category') {
    const { domain } = column;
    // Longer than any value of a domain may be, so it is none.
    const other = 'outside the domain '.repeat(8).trim();
    return (draw, outside) =>
      outside ? other : (domain[Number(draw(BigInt(domain.length)))] ?? other);
  }
  const { min, max } = column;
  const stored = (draw: Draw, outside: boolean): bigint =>
    outside ? max + 1n + draw(OUTSIDE_STEPS) : min + draw(max - min + 1n);
  if (column.type === 'date') return (draw, outside) => dayText(Number(stored(draw, outside)));
  const { step } = column;
  const toSource = inverse(rule);
  const digits = digitsFor(step, rule);
  return (draw, outside) => {
    const value = Rational.of(stored(draw, outside)).times(step);
    return nearDecimal(converted(toSource, value), digits);
  };
}

function syntheticColumns({ section, holder }: SyntheticRows): SyntheticColumn[] {
  const { nulls } = section;
  const read = planColumns(section).filter(({ name }) => !isDerived(section, name));
  return read.map((column) => {
    const { header, units } = columnSource(section, holder, column.name);
    const value = valueField(column, units?.conversion ?? IDENTITY);
    const field = (draw: Draw): string => {
      const fate = Number(draw(100n));
      if (fate < MISSING && nulls.length > 0) {
        return nulls[Number(draw(BigInt(nulls.length)))] ?? '';
      }
      return value(draw, fate >= MISSING && fate < MISSING + OUTSIDE);
    };
    return { header, field };
  });
}

/** 64-bit words of one block's key stream as draws; the bias is below 2^-10 for any column. */
function drawsOf(root: Secret, block: number, words: number): (row: number) => Draw {
  using key = deriveKey(root, `kakehashi/synthetic-rows/1/${block}`);
  const stream = keyStream(key, BLOCK * words * WORD);
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  return (row) => {
    let at = row * words * WORD;
    return (below) => {
      const word = view.getBigUint64(at);
      at += WORD;
      return (word * below) >> 64n;
    };
  };
}

/** The lines of a CSV file, each with its line end: the header, then one for each row. */
export function* syntheticRows(options: SyntheticRows): Generator<string, void, undefined> {
  const { section, holder, rows, seed } = options;
  check(
    Number.isInteger(rows) && rows >= 1 && rows <= MOST_ROWS,
    'INVALID_PARAMETER',
    'number of synthetic rows',
  );
  check(seed.length > 0, 'INVALID_PARAMETER', 'seed of synthetic rows');
  const kind = sourceKind(section, holder);
  check(kind === 'column', 'INVALID_PARAMETER', `synthetic rows of a holder with ${kind} records`);
  const columns = syntheticColumns(options);
  const headers = [personHeader(section, holder), ...columns.map(({ header }) => header)];
  yield `${headers.map(quoted).join(',')}\n`;
  using root = new Secret('synthetic rows', utf8(seed));
  const most = BigInt(Math.min(section.rowsPerPerson, MOST_ROWS_OF_PERSON));
  // For a person one draw, for a field at most two.
  const words = 1 + 2 * columns.length;
  let [person, left] = [0, 0n];
  let drawsOfRow = drawsOf(root, 0, words);
  for (let row = 0; row < rows; row += 1) {
    if (row > 0 && row % BLOCK === 0) drawsOfRow = drawsOf(root, row / BLOCK, words);
    const draw = drawsOfRow(row % BLOCK);
    const more = draw(most);
    if (left === 0n) [person, left] = [person + 1, more + 1n];
    left -= 1n;
    const identifier = `SYN-${String(person).padStart(7, '0')}`;
    yield `${[identifier, ...columns.map(({ field }) => quoted(field(draw)))].join(',')}\n`;
  }
}
