/** What is chosen inside one holder, as a release shows it. @module */
import type { Rational } from '../base/rational.ts';
import type { Scale } from './moments.ts';

export type AnswerField = {
  readonly name: string;
  readonly scale: Scale;
  /** UCUM. */
  readonly unit: string;
};

export type ChoiceMeasure = {
  /** The name under which the analyst asked for it. */
  readonly name: string;
} /** The labels of an axis with the most rows, the first one first. */ & (
  | { readonly kind: 'top'; readonly column: string; readonly labels: readonly string[] }
  /** The values of a column that enough people have, of which so many are shown. */
  | { readonly kind: 'keys'; readonly column: string; readonly most: number }
  /** Answers of an image on blocks of people. */
  | {
      readonly kind: 'image';
      readonly aggregate: 'median';
      readonly blocks: number;
      readonly fields: readonly AnswerField[];
    }
  | {
      readonly kind: 'image';
      readonly aggregate: 'winsorised-mean';
      readonly blocks: number;
      readonly fields: readonly AnswerField[];
      /** Variance of the noise of their sum, over the squared width of the fence. */
      readonly noise: Rational;
    }
);
