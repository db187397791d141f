/**
 * The table of cells: how cells are numbered, and what each is called.
 *
 * Row-major in the order of the dimensions, the `null` cell last on every axis; where the plan
 * is split, holder i of `plan.holders` fills the slots i·cells to (i+1)·cells.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Dimension, Plan } from './plan.ts';

/** One slot or pooled cell and its group: a label for each axis, null for the null cell. */
export type Cell = {
  readonly index: number;
  readonly group: Readonly<Record<string, string | null>>;
};

/** The product of (labels + 1). A double: may exceed what is served, never wraps. */
export const cellCount = (dimensions: readonly Dimension[]): number =>
  dimensions.reduce((product, dimension) => product * (dimension.labels.length + 1), 1);

type Axis = {
  readonly name: string;
  readonly labels: readonly (string | null)[];
  readonly stride: number;
};

function axesOf(dimensions: readonly Dimension[]): Axis[] {
  let stride = cellCount(dimensions);
  return dimensions.map(({ column, labels }) => {
    stride /= labels.length + 1;
    return { name: column, labels: [...labels, null], stride };
  });
}

/** Every cell of `axes`, the last axis fastest. */
function enumerate(axes: readonly Axis[]): Cell[] {
  let cells: { index: number; group: [string, string | null][] }[] = [{ index: 0, group: [] }];
  for (const { name, labels, stride } of axes) {
    cells = cells.flatMap(({ index, group }) =>
      labels.map((label, i) => ({
        index: index + i * stride,
        group: [...group, [name, label] as [string, string | null]],
      })),
    );
  }
  return cells.map(({ index, group }) => ({ index, group: Object.fromEntries(group) }));
}

function ordered(axes: readonly Axis[], groupBy: readonly string[]): Axis[] {
  const out = groupBy.flatMap((name) => axes.find((axis) => axis.name === name) ?? []);
  check(out.length === axes.length, 'INTERNAL', 'axes of plan and query differ');
  return out;
}

/**
 * The slots of the vector in the order in which the query asked for them (`Query.groupBy`);
 * of a split plan the cells by holder, with `holder` in their group.
 */
export function slotsInOrder(plan: Plan, groupBy: readonly string[]): Cell[] {
  const axes = axesOf(plan.dimensions);
  if (!plan.split) return enumerate(ordered(axes, groupBy));
  const holder: Axis = { name: 'holder', labels: plan.holders, stride: plan.cells };
  return enumerate(ordered([...axes, holder], groupBy));
}

/**
 * The pooled cells, in order and without `holder`. Of a split plan, cell `index` is the sum of
 * the released slots index + i·cells over the holders i (rulings 8).
 */
export const pooledInOrder = (plan: Plan, groupBy: readonly string[]): Cell[] =>
  enumerate(
    ordered(
      axesOf(plan.dimensions),
      groupBy.filter((name) => name !== 'holder'),
    ),
  );
