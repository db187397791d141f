/** The cells of a release as columns: one row a cell, for CSV and Arrow alike. @module */
import type { ReleaseCell } from '../analysis/release-table.ts';

/** The columns behind those of the groups, in order. */
export const CELL_COLUMNS = [
  'measure',
  'value',
  'unit',
  'low',
  'high',
  'noise',
  'suppressed',
] as const;

export type GroupColumn = {
  /** What it is called in the table. */
  readonly title: string;
  /** What it is called in a group. */
  readonly axis: string;
};

/**
 * The axes in the order in which the cells have them, `holder` first. An axis that is called like
 * a column of the cells has `group_` in front of its name.
 */
export function groupColumns(cells: readonly ReleaseCell[]): GroupColumn[] {
  const axes = [...new Set(cells.flatMap(({ group }) => Object.keys(group)))];
  const taken = new Set<string>([...CELL_COLUMNS, ...axes]);
  return axes.map((axis) => {
    let title = axis;
    while ((CELL_COLUMNS as readonly string[]).includes(axis) && taken.has(title)) {
      title = `group_${title}`;
    }
    taken.add(title);
    return { title, axis };
  });
}
