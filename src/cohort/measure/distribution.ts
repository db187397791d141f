/**
 * `{ "distribution": { "column", "at": [6.5, 7, 8], "resolution"? } }`: the share of rows with a value of
 * at most each of these, from a dyadic histogram (leaves.ts) that quantiles of the column share.
 * @module
 */
import { Type } from 'typebox';
import { pointerTo } from '../../base/input.ts';
import { storedEdge, storedText } from '../stored-value.ts';
import { type NumberColumn, readNumberColumn, readTree, type Tree } from './leaves.ts';
import type { MeasureContext, MeasureKind } from './measure.ts';
import { shaped } from './shaped.ts';

const Shape = Type.Object(
  {
    column: Type.String({ minLength: 1, maxLength: 64 }),
    at: Type.Array(Type.Number(), { minItems: 1, maxItems: 1000 }),
    resolution: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  },
  { additionalProperties: false },
);

const MEMBER = 'at_most';

type Point = { readonly leaves: number; readonly label: string };

/** Each value as a number of whole leaves; reports what is not the end of one. */
function readPoints(
  column: NumberColumn,
  { leaves }: Tree,
  values: readonly number[],
  at: string,
  { report }: MeasureContext,
): Point[] {
  return values.flatMap((value, i) => {
    const stored = storedEdge(column, value);
    const pointer = pointerTo(at, i);
    if (!('value' in stored)) {
      report(pointer, stored.error);
      return [];
    }
    const steps = stored.value - column.min + 1n;
    const width = BigInt(leaves.width);
    const whole = steps % width === 0n;
    const inside = steps > 0n && stored.value < column.max;
    if (!inside) report(pointer, 'OUT_OF_RANGE');
    else if (!whole) report(pointer, 'NOT_ON_RESOLUTION');
    else if (i > 0 && !(value > (values[i - 1] ?? value))) report(pointer, 'BINS_NOT_INCREASING');
    else return [{ leaves: Number(steps / width), label: storedText(column, stored.value) }];
    return [];
  });
}

export const distribution: MeasureKind = {
  key: 'distribution',
  read(value, at, context) {
    const asked = shaped(Shape, value, at, context);
    if (asked === undefined) return undefined;
    const column = readNumberColumn(asked.column, pointerTo(at, 'column'), context);
    if (context.axes.includes(MEMBER)) context.report(at, 'DUPLICATE_GROUP');
    if (column === undefined) return undefined;
    const tree = readTree(column, asked.resolution, at, context);
    if (tree === undefined) return undefined;
    const points = readPoints(column, tree, asked.at, pointerTo(at, 'at'), context);
    return {
      content: tree.content,
      released: { kind: 'distribution', leaves: tree.leaves, at: points },
      form: {
        distribution: {
          column: column.name,
          at: points.map(({ label }) => label),
          width: tree.leaves.width,
        },
      },
    };
  },
};
