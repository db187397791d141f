/**
 * `{ "histogram": { "column": "hba1c", "bins": [...] } }` or `{ "histogram": "sex" }`: a count for
 * each bin, spelt as an axis of `groupBy`. A row is in one bin or, without a value in any of
 * them, in none: the price of a single count.
 * @module
 */
import { readAxes } from '../axes.ts';
import type { MeasureKind } from './measure.ts';

export const histogram: MeasureKind = {
  key: 'histogram',
  read(value, at, { columns, axes, report }) {
    const { dimensions, errors } = readAxes([value], columns, () => at);
    for (const { pointer, code } of errors) report(pointer, code);
    const [dimension] = dimensions;
    if (errors.length > 0) return undefined;
    if (dimension === undefined) {
      report(at, 'UNKNOWN_COLUMN');
      return undefined;
    }
    const { column, labels } = dimension;
    // Its bins are told apart by a member of the group with this name.
    if (axes.includes(column)) {
      report(at, 'DUPLICATE_GROUP');
      return undefined;
    }
    return {
      content: { kind: 'tally', parts: labels.length, part: { kind: 'bins', dimension } },
      released: { kind: 'histogram', column, labels },
      form: {
        histogram:
          dimension.kind === 'bins' ? { column, edges: dimension.edges.map(String) } : { column },
      },
    };
  },
};
