/** What a measure of a release needs to know of itself to be read from a noised vector. @module */
import type { Leaves } from './measure/quantiles.ts';
import type { TrendOf } from './measure/trend.ts';
import type { ModelFactor } from './model/grouped-design.ts';
import type { LinearShape } from './model/linear.ts';
import type { Scale } from './moments.ts';

/** An axis of a measure's own: its labels are members of the group under its name. */
export type NamedAxis = { readonly column: string; readonly labels: readonly string[] };

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
  | ({ readonly kind: 'histogram' } & NamedAxis)
  | {
      readonly kind: 'quantiles';
      readonly leaves: Leaves;
      /** Orders, increasing, each with the text that names it. */
      readonly at: readonly { readonly order: number; readonly label: string }[];
      /** UCUM, of the column. */
      readonly unit: string;
    }
  | {
      readonly kind: 'distribution';
      readonly leaves: Leaves;
      /** How many leaves are at most the value that the text names. */
      readonly at: readonly { readonly leaves: number; readonly label: string }[];
    }
  | { readonly kind: 'table'; readonly rows: NamedAxis; readonly columns: NamedAxis }
  /** Weights of the age bands, adding up to 1. */
  | { readonly kind: 'standardised'; readonly weights: readonly number[] }
  | ({
      readonly kind: 'trend';
      readonly of: TrendOf;
      /** Middle of each period. */
      readonly times: readonly number[];
      /** UCUM, of the times. */
      readonly unit: string;
    } & NamedAxis)
  | {
      readonly kind: 'incidence';
      readonly grid: readonly number[];
      readonly unit: string;
      readonly causes: readonly string[];
      readonly arm: NamedAxis | undefined;
    }
  | ({ readonly kind: 'linear'; readonly unit: string } & LinearShape)
  | { readonly kind: 'logistic'; readonly factors: readonly ModelFactor[] }
  | {
      readonly kind: 'hazards';
      readonly factors: readonly ModelFactor[];
      readonly intervals: number;
    }
  | {
      readonly kind: 'image';
      readonly mode: 'block' | 'map';
      /** Of every holder; 0 where people are answered for one by one. */
      readonly blocks: number;
      readonly fields: readonly {
        readonly name: string;
        readonly scale: Scale;
        /** UCUM. */
        readonly unit: string;
      }[];
    }
  | {
      readonly kind: 'survival';
      /** Edges of the intervals in the unit of the time column, increasing. */
      readonly grid: readonly number[];
      readonly unit: string;
      readonly arm: NamedAxis | undefined;
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

/** What changes by `unit` for one `by` more: a UCUM term. */
export function perUnit(unit: string, by: string): string {
  if (by === '1') return unit;
  const divisor = /^[A-Za-z]+$/.test(by) ? by : `(${by})`;
  return `${unit === '1' ? '' : unit}/${divisor}`;
}
