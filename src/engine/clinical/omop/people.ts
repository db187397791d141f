/**
 * PERSON and DEATH as facts. PERSON says who is in the cohort: every other record is of one of
 * these people or is dropped and counted.
 *
 * A date of birth needs year, month and day; a CDM that keeps the year only has `birthYear`.
 * @module
 */
import { check } from '../../../base/errors.ts';
import { Parameters } from '../../duckdb/parameters.ts';
import type { Session } from '../../duckdb/session.ts';
import { PERSON, PERSON_FIELDS } from './cdm.ts';
import { conceptTextSql, runOver } from './lookups.ts';
import { type CdmTable, wholeSql } from './table.ts';
import type { Wanted } from './wanted.ts';

function factSql({ map }: Wanted): string {
  const [first = ''] = PERSON_FIELDS[map.field ?? ''] ?? [];
  if (map.field === 'birthYear') return first;
  if (map.field !== 'birth') return conceptTextSql(wholeSql(first), 'wanted_col');
  const parts = ['year_of_birth', 'month_of_birth', 'day_of_birth'].map(wholeSql);
  const known = parts.map((part) => `${part} IS NOT NULL`).join(' AND ');
  // A part that is missing leaves no date.
  return `CASE WHEN ${known} THEN format('{:04d}-{:02d}-{:02d}', ${parts.join(', ')}) END`;
}

const addFact = (session: Session, table: CdmTable, col: number, value: string): Promise<void> => {
  const parameters = new Parameters();
  const place = parameters.integer(col);
  return runOver(
    session,
    table,
    (from) => `INSERT INTO clinical_fact SELECT person, wanted_col, value, NULL FROM
      (SELECT ${PERSON} AS person, wanted_col, ${value} AS value
        FROM (SELECT *, ${place} AS wanted_col FROM ${from}))
      WHERE person IN (SELECT person FROM clinical_person)`,
    parameters,
  );
};

/** Refuses with COHORT_UNREADABLE a table in which a person is more than once. */
export async function fillPeople(
  session: Session,
  person: CdmTable,
  wanted: readonly Wanted[],
): Promise<number> {
  await runOver(
    session,
    person,
    (from) => `INSERT INTO clinical_person SELECT coalesce(${PERSON}, '') FROM ${from}`,
  );
  const [row = []] = await session.rows(
    `SELECT count(*), count(*) FILTER (person <> '') - count(DISTINCT person) FILTER (person <> '')
      FROM clinical_person`,
  );
  const [people = 0, twice = 0] = row.map(Number);
  check(twice === 0, 'COHORT_UNREADABLE', `${person.name}: ${twice} rows repeat a person`);
  for (const column of wanted) await addFact(session, person, column.col, factSql(column));
  return people;
}

/** A person has at most one date of death; of several, the first by text. */
export async function fillDeaths(
  session: Session,
  death: CdmTable,
  wanted: readonly Wanted[],
): Promise<void> {
  for (const { col } of wanted) await addFact(session, death, col, 'death_date');
}
