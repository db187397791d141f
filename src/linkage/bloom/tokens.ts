/**
 * From the text of a column to the tokens that go into the filter, as clkhash 0.18 makes them.
 * Numeric neighbourhoods: Vatsalan and Christen, J. Biomedical Informatics 59 (2016).
 * @module
 */
import { check } from '../../base/errors.ts';
import { dayOf } from '../../base/calendar.ts';
import type { Comparison, Feature, Format } from './schema.ts';

const where = (feature: Feature): string => `value of ${feature.identifier}`;

/** %Y%m%d of a text in the strptime form `format`; undefined where it is none or no day. */
function dateDigits(text: string, format: string): string | undefined {
  const names: string[] = [];
  const pattern = format.replace(/%[Ymd]|[^%\w]/g, (part) => {
    if (!part.startsWith('%')) return `\\${part}`;
    names.push(part);
    return part === '%Y' ? '(\\d{4})' : '(\\d{1,2})';
  });
  const found = new RegExp(`^${pattern}$`).exec(text);
  if (found === null) return undefined;
  const part = (name: string): string => (found[names.indexOf(name) + 1] ?? '').padStart(2, '0');
  const [y, m, d] = [part('%Y'), part('%m'), part('%d')];
  return dayOf(`${y}-${m}-${d}`) === undefined ? undefined : `${y}${m}${d}`;
}

function isOfFormat(text: string, format: Extract<Format, { type: 'string' }>): boolean {
  const [least, most] = format.length;
  const length = Array.from(text).length;
  const cased =
    format.case === 'mixed' ||
    (format.case === 'upper' ? text.toUpperCase() : text.toLowerCase()) === text;
  if (length < least || length > most || !cased) return false;
  return format.pattern?.test(text) !== false && !(format.ascii && /[^\0-\x7f]/.test(text));
}

/** The text that is cut into tokens. Refuses a value that is not of the feature's format. */
export function formatValue(text: string, feature: Feature): string {
  const { format, missing } = feature;
  if (missing !== undefined && text === missing.sentinel) return missing.replaceWith;
  switch (format.type) {
    case 'string':
      check(isOfFormat(text, format), 'INVALID_PARAMETER', where(feature));
      return text;
    case 'enum':
      check(format.values.has(text), 'INVALID_PARAMETER', where(feature));
      return text;
    case 'date': {
      const digits = dateDigits(text, format.format);
      check(digits !== undefined, 'INVALID_PARAMETER', where(feature));
      return digits;
    }
    case 'integer': {
      check(/^\s*[+-]?\d{1,15}\s*$/.test(text), 'INVALID_PARAMETER', where(feature));
      const value = Number(text);
      const [least, most] = format.range;
      check(value >= least && value <= most, 'INVALID_PARAMETER', where(feature));
      return String(value + 0);
    }
  }
}

function grams(text: string, n: number, positional: boolean): string[] {
  const pad = ' '.repeat(n - 1);
  // Code points, as Python counts characters.
  const characters = Array.from(pad + text + pad);
  return Array.from({ length: Math.max(0, characters.length - n + 1) }, (_, i) => {
    const gram = characters.slice(i, i + n).join('');
    return positional ? `${i + 1} ${gram}` : gram;
  });
}

/** The value's neighbourhood on a grid of `interval`, everything times 2·resolution. */
function neighbourhood(
  text: string,
  { interval, resolution, precision }: Extract<Comparison, { type: 'numeric' }>,
): string[] {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  check(match !== null, 'INVALID_PARAMETER', 'not a number');
  const [, sign, whole = '', fraction = ''] = match;
  const digits = fraction.padEnd(precision + 1, '0');
  const cut = BigInt(whole + digits.slice(0, precision));
  const rounded = precision > 0 && Number(digits[precision]) >= 5 ? cut + 1n : cut;
  const step = BigInt(interval);
  const value = (sign === '-' ? -rounded : rounded) * 2n * BigInt(resolution);
  const rest = ((value % step) + step) % step;
  const centre = 2n * rest < step ? value - rest : value + (step - rest);
  return Array.from({ length: 2 * resolution + 1 }, (_, i) =>
    String(centre + BigInt(i - resolution) * step),
  );
}

/** The tokens of a formatted value, in order; none where it is empty. */
export function tokensOf(text: string, comparison: Comparison): readonly string[] {
  if (text === '') return [];
  switch (comparison.type) {
    case 'exact':
      return [text];
    case 'ngram':
      return grams(text, comparison.n, comparison.positional);
    case 'numeric':
      return neighbourhood(text, comparison);
  }
}
