/**
 * `{ "table": { "rows": axis, "columns": axis } }`: a contingency table with chi-square tests and, of
 * two by two, the odds ratio and the relative risk. An axis is one of `groupBy` or
 * `{ "name": "exposed", "when": condition }`. A row is in one cell: the price of a single count.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { tallyOf } from './exits.ts';
import { readFactor } from './factor.ts';
import type { MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  { rows: Type.Unknown(), columns: Type.Unknown() },
  { additionalProperties: false },
);

/** Degrees of freedom of a test that anybody reads (analysis/chi-square.ts). */
const MOST_FREEDOM = 100;

export const table: MeasureKind = {
  key: 'table',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const rows = readFactor(asked.rows, pointerTo(at, 'rows'), context);
    const columns = readFactor(asked.columns, pointerTo(at, 'columns'), context);
    if (rows === undefined || columns === undefined) return undefined;
    if (rows.name === columns.name) {
      context.report(pointerTo(at, 'columns'), 'DUPLICATE_GROUP');
      return undefined;
    }
    if ((rows.labels.length - 1) * (columns.labels.length - 1) > MOST_FREEDOM) {
      context.report(at, 'TOO_MANY_CELLS');
      return undefined;
    }
    return {
      content: tallyOf([rows.factor, columns.factor]),
      released: {
        kind: 'table',
        rows: { column: rows.name, labels: rows.labels },
        columns: { column: columns.name, labels: columns.labels },
      },
      form: { table: { rows: rows.form, columns: columns.form } },
    };
  },
};
