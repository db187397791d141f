/**
 * What runs at a holder, and what it costs: a pure function of study, query and public numbers
 * (rulings 11, 13, 14). Nothing here can take a cohort.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { Rational } from '../base/rational.ts';
import type { Sensitivity } from '../dp/contribution.ts';

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
  | { readonly column: string; readonly isNull: true };

export type Plan = {
  readonly version: 1;
  readonly study: Digest;
  /** Sorted by name; the order of the slots of a split layout. */
  readonly holders: readonly string[];
  readonly honestHolders: number;
  /** SHA-256 of the normal form of the query (DESIGN 9, "same query"). */
  readonly queryKey: Digest;
  /** True when the query groups by holder: each holder fills its own block of `cells` slots. */
  readonly split: boolean;
  /** Without the holder. Cell index: row-major in this order. */
  readonly dimensions: readonly Dimension[];
  /** Cells of one holder: the product of (labels + 1). At least 1. */
  readonly cells: number;
  /** Length of the encrypted vector: cells, times the holders where split. */
  readonly slots: number;
  /** The names of the counts that are released from this vector, in order of the query. */
  readonly measures: readonly string[];
  readonly columns: readonly PlanColumn[];
  readonly where: Predicate | undefined;
  readonly rowsPerPerson: number;
  readonly cellsPerPerson: number;
  readonly sensitivity: Sensitivity;
  /** Charged at every holder. */
  readonly rho: Rational;
  /** sigma squared of the discrete Gaussian that every holder adds to each of its cells. */
  readonly variance: Rational;
  /** Public bound on the absolute value of any slot of the sum before noise. */
  readonly largestSum: bigint;
  /** A holder sends its contribution this long after it may touch data: a power of two. */
  readonly deadlineSeconds: number;
  readonly minimumCell: number;
};
