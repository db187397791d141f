/**
 * SQL that turns the text of a field into what is stored, exactly and without ever raising
 * (rulings 13). No double is involved anywhere.
 *
 * Text      leading and trailing spaces, tabs and carriage returns are dropped; NFC.
 * Null      the study's null texts.
 * Category  the index of the text in the domain, by exact comparison.
 * Number    [+-]digits[.digits][e[+-]digits], at most 100 characters; no thousands separator, no
 *           decimal comma. Stored = the number of steps, rounded half away from zero.
 *           A column in another unit than the study's is converted before it is rounded.
 * Integer   a number without a fraction: `12`, `12.0` and `1.2e1` are 12, because that is how
 *           tables with missing values are often written; `12.5` is unparsable. Where a unit is
 *           converted any number is read, and rounded as above.
 * Date      `YYYY-MM-DD`, with or without a time of day behind `T` or a space; no zone.
 *
 * With value v = N/10^K and count u = v·X/Z + Y/Z of steps (counting.ts; without a conversion X/Z
 * is 1/step and Y is 0) what is stored is sign(u)·floor((2|NX + Y·10^K| + Z·10^K) / (2Z·10^K)), in
 * 64-bit integers where they suffice, else in 128. Digits behind the K-th are cut off: the
 * rounding is monotone and jumps only where u is half an odd number, so the cut is harmless where
 * such v end as decimals of at most K digits, and `scaleOf` chooses K so. With an offset u may be
 * negative where v is not, and a jump then lies on the other side of its point: the K-th digit is 1
 * where anything but zeros was cut. For a step such as 1/3 or 1/2^40, or a slope such as
 * 0.09148, the result is exact for texts of up to K ≥ 14 digits behind the point.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Conversion, IDENTITY } from '../../cohort/conversion.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import { counting, jumpPlaces, largestRead, type NumberColumn } from './counting.ts';
import type { Parameters } from './parameters.ts';

/** What became of a field; counted for the holder's staff. */
export const STATUS = { stored: 0, isNull: 1, unparsable: 2, outOfDomain: 3 } as const;

/** SQL of a field on its way; `@t` is its cleaned text, `@` the prefix of the column's own names. */
export type FieldStages = {
  /** `[name, expression]` pairs; each may use the names before it. */
  readonly steps: readonly (readonly [string, string])[];
  /** The parsed value or NULL. */
  readonly value: string;
  /** True where the value is in the domain; used where the value is not NULL. */
  readonly inDomain: string;
  /** True where the text could not be read at all. */
  readonly unparsable: string;
};

const NUMBER = '^([+-]?)([0-9]*)[.]?([0-9]*)(?:[eE]([+-]?[0-9]{1,3}))?$';
const DATE =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]{1,9})?)?)?$';
const MOST_CHARACTERS = 100;
const ENDLESS_FRACTION_DIGITS = 15;

/** `text` cleaned: what nulls, domains and identifiers are compared with. */
export const cleanSql = (text: string): string =>
  `trim(nfc_normalize(${text}), ' ' || chr(9) || chr(13))`;

type Scale = {
  readonly wholeDigits: number;
  readonly fractionDigits: number;
  readonly type: 'BIGINT' | 'HUGEINT';
};

const digitsOf = (value: bigint): number => String(value < 0n ? -value : value).length;

/** One more digit where an offset moves the sign: it says whether anything was cut off. */
const guardDigits = ({ offset }: Conversion): 0 | 1 => (offset.isZero() ? 0 : 1);

/** How many digits are kept on either side of the point, from public bounds only. */
export function scaleOf(column: NumberColumn, rule: Conversion = IDENTITY): Scale {
  const { x, y, z } = counting(column.step, rule);
  const wholeDigits = digitsOf(largestRead(column, rule)) + 1;
  const shift = y < 0n ? -y : y;
  const bound = (fractionDigits: number): bigint =>
    2n * (10n ** BigInt(wholeDigits) * x + shift + z) * 10n ** BigInt(fractionDigits);
  let fractionDigits =
    (jumpPlaces(column.step, rule) ?? ENDLESS_FRACTION_DIGITS) + guardDigits(rule);
  while (fractionDigits > ENDLESS_FRACTION_DIGITS && bound(fractionDigits) >= 2n ** 127n) {
    fractionDigits -= 1;
  }
  const limit = bound(fractionDigits);
  check(
    limit < 2n ** 127n,
    'INVALID_PARAMETER',
    `step and bounds of column ${column.name} need more than 128 bits`,
  );
  return { wholeDigits, fractionDigits, type: limit < 2n ** 63n ? 'BIGINT' : 'HUGEINT' };
}

