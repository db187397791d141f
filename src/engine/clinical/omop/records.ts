/**
 * The records of a person with a concept and a day: measurements, observations, conditions, drugs,
 * procedures, visits. Each table is read once.
 *
 *     value, valueConcept, day   events, on the day of the record
 *     present, firstDay          facts: whether there is such a record, and the day of the first
 *
 * The unit of a value is its unit_concept_id. One without a concept (0 or empty) has none, and one
 * that no vocabulary here knows is a unit that cannot be converted; `unit_source_value` is whatever
 * the source wrote and is not read. Known limit: operator_concept_id is not read, so that a result
 * below or above what can be measured counts as the limit it was reported as.
 * @module
 */
import { Parameters } from '../../duckdb/parameters.ts';
import { dayTextSql } from '../../duckdb/parse-sql.ts';
import type { Session } from '../../duckdb/session.ts';
import { CONCEPT_TABLES } from '../../duckdb/stored-concepts.ts';
import { PERSON, RECORD_TABLES, type RecordName, VALUE_FIELDS } from './cdm.ts';
import { conceptTextSql, runOver } from './lookups.ts';
import { type CdmTable, wholeSql } from './table.ts';
import type { Wanted } from './wanted.ts';

export const recordFields = (name: RecordName, valued: boolean): [string, ...string[]] => {
  const { id, concept, day } = RECORD_TABLES[name];
  return [PERSON, id, concept, day, ...(valued ? VALUE_FIELDS : [])];
};

export type RecordsRequest = {
  readonly name: RecordName;
  readonly table: CdmTable;
  readonly wanted: readonly Wanted[];
  /** Whether its values were opened as well. */
  readonly valued: boolean;
  /** Whether to keep all concepts of people. */
  readonly concepts: boolean;
};

export type RecordCounts = { readonly records: number; readonly ofUnknownPeople: number };

/** The table under names of its own: `omop_record`. */
async function read(session: Session, request: RecordsRequest): Promise<RecordCounts> {
  const { name, table, valued } = request;
  const { id, concept, day } = RECORD_TABLES[name];
  const [value, valueConcept, unit] = valued
    ? ['value_as_number', wholeSql('value_as_concept_id'), wholeSql('unit_concept_id')]
    : ['NULL', 'NULL', 'NULL'];
  await runOver(
    session,
    table,
    (from) => `CREATE TEMP TABLE omop_record AS SELECT ${PERSON} AS person,
        coalesce(${PERSON} IN (SELECT person FROM clinical_person), FALSE) AS known,
        ${id} AS record, ${wholeSql(concept)} AS concept, ${day} AS day,
        CAST(${value} AS VARCHAR) AS value, CAST(${valueConcept} AS BIGINT) AS value_concept,
        nullif(CAST(${unit} AS BIGINT), 0) AS unit
      FROM ${from}`,
  );
  const [row = []] = await session.rows(
    'SELECT count(*), count(*) FILTER (NOT known) FROM omop_record',
  );
  const [records = 0, ofUnknownPeople = 0] = row.map(Number);
  await session.run('DELETE FROM omop_record WHERE NOT known');
  return { records, ofUnknownPeople };
}

async function fillEvents(session: Session, name: RecordName): Promise<void> {
  const parameters = new Parameters();
  await session.run(
    `INSERT INTO clinical_event SELECT person, day, col, record,
        CASE field WHEN 'value' THEN value WHEN 'day' THEN day
          ELSE ${conceptTextSql('value_concept', 'wanted_col')} END,
        CASE WHEN field = 'value' THEN coalesce(ucum, 'concept ' || unit) END
      FROM (SELECT r.*, w.col, w.col AS wanted_col, w.field, u.ucum FROM omop_record r
        JOIN omop_wanted w ON w.concept = r.concept
        LEFT JOIN omop_unit u ON u.concept = r.unit
        WHERE w.tab = ${parameters.text(name)} AND w.field IN ('value', 'valueConcept', 'day'))`,
    parameters,
  );
}

/** Facts of the people of `found(person, first)`. */
function factSql({ map }: Wanted, col: string, found: string, parameters: Parameters): string {
  if (map.field === 'firstDay') {
    return `SELECT person, ${col}, CAST(first AS VARCHAR), NULL FROM (${found})`;
  }
  const yes = parameters.text(map.values?.['true'] ?? 'true');
  const no = parameters.text(map.values?.['false'] ?? 'false');
  return `SELECT p.person, ${col}, CASE WHEN f.person IS NULL THEN ${no} ELSE ${yes} END, NULL
    FROM clinical_person p LEFT JOIN (${found}) f ON f.person = p.person`;
}

async function fillFacts(session: Session, { name, wanted }: RecordsRequest): Promise<void> {
  for (const column of wanted) {
    if (column.map.field !== 'present' && column.map.field !== 'firstDay') continue;
    const parameters = new Parameters();
    const col = parameters.integer(column.col);
    const found = `SELECT person, min(${dayTextSql('day')}) AS first FROM omop_record
      WHERE concept IN (SELECT concept FROM omop_wanted
        WHERE col = ${col} AND tab = ${parameters.text(name)})
      GROUP BY person`;
    const sql = factSql(column, col, found, parameters);
    await session.run(`INSERT INTO clinical_fact ${sql}`, parameters);
  }
}

const fillConcepts = (session: Session): Promise<void> =>
  session.run(
    `INSERT INTO ${CONCEPT_TABLES.person} SELECT DISTINCT person, concept FROM omop_record
      WHERE concept > 0`,
  );

export async function fillRecords(
  session: Session,
  request: RecordsRequest,
): Promise<RecordCounts> {
  const counts = await read(session, request);
  if (request.wanted.length > 0) await fillEvents(session, request.name);
  await fillFacts(session, request);
  if (request.concepts) await fillConcepts(session);
  await session.run('DROP TABLE omop_record');
  return counts;
}
