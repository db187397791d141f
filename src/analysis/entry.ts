/** What a measure makes of one cell of the group table, before the minimum size hides any. @module */
import type { Rational } from '../base/rational.ts';
import type { Curve } from './measure/survival.ts';
import type { NamedEstimate } from './named-estimate.ts';
import type { Estimate } from './reading.ts';
import type { IncidencePoint } from './survival/incidence.ts';
import type { Test } from './test-result.ts';

/** Group members that an entry has besides those of its cell. */
export type Extra = Readonly<Record<string, string>>;

export type CellEntry = {
  readonly kind: 'cell';
  readonly extra: Extra;
  readonly unit: string;
  readonly estimate: Estimate;
  /** Whether the number of rows behind it is shown: not of a count, which is that number. */
  readonly counted: boolean;
  /** On which the minimum size acts: the smaller of both parts of a proportion, else the count. */
  readonly size: number;
  /** Whether the noise half-width is the same whatever the values. */
  readonly steady: boolean;
};
export type CurveEntry = {
  readonly kind: 'curve';
  readonly extra: Extra;
  readonly unit: string;
  readonly curve: Curve;
};
export type IncidenceEntry = {
  readonly kind: 'incidence';
  readonly extra: Extra;
  readonly cause: string;
  readonly unit: string;
  readonly points: readonly IncidencePoint[];
  readonly count: number;
};
/** Reads all entries of its cell, and is shown where all of them are. */
export type TestEntry = { readonly kind: 'test'; readonly test: Test };
/** A number of the whole cell; `size` as of a cell. */
export type EstimateEntry = {
  readonly kind: 'estimate';
  readonly unit: string;
  readonly estimate: NamedEstimate;
  readonly size: number;
};
export type Entry = CellEntry | CurveEntry | IncidenceEntry | TestEntry | EstimateEntry;

/** Noise of a cell: what every share has, component by component, and how many there are. */
export type CellNoise = { readonly variances: readonly Rational[]; readonly shares: number };
