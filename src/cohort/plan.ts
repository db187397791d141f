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
import type { Inside } from './inside/choice.ts';
import type { Disclosure } from './linked/disclosure.ts';
import type { PlanColumn, Dimension, Predicate, Pick, BlockContent } from './plan-content.ts';

export type {
  PlanColumn,
  Dimension,
  Predicate,
  Pick,
  Part,
  Factor,
  Feature,
  BlockContent,
  ImageContent,
} from './plan-content.ts';

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
