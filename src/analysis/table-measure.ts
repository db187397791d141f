/** What a measure of a release needs to know of itself to be read from a noised vector. @module */
import type { Scale } from './moments.ts';

export type TableMeasure = {
  /** The name under which the analyst asked for it. */
  readonly name: string;
  /** Index of the block of the plan that it reads. */
  readonly block: number;
} & (
  | { readonly kind: 'count' | 'proportion' }
  | {
      readonly kind: 'sum' | 'mean' | 'variance';
      readonly scale: Scale;
      /** UCUM, of the column. */
      readonly unit: string;
    }
  /** One cell for each label, in the group under the name of the column. */
  | { readonly kind: 'histogram'; readonly column: string; readonly labels: readonly string[] }
  | {
      readonly kind: 'survival';
      /** Edges of the intervals in the unit of the time column, increasing. */
      readonly grid: readonly number[];
      readonly unit: string;
      readonly arm: { readonly column: string; readonly labels: readonly string[] } | undefined;
    }
);

/**
 * The square of a UCUM unit, of which only atoms have exponents. A difference of temperatures on a
 * scale with an offset is one of kelvins, so the square of Cel is K2.
 */
export function squareUnit(unit: string): string {
  if (unit === '1') return unit;
  if (unit === 'Cel') return 'K2';
  return /^[A-Za-z]+$/.test(unit) ? `${unit}2` : `(${unit}).(${unit})`;
}
