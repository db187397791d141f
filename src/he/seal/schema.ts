/**
 * What columns a table has, and what is encrypted of each: one physical column of integers or more.
 *
 *     integer, fixed, date   `name`       the value, clamped to its bounds; 0 where it is null
 *        nullable as well    `name?`      1 where there is a value
 *     category               `name=k`     1 in the rows of domain[k]; the k behind the last is null
 *     indicator              `name`       1 where it holds
 *
 * Bounds are public and every value is inside them before it is encrypted, for under encryption
 * nobody can clamp. One row a person: a column of a table with two rows of one person would count
 * twice what the plan prices once.
 * @module
 */
import { dayOf } from '../../base/calendar.ts';
import { check } from '../../base/errors.ts';

export type Column =
  | {
      readonly type: 'integer';
      readonly min: number;
      readonly max: number;
      readonly nullable?: true;
    }
  /** `perUnit` encrypted units make one: 10 for tenths. Bounds in the column's own unit. */
  | {
      readonly type: 'fixed';
      readonly min: number;
      readonly max: number;
      readonly perUnit: number;
      readonly nullable?: true;
    }
  /** Days since `min`; both are dates as YYYY-MM-DD. */
  | { readonly type: 'date'; readonly min: string; readonly max: string; readonly nullable?: true }
  | { readonly type: 'category'; readonly domain: readonly string[] }
  | { readonly type: 'indicator' };

export type Schema = Readonly<Record<string, Column>>;

/** What a row says of a column. */
export type Raw = number | string | boolean | null;

/** A value as encrypted: an integer in bounds, a place in the domain, or null. */
export type Code = number | null;

export type Physical = {
  readonly id: string;
  readonly column: string;
  /** Every row and every check row is in here; padding is 0. */
  readonly low: number;
  readonly high: number;
  readonly of: (code: Code) => number;
};

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const LARGEST = 2 ** 31 - 1;
const MOST_CATEGORIES = 256;

const dayChecked = (text: string): number => {
  const day = dayOf(text);
  check(day !== undefined, 'INVALID_PARAMETER', 'bound is no date');
  return day;
};

/** The integers that a column's codes lie between. */
export function codeRange(column: Column): readonly [number, number] {
  switch (column.type) {
    case 'integer':
      return [column.min, column.max];
    case 'fixed':
      return [Math.round(column.min * column.perUnit), Math.round(column.max * column.perUnit)];
    case 'date':
      return [0, dayChecked(column.max) - dayChecked(column.min)];
    case 'category':
      return [0, column.domain.length];
    case 'indicator':
      return [0, 1];
  }
}

export function checkSchema(schema: Schema): void {
  for (const [name, column] of Object.entries(schema)) {
    check(NAME.test(name), 'INVALID_PARAMETER', 'column name');
    if (column.type === 'fixed') {
      const whole = Number.isSafeInteger(column.perUnit) && column.perUnit >= 1;
      check(whole, 'INVALID_PARAMETER', `${name}: units`);
    }
    if (column.type === 'category') {
      const { domain } = column;
      const distinct = new Set(domain).size === domain.length;
      const sized = domain.length > 0 && domain.length <= MOST_CATEGORIES;
      check(distinct && sized, 'INVALID_PARAMETER', `${name}: domain`);
    }
    const [low, high] = codeRange(column);
    const fits = [low, high].every((x) => Number.isInteger(x) && Math.abs(x) <= LARGEST);
    check(fits && low <= high, 'INVALID_PARAMETER', `${name}: bounds`);
  }
}

const nullable = (column: Column): boolean => 'nullable' in column;
const present = (code: Code): number => (code === null ? 0 : 1);

/** The physical columns of a schema, in order. */
export function physicalColumns(schema: Schema): Physical[] {
  return Object.entries(schema).flatMap(([name, column]): Physical[] => {
    const [low, high] = codeRange(column);
    if (column.type === 'category') {
      return Array.from({ length: column.domain.length + 1 }, (_, k) => ({
        id: `${name}=${k}`,
        column: name,
        low: 0,
        high: 1,
        of: (code) => ((code ?? column.domain.length) === k ? 1 : 0),
      }));
    }
    const value: Physical = { id: name, column: name, low, high, of: (code) => code ?? 0 };
    if (!nullable(column)) return [value];
    return [value, { id: `${name}?`, column: name, low: 0, high: 1, of: present }];
  });
}

const clamp = (value: number, [low, high]: readonly [number, number]): number =>
  Math.min(high, Math.max(low, value));

function numberOf(column: Column, raw: Raw): number | null {
  if (column.type === 'date') {
    const day = typeof raw === 'string' ? dayOf(raw) : undefined;
    return day === undefined ? null : day - dayChecked(column.min);
  }
  if (typeof raw !== 'number' || Number.isNaN(raw)) return null;
  return column.type === 'fixed' ? raw * column.perUnit : raw;
}

/** What is encrypted for `raw`: never refuses, as every row has a meaning (rulings 13). */
export function codeOf(column: Column, raw: Raw): Code {
  if (column.type === 'indicator') return raw === true ? 1 : 0;
  if (column.type === 'category') {
    const at = typeof raw === 'string' ? column.domain.indexOf(raw) : -1;
    return at < 0 ? null : at;
  }
  const value = numberOf(column, raw);
  if (value === null) return null;
  const range = codeRange(column);
  return Math.round(clamp(value, range));
}
