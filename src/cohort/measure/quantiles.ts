/**
 * `{ "quantiles": { "column", "at": [0.25, 0.5, 0.75], "resolution"? } }`, or `{ "quantiles": "hba1c" }`
 * for the quartiles: from a dyadic histogram (leaves.ts).
 * @module
 */
import { type Static, Type } from 'typebox';
import { pointerTo, shapeErrors } from '../../base/input.ts';
import { unitOf } from './exits.ts';
import { readNumberColumn, readTree } from './leaves.ts';
import type { MeasureKind } from './measure.ts';

const QUARTILES = [0.25, 0.5, 0.75];
const MOST = 99;

const Shape = Type.Object(
  {
    column: Type.String({ minLength: 1, maxLength: 64 }),
    at: Type.Optional(Type.Array(Type.Number(), { minItems: 1, maxItems: MOST })),
    resolution: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);

/** The name of the group member that says which quantile a cell is. */
const MEMBER = 'quantile';

export const quantiles: MeasureKind = {
  key: 'quantiles',
  read(value, at, context) {
    const { report } = context;
    const asked = (typeof value === 'string' ? { column: value } : value) as Static<typeof Shape>;
    const wrong = shapeErrors(Shape, asked, at);
    for (const { pointer, code } of wrong) report(pointer, code);
    if (wrong.length > 0) return undefined;
    const column = readNumberColumn(
      asked.column,
      typeof value === 'string' ? at : pointerTo(at, 'column'),
      context,
    );
    const orders = asked.at ?? QUARTILES;
    const bad = orders.findIndex((p, i) => !(p > 0 && p < 1 && p > (orders[i - 1] ?? 0)));
    if (bad >= 0) report(pointerTo(pointerTo(at, 'at'), bad), 'QUANTILE_INVALID');
    if (context.axes.includes(MEMBER)) report(at, 'DUPLICATE_GROUP');
    if (column === undefined || bad >= 0) return undefined;
    const tree = readTree(column, asked.resolution, at, context);
    if (tree === undefined) return undefined;
    return {
      content: tree.content,
      released: {
        kind: 'quantiles',
        leaves: tree.leaves,
        at: orders.map((order) => ({ order, label: String(order) })),
        unit: unitOf(column.name, context),
      },
      form: {
        quantiles: { column: column.name, at: orders, width: tree.leaves.width },
      },
    };
  },
};
