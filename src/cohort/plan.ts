/**
 * What runs at a holder, and what it costs: a pure function of study, query and public numbers
 * (rulings 11, 13, 14). Nothing here can take a cohort.
 * @module
 */
import type { TableMeasure } from '../analysis/table-measure.ts';
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import type { Sensitivity } from '../dp/contribution.ts';
import type { DummyLaw } from '../dp/mechanism/dummies.ts';
import type { ImageColumn } from './image-terms.ts';
import type { Inside } from './inside/choice.ts';
import type { Disclosure } from './linked/disclosure.ts';

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
    };

export type ImageContent = Extract<BlockContent, { readonly kind: 'image' }>;

/** Components that stand side by side and have the same noise. Each is one integer of every cell. */
export type Run = {
  readonly components: number;
  /** sigma squared of the discrete Gaussian that every holder adds to each of them. */
  readonly variance: Rational;
  /** Public bound on the absolute value of any of their sums before noise. */
  readonly largest: bigint;
};

export type Block = {
  readonly content: BlockContent;
  readonly runs: readonly Run[];
  readonly sensitivity: Sensitivity;
  /** Its part of the charge: rho of the plan, shared equally by the measures that read it. */
  readonly rho: Rational;
};

/** What is different where the table is of people whom two holders both have (linked/link.ts). */
export type Link = {
  /** Who knows the groups of a person, and who the values. */
  readonly holders: { readonly groups: string; readonly values: string };
  /** The part of `where`, and the row of a person, that each of them applies to its own rows. */
  readonly where: {
    readonly groups: Predicate | undefined;
    readonly values: Predicate | undefined;
  };
  readonly per: { readonly groups: Pick; readonly values: Pick };
  /** The most people that either of them has, and the rows of both padded lists. */
  readonly declaredSize: number;
  readonly length: number;
  readonly dummies: DummyLaw;
  /** What both holders are told besides, if the noised count is large enough. */
  readonly disclose?: Disclosure;
};

export type Plan = {
  readonly version: 3;
  readonly study: Digest;
  /** Sorted by name; the order of the slots of a split layout. */
  readonly holders: readonly string[];
  readonly honestHolders: number;
  /** SHA-256 of the normal form of the query (DESIGN 9, "same query"). */
  readonly queryKey: Digest;
  /** True when the query groups by holder: each holder fills its own part of the slots. */
  readonly split: boolean;
  /** Without the holder. Cell index: row-major in this order. */
  readonly dimensions: readonly Dimension[];
  /** Cells of one holder's table: the product of (labels + 1). At least 1. */
  readonly cells: number;
  /** One after the other in the vector (analysis/block-layout.ts). */
  readonly blocks: readonly Block[];
  /** What is released, and from which block; in order of the query. */
  readonly measures: readonly TableMeasure[];
  /** Integers of one holder's noised vector: every component of every block for every cell. */
  readonly values: number;
  /** Length of the encrypted vector: the values, times the holders where split. */
  readonly slots: number;
  /**
   * Encryption parameters by id, from the bounds above (he/choose.ts): one set, or one for each of
   * several plaintext moduli where no ring carries a modulus wide enough for the sums.
   */
  readonly parameters: readonly string[];
  readonly columns: readonly PlanColumn[];
  readonly where: Predicate | undefined;
  readonly per: Pick | undefined;
  /** 1 where `per` chooses one row of a person. */
  readonly rowsPerPerson: number;
  readonly cellsPerPerson: number;
  /** Charged at every holder. */
  readonly rho: Rational;
  /** A holder sends its contribution this long after it may touch data: a power of two. */
  readonly deadlineSeconds: number;
  readonly minimumCell: number;
  /** Counts are shown in multiples of it. */
  readonly rounding?: number;
  readonly link?: Link;
  /** Of a query inside one holder: no blocks and no measures beside it. */
  readonly inside?: Inside;
};
