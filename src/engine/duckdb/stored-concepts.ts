/**
 * Which concepts are on record of a person, kept beside the rows of a cohort whose study has them:
 *
 *     person_concept(person UHUGEINT, concept BIGINT)          sorted, each pair once
 *     concept_ancestor(ancestor BIGINT, descendant BIGINT)     of descendants that somebody has
 *
 * `person` is the keyed hash of the cohort's rows. A concept is one of a public vocabulary; that
 * somebody here has it is not public, so that both tables are part of the epoch.
 * @module
 */
import type { Secret } from '../../base/secret.ts';
import { besideHash, type ContentSums, first128, hashSums, personHash } from './content.ts';
import { Parameters } from './parameters.ts';
import type { Session } from './session.ts';

/** Filled by a reader: `person` is a cleaned identifier. Rows may be there more than once. */
export const CONCEPT_TABLES = {
  person: 'clinical_concept',
  ancestor: 'clinical_ancestor',
} as const;

export async function createConceptTables(session: Session): Promise<void> {
  await session.run(`CREATE TEMP TABLE ${CONCEPT_TABLES.person} (person VARCHAR, concept BIGINT)`);
  await session.run(
    `CREATE TEMP TABLE ${CONCEPT_TABLES.ancestor} (ancestor BIGINT, descendant BIGINT)`,
  );
}

/** The sums of a stored table. Its hashes are a table first: each would be worked out at each use. */
async function sum(
  session: Session,
  table: string,
  columns: readonly string[],
  orderKey: Secret,
): Promise<ContentSums> {
  const parameters = new Parameters();
  const digest = besideHash(orderKey, columns, parameters);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE beside AS SELECT ${digest} AS digest FROM ${table}`,
    parameters,
  );
  await session.run(
    `CREATE OR REPLACE TEMP TABLE beside AS SELECT ${first128('digest')} AS hash FROM beside`,
  );
  const [row = []] = await session.rows(`SELECT count(*), ${hashSums('hash')} FROM beside`);
  const [rows = 0n, high = 0n, low = 0n] = row.map((value) => BigInt(String(value)));
  return { rows, high, low };
}

/** Stores what a reader found of the people of the stored `cohort`. */
export async function storeConcepts(session: Session, orderKey: Secret): Promise<ContentSums[]> {
  const parameters = new Parameters();
  const digest = personHash(orderKey, 'person', parameters);
  await session.run(
    `CREATE TEMP TABLE concept_digest AS SELECT ${digest} AS digest, concept
      FROM (SELECT DISTINCT person, concept FROM ${CONCEPT_TABLES.person})`,
    parameters,
  );
  await session.run(
    `DELETE FROM concept_digest WHERE ${first128('digest')} NOT IN (SELECT person FROM cohort)`,
  );
  await session.run(
    'CREATE TABLE person_concept (person UHUGEINT NOT NULL, concept BIGINT NOT NULL)',
  );
  await session.run(
    `INSERT INTO person_concept SELECT ${first128('digest')} AS person, concept
      FROM concept_digest ORDER BY ALL`,
  );
  await session.run(
    'CREATE TABLE concept_ancestor (ancestor BIGINT NOT NULL, descendant BIGINT NOT NULL)',
  );
  await session.run(
    `INSERT INTO concept_ancestor SELECT DISTINCT ancestor, descendant
      FROM ${CONCEPT_TABLES.ancestor}
      WHERE descendant IN (SELECT concept FROM person_concept) ORDER BY ALL`,
  );
  // Of the digests as text: a 128-bit integer is slow to write in decimal.
  return [
    await sum(session, 'concept_digest', ['digest', 'concept'], orderKey),
    await sum(session, 'concept_ancestor', ['ancestor', 'descendant'], orderKey),
  ];
}
