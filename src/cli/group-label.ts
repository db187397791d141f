/**
 * How a cell of a release is called in a table: `40–59` for a bin of whole numbers, `6.5 to under 8`
 * for other bins, `no value` for the extra cell of an axis, `all holders` for a pooled cell.
 * @module
 */

export type ColumnTypes = Readonly<Record<string, { readonly type: string }>>;

export const NO_VALUE = 'no value';
export const ALL_HOLDERS = 'all holders';

const BIN = /^\[(.+),(.+)\)$/;
const MINUS = '−';

const signed = (text: string): string => text.replace(/^-/, MINUS);

/** `label` of `column` as released: a category, a single value or a half-open bin. */
export function groupLabel(column: string, label: string | null, types: ColumnTypes): string {
  if (label === null) return NO_VALUE;
  const type = types[column]?.type;
  const match = type === 'category' ? null : BIN.exec(label);
  if (match === null) return type === 'category' ? label : signed(label);
  const [, low = '', high = ''] = match;
  if (type !== 'integer') return `${signed(low)} to under ${signed(high)}`;
  const last = (BigInt(high) - 1n).toString();
  if (last === low) return signed(low);
  // A dash between negative numbers reads as another sign.
  return low.startsWith('-') ? `${signed(low)} to ${signed(last)}` : `${low}–${last}`;
}