/** SQL of the digits `@f` behind the point as exactly `fractionDigits` digits. */
function cutSql(fractionDigits: number, guard: 0 | 1): string {
  const kept = fractionDigits - guard;
  const digits = `rpad(left(@f, ${kept}), ${kept}, '0')`;
  const rest = `CASE WHEN ltrim(substr(@f, ${kept + 1}), '0') = '' THEN '0' ELSE '1' END`;
  return guard === 0 ? digits : `${digits} || ${rest}`;
}

function numberStages(
  column: NumberColumn,
  rule: Conversion | undefined,
  parameters: Parameters,
): FieldStages {
  const { wholeDigits, fractionDigits, type } = scaleOf(column, rule);
  const { x, y, z } = counting(column.step, rule ?? IDENTITY);
  const power = 10n ** BigInt(fractionDigits);
  const whole = parameters.integer(wholeDigits);
  const cut = cutSql(fractionDigits, guardDigits(rule ?? IDENTITY));
  const term = (value: bigint): string =>
    type === 'BIGINT' ? parameters.bigint(value) : parameters.hugeint(value);
  const steps: (readonly [string, string])[] = [
    [
      '@m',
      `regexp_extract(CASE WHEN length(@t) <= ${MOST_CHARACTERS} THEN @t ELSE '' END,
        '${NUMBER}', ['sign', 'whole', 'fraction', 'exponent'])`,
    ],
    ['@d', `@m.whole || @m.fraction`],
    ['@p', `CAST(length(@m.whole) AS INTEGER) + coalesce(TRY_CAST(@m.exponent AS INTEGER), 0)`],
    [
      '@w',
      `CASE WHEN @p <= 0 THEN '' WHEN @p >= length(@d) THEN rpad(@d, @p, '0')
        ELSE left(@d, @p) END`,
    ],
    [
      '@f',
      `CASE WHEN @p >= length(@d) THEN '' WHEN @p <= 0 THEN repeat('0', -@p) || @d
        ELSE substr(@d, @p + 1) END`,
    ],
    // More digits than any value inside the bounds: never converted, so never too long.
    ['@l', `length(ltrim(@w, '0')) > ${whole}`],
    [
      '@n',
      `CASE WHEN @l THEN NULL ELSE
        TRY_CAST('0' || ltrim(@w, '0') || ${cut} AS ${type}) END`,
    ],
    ['@u', `CASE WHEN @m.sign = '-' THEN -@n ELSE @n END * ${term(x)} + ${term(y * power)}`],
    [
      '@v',
      `TRY_CAST(CASE WHEN @u < 0 THEN -1 ELSE 1 END
        * ((abs(@u) * 2 + ${term(z * power)}) // ${term(2n * z * power)}) AS BIGINT)`,
    ],
  ];
  const fraction =
    column.type === 'integer' && rule === undefined ? ` OR ltrim(@f, '0') <> ''` : '';
  return {
    steps,
    value: '@v',
    inDomain: `@v BETWEEN ${parameters.bigint(column.min)} AND ${parameters.bigint(column.max)}`,
    unparsable: `@d = ''${fraction}`,
  };
}

/** The date at the start of a text that is a date with or without a time of day, else NULL. */
export const dayTextSql = (text: string): string =>
  `CASE WHEN regexp_matches(${text}, '${DATE}') THEN TRY_CAST(left(${text}, 10) AS DATE) END`;

function dateStages(
  column: Extract<PlanColumn, { readonly type: 'date' }>,
  parameters: Parameters,
): FieldStages {
  return {
    steps: [['@v', `${dayTextSql('@t')} - DATE '1970-01-01'`]],
    value: '@v',
    inDomain: `@v BETWEEN ${parameters.bigint(column.min)} AND ${parameters.bigint(column.max)}`,
    unparsable: `@v IS NULL`,
  };
}

/** A category is read by an ENUM of its domain (`enumName`), which looks texts up by hash. */
const categoryStages = (enumName: string): FieldStages => ({
  steps: [['@v', `CAST(enum_code(TRY_CAST(@t AS ${enumName})) AS INTEGER)`]],
  value: '@v',
  inDomain: 'TRUE',
  unparsable: 'FALSE',
});

export function fieldStages(
  column: PlanColumn,
  enumName: string,
  parameters: Parameters,
  /** From the unit of the files to that of the study; undefined where they are the same. */
  rule: Conversion | undefined,
): FieldStages {
  switch (column.type) {
    case 'category':
      return categoryStages(enumName);
    case 'date':
      return dateStages(column, parameters);
    case 'integer':
    case 'number':
      return numberStages(column, rule, parameters);
  }
}
