/**
 * Reads `groupBy`: the axes of the table of cells, each with public labels.
 *
 * Every axis has one more cell, `null`, for null, unparsable and out-of-domain values and for
 * values in none of the bins. Labels are a function of column and edges alone, so that two
 * spellings of one axis cannot differ in what is released: `[40,60)`, `[6.5,8)`,
 * `[2015-01-01,2016-01-01)`, or `40` where every bin of an integer column holds one value.
 * @module
 */
import type { InputError } from '../base/errors.ts';
import { pointerTo, shapeErrors } from '../base/input.ts';
import type { Dimension, PlanColumn } from './plan.ts';
import { type AxisOutline, AxisShape, LIMITS } from './query-shape.ts';
import { type OrderedColumn, storedEdge, storedText } from './stored-value.ts';
import type { Columns } from './where.ts';

/** The axis whose cells are the holders: each adds noise to its own (rulings 8). */
export const HOLDER_AXIS = 'holder';

type Axis = { readonly name: string; readonly dimension: Dimension | undefined };

function binLabels(column: OrderedColumn, edges: readonly bigint[]): string[] {
  const text = (edge: bigint): string => storedText(column, edge);
  const single = edges.slice(1).every((edge, i) => edge - (edges[i] ?? edge) === 1n);
  return edges
    .slice(1)
    .map((high, i): [bigint, bigint] => [edges[i] ?? high, high])
    .map(([low, high]) =>
      single && column.type === 'integer' ? text(low) : `[${text(low)},${text(high)})`,
    );
}

const binned = (column: OrderedColumn, edges: readonly bigint[]): Dimension => ({
  column: column.name,
  kind: 'bins',
  edges,
  labels: binLabels(column, edges),
});

function readEdges(
  column: OrderedColumn,
  bins: readonly unknown[],
  at: string,
  errors: InputError[],
): bigint[] {
  const edges = bins.flatMap((bin, i) => {
    const edge = storedEdge(column, bin);
    if ('value' in edge) return [edge.value];
    errors.push({ pointer: pointerTo(at, i), code: edge.error });
    return [];
  });
  if (edges.length < bins.length) return edges;
  const [first = 0n, last = 0n] = [edges[0], edges.at(-1)];
  const wrong = edges.findIndex((edge, i) => i > 0 && edge <= (edges[i - 1] ?? edge));
  if (first > last) errors.push({ pointer: at, code: 'REVERSED_BINS' });
  else if (wrong > 0) errors.push({ pointer: pointerTo(at, wrong), code: 'BINS_NOT_INCREASING' });
  return edges;
}

/** One cell for each value of a small integer column. */
function everyValue(column: PlanColumn & { min: bigint; max: bigint }): bigint[] | undefined {
  const count = column.max - column.min + 1n;
  if (column.type !== 'integer' || count >= BigInt(LIMITS.edges)) return undefined;
  return Array.from({ length: Number(count) + 1 }, (_, i) => column.min + BigInt(i));
}

function dimension(
  column: PlanColumn,
  bins: readonly unknown[] | undefined,
  at: string,
  errors: InputError[],
): Dimension | undefined {
  if (column.type === 'category') {
    if (bins === undefined) return { column: column.name, kind: 'category', labels: column.domain };
    errors.push({ pointer: pointerTo(at, 'bins'), code: 'BINS_NOT_ALLOWED' });
    return undefined;
  }
  if (bins !== undefined)
    return binned(column, readEdges(column, bins, pointerTo(at, 'bins'), errors));
  const edges = everyValue(column);
  if (edges !== undefined) return binned(column, edges);
  errors.push({ pointer: at, code: 'BINS_REQUIRED' });
  return undefined;
}

function readAxis(node: unknown, at: string, columns: Columns, errors: InputError[]): Axis {
  if (node === HOLDER_AXIS) return { name: HOLDER_AXIS, dimension: undefined };
  const byName = typeof node === 'string';
  const shape = byName ? [] : shapeErrors(AxisShape, node, at);
  errors.push(...shape);
  if (shape.length > 0) return { name: '', dimension: undefined };
  const axis = byName ? { column: node } : (node as AxisOutline);
  const column = columns.get(axis.column);
  if (column === undefined) {
    errors.push({ pointer: byName ? at : pointerTo(at, 'column'), code: 'UNKNOWN_COLUMN' });
    return { name: axis.column, dimension: undefined };
  }
  return { name: axis.column, dimension: dimension(column, axis.bins, at, errors) };
}

/**
 * The axes in the order asked for; `dimensions` leaves the holder out. `at` says where the node
 * with an index stands in the query.
 */
export function readAxes(
  groupBy: readonly unknown[],
  columns: Columns,
  at: (index: number) => string = (index) => pointerTo('/groupBy', index),
): {
  readonly names: readonly string[];
  readonly dimensions: readonly Dimension[];
  readonly errors: readonly InputError[];
} {
  const errors: InputError[] = [];
  const axes = groupBy.map((node, i) => readAxis(node, at(i), columns, errors));
  const names = axes.map((axis) => axis.name);
  names.forEach((name, i) => {
    if (name !== '' && names.indexOf(name) < i) {
      errors.push({ pointer: at(i), code: 'DUPLICATE_GROUP' });
    }
  });
  return { names, dimensions: axes.flatMap((axis) => axis.dimension ?? []), errors };
}
