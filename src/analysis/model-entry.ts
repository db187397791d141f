/** Entries of models: a named number for each coefficient, hidden by the rows behind all of them. @module */
import type { EstimateEntry } from './entry.ts';
import { hazardsOf } from './model/hazards.ts';
import { linearOf } from './model/linear.ts';
import { logisticOf } from './model/logistic.ts';
import type { NamedEstimate } from './named-estimate.ts';
import type { Reading } from './reading.ts';
import { perUnit, type TableMeasure } from './table-measure.ts';

type Model = Extract<TableMeasure, { readonly kind: 'linear' | 'logistic' | 'hazards' }>;

const sum = (values: readonly number[]): number => values.reduce((total, own) => total + own, 0);

function estimatesOf(measure: Model, reading: Reading): NamedEstimate[] {
  switch (measure.kind) {
    case 'linear':
      return linearOf(reading, measure);
    case 'logistic':
      return logisticOf(reading, measure.factors);
    case 'hazards':
      return hazardsOf(reading, measure.factors, measure.intervals);
  }
}

export function modelEntries(measure: Model, reading: Reading): EstimateEntry[] {
  const { values } = reading;
  // Of a regression the first sum is the number of rows.
  const size = measure.kind === 'linear' ? (values[0] ?? 0) : sum(values);
  const units =
    measure.kind === 'linear'
      ? [measure.unit, ...measure.predictors.map((one) => perUnit(measure.unit, one.unit))]
      : [];
  return estimatesOf(measure, reading).map((estimate, i) => ({
    kind: 'estimate',
    unit: units[i] ?? '1',
    estimate,
    size,
  }));
}
