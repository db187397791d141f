/**
 * A release as flat tables, for CSV and Arrow alike: its cells, curves, incidences, estimates or tests.
 *
 *     cells   one row a cell: group columns, measure, value, unit, low, high, noise, count, suppressed
 *     curves  one row a point: group columns, measure, time, unit, survival, low, high, noise, at_risk,
 *             events, hazard, hazard_low, hazard_high
 *     incidences  one row a point: group columns, measure, cause, time, unit, incidence, low, high, noise,
 *             at_risk, events
 *     estimates   one row a number: group columns, measure, name, value, unit, low, high, noise, p, suppressed
 *     tests   one row a test: group columns, measure, test, chi2, df, p
 *
 * A group column is null for the extra cell of an axis and for the holder of a pooled row.
 * @module
 */
import type { Group, ReleaseTables } from '../analysis/release-table.ts';

export const RELEASE_TABLES = ['cells', 'curves', 'incidences', 'estimates', 'tests'] as const;
export type ReleaseTableName = (typeof RELEASE_TABLES)[number];

export type TableColumn = { readonly name: string } & (
  | { readonly type: 'text'; readonly values: readonly (string | null)[] }
  | { readonly type: 'number'; readonly values: readonly (number | null)[] }
  | { readonly type: 'truth'; readonly values: readonly boolean[] }
);

type Item = { readonly group: Group; readonly measure: string };

/**
 * The axes in the order in which the rows have them, `holder` first. An axis that is called like a
 * column of the table has `group_` in front of its name.
 */
function groupColumns(items: readonly Item[], taken: readonly string[]): TableColumn[] {
  const axes = [...new Set(items.flatMap(({ group }) => Object.keys(group)))];
  const used = new Set<string>([...taken, ...axes]);
  return axes.map((axis) => {
    let name = axis;
    while (taken.includes(axis) && used.has(name)) name = `group_${name}`;
    used.add(name);
    return { name, type: 'text', values: items.map(({ group }) => group[axis] ?? null) };
  });
}

const withGroups = (items: readonly Item[], columns: readonly TableColumn[]): TableColumn[] => [
  ...groupColumns(
    items,
    columns.map(({ name }) => name),
  ),
  ...columns,
];

const texts = <T>(name: string, items: readonly T[], of: (item: T) => string): TableColumn => ({
  name,
  type: 'text',
  values: items.map(of),
});
const numbers = <T>(
  name: string,
  items: readonly T[],
  of: (item: T) => number | null | undefined,
): TableColumn => ({ name, type: 'number', values: items.map((item) => of(item) ?? null) });

/** Of a count it is the value; of what was chosen inside a holder nobody knows it. */
function rowsOf({ count, value, interval }: ReleaseTables['cells'][number]) {
  if (count !== undefined) return count;
  return interval === null ? null : value;
}

function cellColumns(cells: ReleaseTables['cells']): TableColumn[] {
  return withGroups(cells, [
    texts('measure', cells, ({ measure }) => measure),
    numbers('value', cells, ({ value }) => value),
    texts('unit', cells, ({ unit }) => unit),
    numbers('low', cells, ({ interval }) => interval?.[0]),
    numbers('high', cells, ({ interval }) => interval?.[1]),
    numbers('noise', cells, ({ noise }) => noise),
    numbers('count', cells, rowsOf),
    { name: 'suppressed', type: 'truth', values: cells.map(({ suppressed }) => suppressed) },
  ]);
}

function curveColumns(curves: ReleaseTables['curves']): TableColumn[] {
  const points = curves.flatMap(({ group, measure, unit, points: own }) =>
    own.map((point) => ({ ...point, group, measure, unit })),
  );
  return withGroups(points, [
    texts('measure', points, ({ measure }) => measure),
    numbers('time', points, ({ time }) => time),
    texts('unit', points, ({ unit }) => unit),
    numbers('survival', points, ({ survival }) => survival),
    numbers('low', points, ({ interval }) => interval[0]),
    numbers('high', points, ({ interval }) => interval[1]),
    numbers('noise', points, ({ noise }) => noise),
    numbers('at_risk', points, ({ atRisk }) => atRisk),
    numbers('events', points, ({ events }) => events),
    numbers('hazard', points, ({ hazard }) => hazard),
    numbers('hazard_low', points, ({ hazardInterval }) => hazardInterval[0]),
    numbers('hazard_high', points, ({ hazardInterval }) => hazardInterval[1]),
  ]);
}

function incidenceColumns(incidences: ReleaseTables['incidences']): TableColumn[] {
  const points = incidences.flatMap(({ points: own, ...rest }) =>
    own.map((point) => ({ ...rest, ...point })),
  );
  return withGroups(points, [
    texts('measure', points, ({ measure }) => measure),
    texts('cause', points, ({ cause }) => cause),
    numbers('time', points, ({ time }) => time),
    texts('unit', points, ({ unit }) => unit),
    numbers('incidence', points, ({ incidence }) => incidence),
    numbers('low', points, ({ interval }) => interval[0]),
    numbers('high', points, ({ interval }) => interval[1]),
    numbers('noise', points, ({ noise }) => noise),
    numbers('at_risk', points, ({ atRisk }) => atRisk),
    numbers('events', points, ({ events }) => events),
  ]);
}

const estimateColumns = (estimates: ReleaseTables['estimates']): TableColumn[] =>
  withGroups(estimates, [
    texts('measure', estimates, ({ measure }) => measure),
    texts('name', estimates, ({ name }) => name),
    numbers('value', estimates, ({ value }) => value),
    texts('unit', estimates, ({ unit }) => unit),
    numbers('low', estimates, ({ interval }) => interval?.[0]),
    numbers('high', estimates, ({ interval }) => interval?.[1]),
    numbers('noise', estimates, ({ noise }) => noise),
    numbers('p', estimates, ({ p }) => p),
    { name: 'suppressed', type: 'truth', values: estimates.map(({ suppressed }) => suppressed) },
  ]);

const testColumns = (tests: ReleaseTables['tests']): TableColumn[] =>
  withGroups(tests, [
    texts('measure', tests, ({ measure }) => measure),
    texts('test', tests, ({ name }) => name),
    numbers('chi2', tests, ({ chi2 }) => chi2),
    numbers('df', tests, ({ df }) => df),
    numbers('p', tests, ({ p }) => p),
  ]);

export function releaseColumns(release: ReleaseTables, table: ReleaseTableName): TableColumn[] {
  switch (table) {
    case 'cells':
      return cellColumns(release.cells);
    case 'curves':
      return curveColumns(release.curves);
    case 'incidences':
      return incidenceColumns(release.incidences);
    case 'estimates':
      return estimateColumns(release.estimates);
    case 'tests':
      return testColumns(release.tests);
  }
}

/** What most would want of a release: its cells, or the first table of one that has no cells. */
export const mainTable = (release: ReleaseTables): ReleaseTableName =>
  RELEASE_TABLES.find((table) => release[table].length > 0) ?? 'cells';
