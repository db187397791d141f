/**
 * Clinical records as text that the parser of cohort files reads: what a reader finds, turned into
 * rows, and for each unit that a value came in the rule by which it becomes the study's.
 * @module
 */
import { dayColumns, recordUnits, ruleOf, type SourceUnits } from '../../cohort/column-source.ts';
import type { PlanColumn } from '../../cohort/plan.ts';
import type { CohortSection } from '../../cohort/schema.ts';
import type { Session } from '../duckdb/session.ts';
import type { RawText } from '../duckdb/staging.ts';
import { createConceptTables } from '../duckdb/stored-concepts.ts';
import { createEventTables } from './event-tables.ts';
import { pivot, type PivotCounts, ROWS_TABLE } from './pivot.ts';
import type { ClinicalSource, ReadRecords } from './source.ts';

export type RecordRequest = {
  readonly source: ClinicalSource;
  readonly section: CohortSection;
  readonly holder: string;
  /** In stored order. */
  readonly columns: readonly PlanColumn[];
};

export type RecordText = {
  readonly raw: RawText;
  /** Of each column, in order. */
  readonly units: readonly (readonly (SourceUnits | undefined)[])[];
  readonly found: ReadRecords & { readonly records: PivotCounts };
};

/** Refuses with COHORT_UNIT_UNMAPPED, and as the reader does. */
export async function recordText(
  session: Session,
  { source, section, holder, columns }: RecordRequest,
): Promise<RecordText> {
  await createEventTables(session);
  await createConceptTables(session);
  const read = await source.fill(session);
  const named = dayColumns(section, holder);
  const days = columns.flatMap(({ name }, i) => (named.includes(name) ? [i] : []));
  const pivoted = await pivot(session, { columns, days, nulls: section.nulls });
  const units = pivoted.units.map(({ column, units: own }) =>
    recordUnits(section, holder, column, own),
  );
  const fields = columns.flatMap((_, i) => [`raw_${i}`, `unit_${i}`]);
  const raw: RawText = {
    sql: () => `SELECT raw_person, ${fields.join(', ')} FROM ${ROWS_TABLE}`,
    rules: units.map((own) => own.map((found) => ruleOf({ units: found }))),
    parquet: false,
    tables: [ROWS_TABLE],
  };
  return { raw, units, found: { ...read, records: pivoted.counts } };
}
