/**
 * What a plan says of rows: columns, cells, conditions, and what is counted, summed or answered of them.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { ImageColumn } from './image-terms.ts';

/** A stored column: its kind says how the engine stores it (see cohort/schema.ts). */
export type PlanColumn =
  | { readonly name: string; readonly type: 'category'; readonly domain: readonly string[] }
  /** Stored as a count of `step`s: value = stored · step. `min` and `max` are in the same counts. */
  | {
      readonly name: string;
      readonly type: 'integer' | 'number';
      readonly min: bigint;
      readonly max: bigint;
      readonly step: Rational;
    }
  /** Stored as days since 1970-01-01; `min` and `max` likewise. */
  | { readonly name: string; readonly type: 'date'; readonly min: bigint; readonly max: bigint };

/** One axis of the table of cells. The last cell of every axis is `null`. */
export type Dimension =
  | { readonly column: string; readonly kind: 'category'; readonly labels: readonly string[] }
  /** Cell i holds edges[i] ≤ stored value < edges[i+1]; `labels` has one text for each such cell. */
  | {
      readonly column: string;
      readonly kind: 'bins';
      readonly edges: readonly bigint[];
      readonly labels: readonly string[];
    };

/**
 * A row filter in normal form over stored values. A comparison with null is false; `not`
 * complements it. `{ all: [] }` is true, `{ any: [] }` is false: no row passes.
 */
export type Predicate =
  | { readonly all: readonly Predicate[] }
  | { readonly any: readonly Predicate[] }
  | { readonly not: Predicate }
  /** min ≤ stored ≤ max, either end open where undefined. */
  | { readonly column: string; readonly min?: bigint; readonly max?: bigint }
  | { readonly column: string; readonly in: readonly string[] }
  | { readonly column: string; readonly isNull: true }
  /** Of the person of the row: a record of this concept, or of one below it. */
  | { readonly hasConcept: number; readonly descendants: boolean };

/** Which row of a person counts where there are several; without it a keyed choice of them does. */
export type Pick = {
  /** The row with the largest or smallest value of `by`, one with the mean of them, or any. */
  readonly pick: 'min' | 'max' | 'mean' | 'any';
  /** A date or numeric column; none for `any`. Rows without a value come last. */
  readonly by: string | undefined;
  /** Rows with from ≤ date − index ≤ to, in days; others are left out before the choice. */
  readonly window:
    | {
        readonly date: string;
        readonly index: string;
        readonly from: bigint;
        readonly to: bigint;
      }
    | undefined;
};

/** How a row finds its part of a tally. A row that has none is left out of the measure. */
export type Part =
  /** Every row is in part 0. */
  | { readonly kind: 'all' }
  /** Part 0 where the condition holds, part 1 where not; rows with a null in `known` have none. */
  | { readonly kind: 'condition'; readonly holds: Predicate; readonly known: readonly string[] }
  /** Part i for cell i of the dimension; none for its null cell. */
  | { readonly kind: 'bins'; readonly dimension: Dimension }
  /** Part (x − min) / width, rounded down, of a value x; min ≤ x in every stored column. */
  | {
      readonly kind: 'leaves';
      readonly column: string;
      readonly min: bigint;
      readonly width: bigint;
    }
  /**
   * The exit of a person from a study of survival, with K kinds of event: (K + 1)·i + k for the
   * first event k that holds in interval i, (K + 1)·i + K for a censoring there, and one last part
   * for exits after the last edge. Interval i is (edges[i], edges[i+1]], the first one with
   * edges[0]. Rows with a null in `known` have none.
   */
  | {
      readonly kind: 'exits';
      readonly time: string;
      readonly edges: readonly bigint[];
      readonly events: readonly Predicate[];
      readonly known: readonly string[];
    }
  /** Row-major over the factors, the last one fastest; none where a factor has none. */
  | { readonly kind: 'cross'; readonly factors: readonly Factor[] };

export type Factor = { readonly parts: number; readonly part: Part };

/** A coordinate of a regression as an integer within [−bound, bound]; null leaves the row out. */
export type Feature =
  /** 2x − (min + max) of a numeric column. */
  | {
      readonly kind: 'number';
      readonly column: string;
      readonly min: bigint;
      readonly max: bigint;
    }
  /** 1 where it holds, else 0. */
  | { readonly kind: 'indicator'; readonly holds: Predicate; readonly known: readonly string[] };

/** What is summed over the kept rows of every cell. */
export type BlockContent =
  /** Each row adds 1 to one of `parts` integers of its cell. */
  | { readonly kind: 'tally'; readonly parts: number; readonly part: Part }
  /**
   * The same with 2^depth parts, added up over a binary tree (dp/mechanism/dyadic.ts): a row is in
   * one node of each of depth + 1 levels.
   */
  | { readonly kind: 'dyadic'; readonly depth: number; readonly part: Part }
  /**
   * Each row with a value x adds x − min, max − x and (x − min)·(max − x) to three integers of
   * its cell; all in stored steps.
   */
  | {
      readonly kind: 'moments';
      readonly column: string;
      readonly min: bigint;
      readonly max: bigint;
    }
  /**
   * Each row adds the products z_i·z_j, i ≤ j, of its features z, of which z_0 = 1 and the last is
   * the outcome; by rows of the upper triangle (dp/mechanism/regression.ts).
   */
  | { readonly kind: 'gram'; readonly features: readonly Feature[] }
  /**
   * The clamped answers of an image on every block of people of a cell, or for every person of it:
   * Σa and Σa(D − a) for each field, or Σa, Σ(D − a) and Σa(D − a) (dp/mechanism/sample-aggregate.ts).
   * Everything that the run of it depends on is here, and so in the plan digest.
   */
  | {
      readonly kind: 'image';
      readonly image: Digest;
      readonly mode: 'block' | 'map';
      /** 0 in map mode. */
      readonly blocks: number;
      readonly columns: readonly { readonly name: string; readonly type: ImageColumn['type'] }[];
      readonly fields: readonly {
        readonly min: bigint;
        readonly max: bigint;
        readonly default: bigint;
      }[];
      /** Pages of 64 KiB. */
      readonly memory: number;
      readonly fuel: number;
      readonly boundary: 'bubblewrap' | 'process';
      /** Where it runs in the sandbox, the key of whose operator this is; at every holder without it. */
      readonly operator?: PublicKeyText;
    };

export type ImageContent = Extract<BlockContent, { readonly kind: 'image' }>;
