/**
 * From facts and events to rows: **a row is what was recorded of one person on one day.**
 *
 *     facts repeat on every row of the person; of several that differ the first by text holds
 *     the k-th event of each column on a day is in the k-th row of that day, in the order of
 *         record, value, unit: neither the order of files nor threads change it
 *     events without a day are together in rows without one
 *     a person without events has one row
 *     events of a person of whom nothing else is known are dropped
 *
 * All of it is SQL over the event tables, which spill, so that memory does not grow with the data.
 * What comes out is text, as it would stand in a file of such rows: `clinical_rows(raw_person,
 * raw_0, unit_0, raw_1, unit_1, ...)`. `unit_i` is the place of the value's own unit among the
 * units of column i, for values of one column may have been measured in several.
 * @module
 */
import type { PlanColumn } from '../../cohort/plan.ts';
import { Parameters } from '../duckdb/parameters.ts';
import { dayTextSql } from '../duckdb/parse-sql.ts';
import type { Session } from '../duckdb/session.ts';

/** A unit that values of a column have; undefined where they have none. */
export type ColumnUnits = {
  readonly column: string;
  readonly units: readonly (string | undefined)[];
};

export type PivotRequest = {
  /** In stored order. */
  readonly columns: readonly PlanColumn[];
  /** Places of the columns that hold the day of the row. */
  readonly days: readonly number[];
  /** Texts that are no value. */
  readonly nulls: readonly string[];
};

/** For the holder's own staff only: exact numbers about its data. */
export type PivotCounts = {
  readonly events: number;
  readonly withoutDay: number;
  readonly ofUnknownPeople: number;
  /** Of one person and column, facts that say different things. */
  readonly conflictingFacts: number;
};

export type Pivoted = { readonly units: readonly ColumnUnits[]; readonly counts: PivotCounts };

export const ROWS_TABLE = 'clinical_rows';

const number = (value: unknown): number => Number(value ?? 0);

async function count(session: Session): Promise<PivotCounts> {
  const [events = []] = await session.rows(
    `SELECT count(*) FILTER (known), count(*) FILTER (known AND ${dayTextSql('day')} IS NULL),
        count(*) FILTER (NOT known)
      FROM (SELECT day, person IN (SELECT person FROM clinical_known) AS known FROM clinical_event)`,
  );
  const [conflicts = []] = await session.rows(
    `SELECT count(*) FROM (SELECT person, col FROM clinical_fact GROUP BY person, col
      HAVING count(DISTINCT struct_pack(v := value, u := unit)) > 1)`,
  );
  return {
    events: number(events[0]),
    withoutDay: number(events[1]),
    ofUnknownPeople: number(events[2]),
    conflictingFacts: number(conflicts[0]),
  };
}

/** The units in which each column of numbers has values, as `clinical_unit(col, unit, place)`. */
async function findUnits(
  session: Session,
  { columns, nulls }: PivotRequest,
): Promise<ColumnUnits[]> {
  const parameters = new Parameters();
  const numeric = columns.flatMap(({ type }, i) =>
    type === 'integer' || type === 'number' ? [BigInt(i)] : [],
  );
  await session.run(
    `CREATE TEMP TABLE clinical_unit AS
      SELECT col, unit, CAST(row_number() OVER (PARTITION BY col ORDER BY unit NULLS FIRST) - 1
        AS INTEGER) AS place
      FROM (SELECT DISTINCT col, unit FROM
        (SELECT col, unit, value FROM clinical_fact UNION ALL
          SELECT col, unit, value FROM clinical_event WHERE person IN
            (SELECT person FROM clinical_known))
        WHERE list_contains(${parameters.bigints(numeric)}, col)
          AND NOT list_contains(${parameters.texts(['', ...nulls.map((text) => text.trim())])}, trim(value)))`,
    parameters,
  );
  const found = await session.rows('SELECT col, unit FROM clinical_unit ORDER BY col, place');
  return columns.map(({ name }, i) => ({
    column: name,
    units: found
      .filter(([col]) => Number(col) === i)
      .map(([, unit]) => (typeof unit === 'string' ? unit : undefined)),
  }));
}

/** One column for the value and one for the unit of each study column. */
const wide = (columns: readonly PlanColumn[]): string =>
  columns
    .map(
      (_, i) =>
        `max(value) FILTER (col = ${i}) AS raw_${i}, max(place) FILTER (col = ${i}) AS unit_${i}`,
    )
    .join(', ');

function rowsSql({ columns, days }: PivotRequest): string {
  const placed = (table: string): string =>
    `(SELECT t.*, place FROM ${table} t LEFT JOIN clinical_unit u
      ON u.col = t.col AND u.unit IS NOT DISTINCT FROM t.unit)`;
  const fields = columns.map((_, i) =>
    days.includes(i)
      ? `CAST(event.day AS VARCHAR) AS raw_${i}, CAST(NULL AS INTEGER) AS unit_${i}`
      : `coalesce(event.raw_${i}, fact.raw_${i}) AS raw_${i},
        coalesce(event.unit_${i}, fact.unit_${i}) AS unit_${i}`,
  );
  return `CREATE TEMP TABLE ${ROWS_TABLE} AS
    WITH fact AS (
      SELECT person, ${wide(columns)} FROM (SELECT * FROM ${placed('clinical_fact')}
        QUALIFY row_number() OVER (PARTITION BY person, col ORDER BY value, unit) = 1)
      GROUP BY person),
    event AS (
      SELECT person, day, ${wide(columns)} FROM
        (SELECT * REPLACE (${dayTextSql('day')} AS day), row_number() OVER
            (PARTITION BY person, ${dayTextSql('day')}, col ORDER BY record, value, unit) AS k
          FROM ${placed('clinical_event')})
      GROUP BY person, day, k)
    SELECT known.person AS raw_person, ${fields.join(', ')}
      FROM clinical_known known
        LEFT JOIN event ON event.person = known.person
        LEFT JOIN fact ON fact.person = known.person`;
}

/** Fills `clinical_rows`; the event tables are used up. */
export async function pivot(session: Session, request: PivotRequest): Promise<Pivoted> {
  await session.run(
    `CREATE TEMP TABLE clinical_known AS SELECT DISTINCT person FROM
      (SELECT person FROM clinical_person UNION ALL SELECT person FROM clinical_fact)`,
  );
  const counts = await count(session);
  const units = await findUnits(session, request);
  await session.run(rowsSql(request));
  for (const table of ['person', 'fact', 'event', 'unit', 'known']) {
    await session.run(`DROP TABLE clinical_${table}`);
  }
  return { units, counts };
}
