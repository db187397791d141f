/**
 * SQL that turns the text of a field into what is stored, exactly and without ever raising
 * (rulings 13). No double is involved anywhere.
 *
 * Text      leading and trailing spaces, tabs and carriage returns are dropped; NFC.
 * Null      the study's null texts.
 * Category  the index of the text in the domain, by exact comparison.
 * Number    [+-]digits[.digits][e[+-]digits], at most 100 characters; no thousands separator, no
 *           decimal comma. Stored = the number of steps, rounded half away from zero.
 * Integer   a number without a fraction: `12`, `12.0` and `1.2e1` are 12, because that is how
 *           tables with missing values are often written; `12.5` is unparsable.
 * Date      `YYYY-MM-DD`, with or without a time of day behind `T` or a space; no zone.
 *
 * With value v = N/10^K and step p/q the count of steps is floor((2Nq + p·10^K) / (2p·10^K)) of
 * |v|, in 64-bit integers where they suffice, else in 128. Digits behind the K-th are cut off:
 * floor is monotone and jumps only at odd multiples of p/2q, so the cut is harmless where those
 * end as decimals of at most K digits, and `scaleOf` chooses K so. For a step such as
 * 1/3 or 1/2^40 the result is exact up to K ≥ 15 digits behind the point.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import type { Parameters } from './parameters.ts';

type NumberColumn = Extract<PlanColumn, { readonly type: 'integer' | 'number' }>;

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
const MOST_FRACTION_DIGITS = 30;
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

/** Decimal places of `value`, undefined where it has no end. */
function decimalPlaces(value: Rational): number | undefined {
  for (let places = 0; places <= MOST_FRACTION_DIGITS; places += 1) {
    if (value.times(Rational.of(10n ** BigInt(places))).denominator === 1n) return places;
  }
  return undefined;
}

/** How many digits are kept on either side of the point, from public bounds only. */
export function scaleOf(column: NumberColumn): Scale {
  const { min, max, step } = column;
  const largest = step.times(Rational.of(-min > max ? -min : max)).ceil();
  const wholeDigits = digitsOf(largest) + 1;
  const half = step.dividedBy(Rational.of(2));
  const bound = (fractionDigits: number): bigint =>
    2n * 10n ** BigInt(wholeDigits + fractionDigits) * step.denominator +
    2n * step.numerator * 10n ** BigInt(fractionDigits);
  let fractionDigits = decimalPlaces(half) ?? ENDLESS_FRACTION_DIGITS;
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

function numberStages(column: NumberColumn, parameters: Parameters): FieldStages {
  const { wholeDigits, fractionDigits, type } = scaleOf(column);
  const { numerator: p, denominator: q } = column.step;
  const power = 10n ** BigInt(fractionDigits);
  const whole = parameters.integer(wholeDigits);
  const kept = parameters.integer(fractionDigits);
  const term = (value: bigint): string =>
    type === 'BIGINT' ? parameters.bigint(value) : parameters.hugeint(value);
  const numerator = `(@n * ${term(2n * q)} + ${term(p * power)})`;
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
        TRY_CAST('0' || ltrim(@w, '0') || rpad(left(@f, ${kept}), ${kept}, '0') AS ${type}) END`,
    ],
    [
      '@v',
      `TRY_CAST(CASE WHEN @m.sign = '-' THEN -1 ELSE 1 END
        * (${numerator} // ${term(2n * p * power)}) AS BIGINT)`,
    ],
  ];
  const fraction = column.type === 'integer' ? ` OR ltrim(@f, '0') <> ''` : '';
  return {
    steps,
    value: '@v',
    inDomain: `@v BETWEEN ${parameters.bigint(column.min)} AND ${parameters.bigint(column.max)}`,
    unparsable: `@d = ''${fraction}`,
  };
}

function dateStages(
  column: Extract<PlanColumn, { readonly type: 'date' }>,
  parameters: Parameters,
): FieldStages {
  const day = `TRY_CAST(left(@t, 10) AS DATE) - DATE '1970-01-01'`;
  return {
    steps: [['@v', `CASE WHEN regexp_matches(@t, '${DATE}') THEN ${day} END`]],
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
): FieldStages {
  switch (column.type) {
    case 'category':
      return categoryStages(enumName);
    case 'date':
      return dateStages(column, parameters);
    case 'integer':
    case 'number':
      return numberStages(column, parameters);
  }
}
