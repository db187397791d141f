/**
 * What one holder may choose from exact values of its own (rulings 12): a measure of a query that names
 * this holder alone. Nobody else has a part in it, so nothing is added up and nothing encrypted;
 * what leaves is what a mechanism of dp/mechanism chose, for every cell.
 * @module
 */
import type { ChoiceMeasure } from '../../analysis/choice-measure.ts';
import type { Json } from '../../base/canonical-json.ts';
import type { Rational } from '../../base/rational.ts';
import type { BlockContent, ImageContent } from '../plan-content.ts';

type Tally = Extract<BlockContent, { readonly kind: 'tally' }>;

/** As it is asked for. */
export type ChoiceSpec =
  | { readonly kind: 'top'; readonly content: Tally; readonly k: number }
  | {
      readonly kind: 'keys';
      readonly column: string;
      readonly most: number;
      readonly delta: Rational;
    }
  | { readonly kind: 'median' | 'winsorised'; readonly content: ImageContent };

/** As it runs. ε is that of each draw. */
export type Choice =
  /** k labels of the most rows; a person moves a count by `sensitivity` at most. */
  | {
      readonly kind: 'top';
      readonly content: Tally;
      readonly k: number;
      readonly sensitivity: bigint;
      readonly epsilon: Rational;
    }
  /** Values of a column, each shown by its number of people; never one of fewer than `least`. */
  | {
      readonly kind: 'keys';
      readonly column: string;
      readonly least: number;
      readonly most: number;
      readonly epsilon: Rational;
      readonly delta: Rational;
    }
  /** Of each field the answers at three ranks: the median, and about it. */
  | {
      readonly kind: 'median';
      readonly content: ImageContent;
      readonly ranks: readonly (readonly [middle: number, low: number, high: number])[];
      readonly epsilon: Rational;
    }
  | {
      readonly kind: 'winsorised';
      readonly content: ImageContent;
      readonly epsilon: Rational;
      readonly noise: Rational;
    };

/** A choice of a plan: the measure with the same index reads it. */
export type ChosenBlock = {
  readonly choice: Choice;
  /** Integers of one cell. */
  readonly components: number;
  /** Its part of the charge. */
  readonly rho: Rational;
};

export type Inside = {
  readonly choices: readonly ChosenBlock[];
  readonly measures: readonly ChoiceMeasure[];
  /** Charged beside rho. */
  readonly delta: Rational;
};

type Unnamed<T> = T extends unknown ? Omit<T, 'name' | 'noise'> : never;

/** A measure as read, without its name and its price. */
export type ReadChoice = {
  readonly choice: ChoiceSpec;
  readonly released: Unnamed<ChoiceMeasure>;
  /** What it is, in the normal form of the query. */
  readonly form: Json;
};

export type NamedChoice = ReadChoice & { readonly name: string };
