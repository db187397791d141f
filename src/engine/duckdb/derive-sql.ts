/**
 * SQL of derived columns, which no file has, from the staged dates of the same row; what the
 * numbers are is said in cohort/derived-column.ts. Stored dates lie inside the bounds of their
 * columns, years 1 to 9999, so that no function here is asked for a date that it does not have.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { DerivedColumn } from '../../cohort/derived-column.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import type { Parameters } from './parameters.ts';
import { STATUS } from './parse-sql.ts';
import { storedName } from './stored-cohort.ts';

export const statusName = (index: number): string => `s${index}`;

const dateName = (index: number, end: 'from' | 'to'): string => `x${index}_${end}`;
const valueName = (index: number): string => `x${index}_v`;

const dateSql = (stored: number): string =>
  `DATE '1970-01-01' + CAST(${storedName(stored)} AS INTEGER)`;

/** Rounded down, null where a date is. */
function valueSql(index: number, { kind, from, to }: DerivedColumn): string {
  const [a, b] = [dateName(index, 'from'), dateName(index, 'to')];
  const before = (part: (date: string) => string): string =>
    `CASE WHEN ${part(b)} < ${part(a)} THEN 1 ELSE 0 END`;
  switch (kind) {
    case 'days':
      return `${storedName(to)} - ${storedName(from)}`;
    case 'months':
      return `12 * (year(${b}) - year(${a})) + month(${b}) - month(${a})
        - ${before((date) => `day(${date})`)}`;
    case 'years':
      return `year(${b}) - year(${a}) - ${before((date) => `(32 * month(${date}) + day(${date}))`)}`;
  }
}

/** Levels of selects over staged columns, which add `ci` and `si` of each derived column. */
export function derivedLevels(
  columns: readonly PlanColumn[],
  derived: readonly (DerivedColumn | undefined)[],
  parameters: Parameters,
): readonly (readonly string[])[] {
  const found = derived.flatMap((column, i) => (column === undefined ? [] : [{ column, i }]));
  return [
    found.flatMap(({ column, i }) => [
      `${dateSql(column.from)} AS ${dateName(i, 'from')}`,
      `${dateSql(column.to)} AS ${dateName(i, 'to')}`,
    ]),
    found.map(({ column, i }) => `CAST(${valueSql(i, column)} AS BIGINT) AS ${valueName(i)}`),
    found.map(({ i }) => {
      const bounds = columns[i];
      check(bounds?.type === 'integer', 'INTERNAL', 'derived column');
      const [value, min, max] = [
        valueName(i),
        parameters.bigint(bounds.min),
        parameters.bigint(bounds.max),
      ];
      const stored = `${value} BETWEEN ${min} AND ${max}`;
      return `CASE WHEN ${stored} THEN ${value} END AS ${storedName(i)},
        CAST(CASE WHEN ${value} IS NULL THEN ${STATUS.isNull} WHEN ${stored} THEN ${STATUS.stored}
          ELSE ${STATUS.outOfDomain} END AS UTINYINT) AS ${statusName(i)}`;
    }),
  ];
}
