/**
 * What each measure makes of one cell of the group table, of one holder or pooled: the entries of
 * a release before the minimum size hides any. A measure has the same entries in every cell.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Rational } from '../base/rational.ts';
import type { CellEntry, CellNoise, CurveEntry, Entry, Extra, TestEntry } from './entry.ts';
import { countInterval, noiseHalfWidth } from './interval.ts';
import { meanOf } from './measure/mean.ts';
import { proportionOf } from './measure/proportion.ts';
import { distributionOf, quantileOf, shareOf } from './measure/quantiles.ts';
import { standardisedOf } from './measure/standardised.ts';
import { sumOf } from './measure/sum.ts';
import { survivalOf } from './measure/survival.ts';
import { trendOf } from './measure/trend.ts';
import { varianceOf } from './measure/variance.ts';
import { imageEntries } from './image-entry.ts';
import { modelEntries } from './model-entry.ts';
import type { Estimate, Reading } from './reading.ts';
import { incidenceOf } from './survival/incidence.ts';
import { independenceTests, ratiosOf } from './table/contingency.ts';
import type { Table } from './table/pearson.ts';
import { type NamedAxis, squareUnit, type TableMeasure } from './table-measure.ts';

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

/** One cell of the table, with what its entries are made of. */
type Source = {
  readonly values: readonly number[];
  readonly reading: Reading;
  readonly noise: CellNoise;
  readonly widths: NoiseWidths;
  /** Tables that a simulation may draw for this cell. */
  readonly draws: number;
};

const COUNTED = { kind: 'cell', counted: true, steady: false, extra: {} } as const;

/** The count in component `index`. */
function countEntry({ values, noise, widths }: Source, index: number, extra: Extra): CellEntry {
  const variance = noise.variances[index];
  check(variance !== undefined, 'INTERNAL', 'a component without noise');
  const value = values[index] ?? 0;
  const estimate: Estimate = {
    value,
    interval: countInterval(value, variance.toNumber() * noise.shares),
    noise: widths.of(variance, noise.shares),
    count: value,
  };
  return {
    ...COUNTED,
    extra,
    unit: COUNT_UNIT,
    estimate,
    counted: false,
    size: value,
    steady: true,
  };
}

const valueEntry = (estimate: Estimate, unit: string, extra: Extra = {}): CellEntry => ({
  ...COUNTED,
  extra,
  unit,
  estimate,
  size: estimate.count,
});

const MOMENTS = { sum: sumOf, mean: meanOf, variance: varianceOf } as const;

type Kind<K extends TableMeasure['kind']> = Extract<TableMeasure, { readonly kind: K }>;

const armExtra = (arm: NamedAxis | undefined, index: number): Extra =>
  arm === undefined ? {} : { [arm.column]: arm.labels[index] ?? '' };

function survivalEntries(measure: Kind<'survival'>, { reading }: Source): Entry[] {
  const { arm, unit } = measure;
  const { curves, tests } = survivalOf(reading, measure.grid, arm?.labels.length ?? 1);
  return [
    ...curves.map(
      (curve, i): CurveEntry => ({ kind: 'curve', extra: armExtra(arm, i), unit, curve }),
    ),
    ...tests.map((test): TestEntry => ({ kind: 'test', test })),
  ];
}

function incidenceEntries(measure: Kind<'incidence'>, { reading }: Source): Entry[] {
  const { arm, unit, causes, grid } = measure;
  const arms = arm?.labels.length ?? 1;
  return incidenceOf(reading, grid, arms, causes.length).map((own) => ({
    kind: 'incidence',
    extra: armExtra(arm, own.arm),
    cause: causes[own.cause] ?? '',
    unit,
    points: own.points,
    count: own.count,
  }));
}

