/**
 * What every measure of the query language has in common: how it is read from JSON, which sums
 * it needs of a cohort, and how it is released. One file in this folder for each of them.
 * @module
 */
import type { ChoiceMeasure } from '../../analysis/choice-measure.ts';
import type { TableMeasure } from '../../analysis/table-measure.ts';
import type { Json } from '../../base/canonical-json.ts';
import type { BlockContent } from '../plan.ts';
import type { Condition } from '../condition.ts';
import type { ColumnSpec } from '../column-shape.ts';
import type { ImageTerms } from '../image-terms.ts';
import type { ReadChoice } from '../inside/choice.ts';
import type { Columns } from '../where.ts';

/** What a measure may look at: public facts of the study and the query. */
export type MeasureContext = {
  readonly columns: Columns;
  readonly specs: Readonly<Record<string, ColumnSpec>>;
  /** Programs that the study allows. */
  readonly images: readonly ImageTerms[];
  /** Whether one row of a person counts, at most. */
  readonly oneRow: boolean;
  /** Names of the axes of the query, `holder` included. */
  readonly axes: readonly string[];
  /** Reads a condition as `where` is read; errors are collected. */
  readonly condition: (node: unknown, at: string) => Condition;
  readonly report: (pointer: string, code: string) => void;
};

type Unnamed<T> = T extends unknown ? Omit<T, 'name' | 'block'> : never;

/** A measure as read, without its name and before blocks are numbered. */
export type ReadMeasure = {
  readonly content: BlockContent;
  readonly released: Unnamed<TableMeasure>;
  /** What it is, in the normal form of the query: equal for equal measures. */
  readonly form: Json;
};

/** A kind of measure: `{ "name": ..., [key]: what }`. */
export type MeasureKind = {
  /** The member of the measure, and the operation that a study allows. */
  readonly key: TableMeasure['kind'] | ChoiceMeasure['kind'];
  /** Reads the value of `key`; undefined where something was reported. */
  readonly read: (
    value: unknown,
    at: string,
    context: MeasureContext,
  ) => ReadMeasure | ReadChoice | undefined;
};
