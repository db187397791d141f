/**
 * What records are compared with, as temporary tables:
 *
 *     omop_wanted(tab, concept, col, field)   which records a column is about, descendants included
 *     omop_value(col, source, text)           `values` of the maps
 *     omop_unit(concept, ucum)                unit_concept_id → UCUM code
 *     omop_below(ancestor, descendant)        of the concepts that maps name
 * @module
 */
import { Parameters } from '../../duckdb/parameters.ts';
import { faultOfParquet } from '../../duckdb/parquet-file.ts';
import type { Session } from '../../duckdb/session.ts';
import { CONCEPT_TABLES } from '../../duckdb/stored-concepts.ts';
import { type CdmTable, wholeSql } from './table.ts';
import { UNIT_CONCEPTS } from './units.ts';
import type { Wanted, WantedTables } from './wanted.ts';

/** Runs a statement that reads `table`. */
export async function runOver(
  session: Session,
  table: CdmTable,
  sql: (from: string) => string,
  parameters = new Parameters(),
): Promise<void> {
  try {
    await session.run(sql(`(${table.sql(parameters)})`), parameters);
  } catch (error) {
    throw faultOfParquet(error, table.name);
  }
}

async function insert(
  session: Session,
  table: string,
  lists: (parameters: Parameters) => readonly string[],
): Promise<void> {
  const parameters = new Parameters();
  const columns = lists(parameters).map((list) => `unnest(${list})`);
  await session.run(`INSERT INTO ${table} SELECT ${columns.join(', ')}`, parameters);
}

const every = ({ person, death, records }: WantedTables): Wanted[] => [
  ...person,
  ...death,
  ...[...records.values()].flat(),
];

async function createValues(session: Session, wanted: WantedTables): Promise<void> {
  await session.run('CREATE TEMP TABLE omop_value (col INTEGER, source VARCHAR, text VARCHAR)');
  const values = every(wanted).flatMap(({ col, map }) =>
    Object.entries(map.values ?? {}).map(([source, text]) => ({ col, source, text })),
  );
  await insert(session, 'omop_value', (parameters) => [
    parameters.bigints(values.map(({ col }) => BigInt(col))),
    parameters.texts(values.map(({ source }) => source)),
    parameters.texts(values.map(({ text }) => text)),
  ]);
}

async function createUnits(session: Session, concept: CdmTable | undefined): Promise<void> {
  await session.run('CREATE TEMP TABLE omop_unit (concept BIGINT, ucum VARCHAR)');
  if (concept !== undefined) {
    await runOver(
      session,
      concept,
      (from) => `INSERT INTO omop_unit SELECT ${wholeSql('concept_id')}, any_value(concept_code)
        FROM ${from} WHERE vocabulary_id = 'UCUM' AND concept_code IS NOT NULL
        GROUP BY ALL HAVING count(DISTINCT concept_code) = 1`,
    );
  }
  const parameters = new Parameters();
  const concepts = parameters.bigints(UNIT_CONCEPTS.map(([id]) => BigInt(id)));
  const codes = parameters.texts(UNIT_CONCEPTS.map(([, ucum]) => ucum));
  await session.run(
    `INSERT INTO omop_unit SELECT * FROM
        (SELECT unnest(${concepts}) AS concept, unnest(${codes}) AS ucum)
      WHERE concept NOT IN (SELECT concept FROM omop_unit WHERE concept IS NOT NULL)`,
    parameters,
  );
}

async function createWanted(
  session: Session,
  wanted: WantedTables,
  ancestor: CdmTable | undefined,
): Promise<void> {
  await session.run(
    `CREATE TEMP TABLE omop_named
      (tab VARCHAR, concept BIGINT, col INTEGER, field VARCHAR, below BOOLEAN)`,
  );
  const named = [...wanted.records].flatMap(([tab, of]) =>
    of.map(({ col, map }) => ({ tab, col, ...map })),
  );
  await insert(session, 'omop_named', (parameters) => [
    parameters.texts(named.map(({ tab }) => tab)),
    parameters.bigints(named.map(({ concept }) => BigInt(concept ?? 0))),
    parameters.bigints(named.map(({ col }) => BigInt(col))),
    parameters.texts(named.map(({ field }) => field ?? '')),
    parameters.texts(named.map(({ descendants }) => String(descendants === true))),
  ]);
  await session.run('CREATE TEMP TABLE omop_below (ancestor BIGINT, descendant BIGINT)');
  if (ancestor !== undefined && wanted.descendants) {
    await runOver(
      session,
      ancestor,
      (from) => `INSERT INTO omop_below SELECT * FROM
        (SELECT ${wholeSql('ancestor_concept_id')} AS ancestor,
          ${wholeSql('descendant_concept_id')} AS descendant FROM ${from})
        WHERE ancestor IN (SELECT concept FROM omop_named WHERE below)`,
    );
  }
  await session.run(
    `CREATE TEMP TABLE omop_wanted AS SELECT tab, concept, col, field FROM omop_named UNION
      SELECT tab, descendant, col, field FROM omop_named, omop_below
        WHERE below AND ancestor = concept AND descendant IS NOT NULL`,
  );
}

export type LookupTables = {
  readonly concept: CdmTable | undefined;
  readonly ancestor: CdmTable | undefined;
};

export async function createLookups(
  session: Session,
  wanted: WantedTables,
  { concept, ancestor }: LookupTables,
): Promise<void> {
  await createValues(session, wanted);
  await createUnits(session, concept);
  await createWanted(session, wanted, ancestor);
}

/** Every concept above one that somebody here has on record. */
export const fillAncestors = (session: Session, ancestor: CdmTable): Promise<void> =>
  runOver(
    session,
    ancestor,
    (from) => `INSERT INTO ${CONCEPT_TABLES.ancestor} SELECT * FROM
      (SELECT ${wholeSql('ancestor_concept_id')} AS ancestor,
        ${wholeSql('descendant_concept_id')} AS descendant FROM ${from})
      WHERE ancestor IS NOT NULL AND descendant IN (SELECT concept FROM ${CONCEPT_TABLES.person})`,
  );

/** A concept as what the column holds: by `values` of the map, else its number; 0 is no concept. */
export const conceptTextSql = (concept: string, col: string): string =>
  `coalesce((SELECT any_value(v.text) FROM omop_value v
      WHERE v.col = ${col} AND v.source = CAST(${concept} AS VARCHAR)),
    CASE WHEN ${concept} <> 0 THEN CAST(${concept} AS VARCHAR) END)`;
