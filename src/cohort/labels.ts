/**
 * What people call the columns of a study and the values of its categories, in their languages.
 * Public and signed like everything in the section; names stay what queries and files use.
 * @module
 */
import { isPlainLine } from '../base/input.ts';
import type { ColumnSpec, Language } from './column-shape.ts';

type Labels = NonNullable<ColumnSpec['labels']>;
type Report = (code: string, ...at: readonly string[]) => void;

const LONGEST = 128;

function lineErrors(labels: Labels | undefined, report: Report): void {
  for (const [language, text] of Object.entries(labels ?? {})) {
    if (!isPlainLine(text, LONGEST)) report('WRONG_FORMAT', language);
  }
}

/** What the labels of a column may get wrong; `report` points below the column. */
export function labelErrors(column: ColumnSpec, report: Report): void {
  lineErrors(column.labels, (code, ...at) => report(code, 'labels', ...at));
  if (column.type !== 'category') return;
  for (const [value, labels] of Object.entries(column.valueLabels ?? {})) {
    if (!column.domain.includes(value)) report('UNKNOWN_VALUE', 'valueLabels', value);
    lineErrors(labels, (code, ...at) => report(code, 'valueLabels', value, ...at));
  }
}

/** In this language, else in English, else nothing. */
const labelIn = (labels: Labels | undefined, language: Language): string | undefined =>
  labels?.[language] ?? labels?.en;

export const columnLabel = (column: ColumnSpec, language: Language): string | undefined =>
  labelIn(column.labels, language);

export function valueLabel(
  column: ColumnSpec,
  value: string,
  language: Language,
): string | undefined {
  if (column.type !== 'category' || column.valueLabels === undefined) return undefined;
  const { valueLabels } = column;
  return Object.hasOwn(valueLabels, value) ? labelIn(valueLabels[value], language) : undefined;
}
