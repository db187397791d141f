/**
 * The event model as temporary tables of the database that is being built, which spill like any
 * other: a cohort never has to fit in memory.
 *
 *     clinical_person(person)
 *     clinical_fact(person, col, value, unit)
 *     clinical_event(person, day, col, record, value, unit)
 *
 * `col` is the place of a column among the stored columns of the study; identifiers are cleaned
 * (`cleanSql`). A reader that works in SQL inserts here itself; one that parses records appends
 * them with `appendRecords`.
 *
 * Until rows are stored these tables, and what is spilled of them, hold identifiers as they are,
 * in a folder that only the owner can read and that is removed after the import.
 * @module
 */
import { type DuckDBType, type DuckDBValue, INTEGER, VARCHAR } from '@duckdb/node-api';
import { check } from '../../base/errors.ts';
import { headerText } from '../duckdb/csv-file.ts';
import type { Session, TableAppender } from '../duckdb/session.ts';
import type { ClinicalRecord } from './event.ts';

const TABLES = {
  clinical_person: [['person', VARCHAR]],
  clinical_fact: [
    ['person', VARCHAR],
    ['col', INTEGER],
    ['value', VARCHAR],
    ['unit', VARCHAR],
  ],
  clinical_event: [
    ['person', VARCHAR],
    ['day', VARCHAR],
    ['col', INTEGER],
    ['record', VARCHAR],
    ['value', VARCHAR],
    ['unit', VARCHAR],
  ],
} as const satisfies Record<string, readonly (readonly [string, DuckDBType])[]>;

type Table = keyof typeof TABLES;
const NAMES = Object.keys(TABLES) as readonly Table[];
/** Rows kept in memory before they go to a table. */
const BATCH = 2048;

export async function createEventTables(session: Session): Promise<void> {
  for (const name of NAMES) {
    const columns = TABLES[name].map(([column, type]) => `${column} ${type.toString()}`);
    await session.run(`CREATE TEMP TABLE ${name} (${columns.join(', ')})`);
  }
}

type Batch = { readonly appender: TableAppender; rows: DuckDBValue[][] };

async function flush(batch: Batch): Promise<void> {
  const { rows } = batch;
  const width = rows[0]?.length ?? 0;
  batch.rows = [];
  await batch.appender.append(rows.length, (from, to) =>
    Array.from({ length: width }, (_, column) =>
      rows.slice(from, to).map((row) => row[column] ?? null),
    ),
  );
}

/** The table and the row of a record. An identifier is cleaned as `cleanSql` does. */
function rowOf(
  record: ClinicalRecord,
  places: ReadonlyMap<string, number>,
): [Table, DuckDBValue[]] {
  const person = headerText(record.person);
  if (record.kind === 'seen') return ['clinical_person', [person]];
  const col = places.get(record.column);
  check(col !== undefined, 'INTERNAL', 'record of an unknown column');
  const { value, unit = null } = record;
  if (record.kind === 'person') return ['clinical_fact', [person, col, value, unit]];
  return ['clinical_event', [person, record.day, col, record.record ?? null, value, unit]];
}

/** Appends records of the given columns, in stored order, as they come. */
export async function appendRecords(
  session: Session,
  columns: readonly string[],
  records: AsyncIterable<ClinicalRecord>,
): Promise<void> {
  const places = new Map(columns.map((name, i) => [name, i]));
  const batches = new Map<Table, Batch>();
  for (const name of NAMES) {
    const appender = await session.appender(
      name,
      TABLES[name].map(([, type]) => type),
    );
    batches.set(name, { appender, rows: [] });
  }
  for await (const record of records) {
    const [table, row] = rowOf(record, places);
    const batch = batches.get(table);
    check(batch !== undefined, 'INTERNAL', 'event table');
    batch.rows.push(row);
    if (batch.rows.length === BATCH) await flush(batch);
  }
  for (const batch of batches.values()) {
    if (batch.rows.length > 0) await flush(batch);
    batch.appender.close();
  }
}