function tableEntries({ rows, columns }: Kind<'table'>, source: Source): Entry[] {
  const table: Table = {
    rows: rows.labels.length,
    columns: columns.labels.length,
    values: source.values,
    noise: source.reading.noise[0] ?? 0,
  };
  const counts = source.values.map((_, i) =>
    countEntry(source, i, {
      [rows.column]: rows.labels[Math.floor(i / table.columns)] ?? '',
      [columns.column]: columns.labels[i % table.columns] ?? '',
    }),
  );
  const size = Math.min(...source.values);
  return [
    ...counts,
    ...ratiosOf(table).map(
      (estimate): Entry => ({ kind: 'estimate', unit: COUNT_UNIT, estimate, size }),
    ),
    ...independenceTests(table, source.draws).map((test): Entry => ({ kind: 'test', test })),
  ];
}

function trendEntries(measure: Kind<'trend'>, source: Source): Entry[] {
  const { column, labels, times, of, unit } = measure;
  const { reading } = source;
  const periods = labels.map((label, i): CellEntry => {
    if (of === 'count') return countEntry(source, i, { [column]: label });
    const part = (all: readonly number[]): number[] => all.slice(2 * i, 2 * i + 2);
    const own = { values: part(reading.values), noise: part(reading.noise) };
    const size = Math.min(...own.values);
    return { ...valueEntry(proportionOf(own), COUNT_UNIT, { [column]: label }), size };
  });
  const slope = trendOf(reading, times, of);
  const size = Math.min(...periods.map((period) => period.size));
  return [...periods, { kind: 'estimate', unit: `/${unit}`, estimate: slope, size }];
}

/** The entries of `measure` for the noised sums of one cell. */
export function entriesOf(
  measure: TableMeasure,
  values: readonly number[],
  noise: CellNoise,
  { widths, draws }: Pick<Source, 'widths' | 'draws'>,
): Entry[] {
  const reading: Reading = {
    values,
    noise: noise.variances.map((variance) => variance.toNumber() * noise.shares),
  };
  const source: Source = { values, reading, noise, widths, draws };
  switch (measure.kind) {
    case 'count':
      return [countEntry(source, 0, {})];
    case 'histogram':
      return measure.labels.map((label, i) => countEntry(source, i, { [measure.column]: label }));
    case 'proportion':
      return [{ ...valueEntry(proportionOf(reading), COUNT_UNIT), size: Math.min(...values) }];
    case 'sum':
    case 'mean':
    case 'variance': {
      const unit = measure.kind === 'variance' ? squareUnit(measure.unit) : measure.unit;
      const entry = valueEntry(MOMENTS[measure.kind](reading, measure.scale), unit);
      return [{ ...entry, steady: measure.kind === 'sum' }];
    }
    case 'quantiles': {
      const distribution = distributionOf(reading, measure.leaves);
      return measure.at.map(({ order, label }) =>
        valueEntry(quantileOf(distribution, order), measure.unit, { quantile: label }),
      );
    }
    case 'distribution': {
      const distribution = distributionOf(reading, measure.leaves);
      return measure.at.map(({ leaves, label }) => {
        const share = shareOf(distribution, leaves);
        const size = share.count * Math.min(share.value, 1 - share.value);
        return { ...valueEntry(share, COUNT_UNIT, { at_most: label }), size };
      });
    }
    case 'standardised': {
      const cases = values.reduce((sum, value, i) => sum + (i % 2 === 0 ? value : 0), 0);
      const entry = valueEntry(standardisedOf(reading, measure.weights), COUNT_UNIT);
      return [{ ...entry, size: Math.min(cases, entry.estimate.count - cases) }];
    }
    case 'table':
      return tableEntries(measure, source);
    case 'trend':
      return trendEntries(measure, source);
    case 'survival':
      return survivalEntries(measure, source);
    case 'incidence':
      return incidenceEntries(measure, source);
    case 'linear':
    case 'logistic':
    case 'hazards':
      return modelEntries(measure, reading);
    case 'image':
      return imageEntries(measure, reading, noise.shares);
  }
}
