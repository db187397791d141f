/**
 * What each measure makes of one cell of the group table, of one holder or pooled: the entries of
 * a release before the minimum size hides any. A measure has the same entries in every cell.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import { countInterval, noiseHalfWidth } from './interval.ts';
import { meanOf } from './measure/mean.ts';
import { proportionOf } from './measure/proportion.ts';
import { sumOf } from './measure/sum.ts';
import { type Curve, survivalOf } from './measure/survival.ts';
import { varianceOf } from './measure/variance.ts';
import type { Estimate, Reading } from './reading.ts';
import type { Test } from './survival/log-rank.ts';
import { squareUnit, type TableMeasure } from './table-measure.ts';

/** Group members that an entry has besides those of its cell. */
type Extra = Readonly<Record<string, string>>;

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
/** Reads all curves of its cell, and is shown where all of them are. */
export type TestEntry = { readonly kind: 'test'; readonly test: Test };
export type Entry = CellEntry | CurveEntry | TestEntry;

/** Noise of a cell: what every share has, component by component, and how many there are. */
export type CellNoise = { readonly variances: readonly Rational[]; readonly shares: number };

const COUNT_UNIT = '1';

/** Half widths are computed once for each law: a table has thousands of cells of the same. */
export class NoiseWidths {
  readonly #known = new Map<string, number>();

  of(variance: Rational, shares: number): number {
    const key = `${variance.toString()} ${shares}`;
    const known = this.#known.get(key) ?? noiseHalfWidth(variance, shares);
    this.#known.set(key, known);
    return known;
  }
}

function countEstimate(
  value: number,
  variance: Rational | undefined,
  shares: number,
  widths: NoiseWidths,
): Estimate {
  check(variance !== undefined, 'INTERNAL', 'a component without noise');
  return {
    value,
    interval: countInterval(value, variance.toNumber() * shares),
    noise: widths.of(variance, shares),
    count: value,
  };
}

const ESTIMATES = { sum: sumOf, mean: meanOf, variance: varianceOf } as const;

function survivalEntries(
  measure: Extract<TableMeasure, { kind: 'survival' }>,
  reading: Reading,
): Entry[] {
  const { arm, unit } = measure;
  const { curves, tests } = survivalOf(reading, measure.grid, arm?.labels.length ?? 1);
  return [
    ...curves.map((curve, i): CurveEntry => {
      const extra: Extra = arm === undefined ? {} : { [arm.column]: arm.labels[i] ?? '' };
      return { kind: 'curve', extra, unit, curve };
    }),
    ...tests.map((test): TestEntry => ({ kind: 'test', test })),
  ];
}

/** The entries of `measure` for the noised sums of one cell. */
export function entriesOf(
  measure: TableMeasure,
  values: readonly number[],
  { variances, shares }: CellNoise,
  widths: NoiseWidths,
): Entry[] {
  const reading: Reading = {
    values,
    noise: variances.map((variance) => variance.toNumber() * shares),
  };
  const cell = (
    estimate: Estimate,
    unit: string,
    counted = true,
    extra: Extra = {},
  ): CellEntry => ({
    kind: 'cell',
    extra,
    unit,
    estimate,
    counted,
    size: measure.kind === 'proportion' ? Math.min(...values) : estimate.count,
    steady: measure.kind === 'count' || measure.kind === 'histogram' || measure.kind === 'sum',
  });
  switch (measure.kind) {
    case 'count':
      return [cell(countEstimate(values[0] ?? 0, variances[0], shares, widths), COUNT_UNIT, false)];
    case 'histogram':
      return measure.labels.map((label, i) =>
        cell(countEstimate(values[i] ?? 0, variances[i], shares, widths), COUNT_UNIT, false, {
          [measure.column]: label,
        }),
      );
    case 'proportion':
      return [cell(proportionOf(reading), COUNT_UNIT)];
    case 'sum':
    case 'mean':
    case 'variance': {
      const unit = measure.kind === 'variance' ? squareUnit(measure.unit) : measure.unit;
      return [cell(ESTIMATES[measure.kind](reading, measure.scale), unit)];
    }
    case 'survival':
      return survivalEntries(measure, reading);
  }
}
