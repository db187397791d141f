/** What a loaded cohort holds, as text, read with a DuckDB of the test's own. */
import { DuckDBInstance } from '@duckdb/node-api';
import { dayText } from '../../../../src/base/calendar.ts';
import { Rational } from '../../../../src/base/rational.ts';
import { decimalText } from '../../../../src/cohort/decimal.ts';
import type { PlanColumn } from '../../../../src/cohort/plan.ts';
import { type CohortSection, planColumns } from '../../../../src/cohort/schema.ts';

function text(column: PlanColumn, stored: unknown): string | null {
  if (stored === null) return null;
  const value = BigInt(stored as bigint | number);
  switch (column.type) {
    case 'category':
      return column.domain[Number(value)] ?? 'outside the domain';
    case 'date':
      return dayText(Number(value));
    case 'integer':
    case 'number':
      return decimalText(column.step.times(Rational.of(value)));
  }
}

/** A row as `column value, column value, ...` without what is null; sorted. */
export async function storedRows(target: string, section: CohortSection): Promise<string[]> {
  const columns = planColumns(section);
  const instance = await DuckDBInstance.create(target, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const names = columns.map((_, i) => `c${i}`).join(', ');
  const result = await connection.runAndReadAll(`SELECT ${names} FROM cohort`);
  connection.closeSync();
  instance.closeSync();
  return result
    .getRows()
    .map((row) =>
      columns
        .flatMap((column, i) => {
          const value = text(column, row[i]);
          return value === null ? [] : [`${column.name} ${value}`];
        })
        .join(', '),
    )
    .sort();
}
