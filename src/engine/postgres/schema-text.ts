/**
 * The schema of a migration (engine/stores/migrations.ts) as PostgreSQL speaks it. It is written once,
 * for SQLite; what differs between the two is here, word by word:
 *
 *     INTEGER   BIGINT                      64 bits in both
 *     BLOB      BYTEA
 *     TEXT      TEXT COLLATE "C"            SQLite compares bytes, and pages are in that order
 *     STRICT                                PostgreSQL is
 *     AUTOINCREMENT                         an identity column
 *     rowid     an identity column, in the tables that are read in the order of writing
 *     RAISE(ABORT)                          a function that raises
 *
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Migration } from '../stores/migrations.ts';

/** What a trigger calls; made with the schema. */
export const APPEND_ONLY = `CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'append only'; END $$`;

const TRIGGER =
  /CREATE TRIGGER (\w+) BEFORE (DELETE|UPDATE) ON (\w+)\s+BEGIN SELECT RAISE\(ABORT, '[^']*'\); END/g;

const WORDS: readonly (readonly [RegExp, string])[] = [
  [TRIGGER, 'CREATE TRIGGER $1 BEFORE $2 ON $3 FOR EACH ROW EXECUTE FUNCTION append_only()'],
  [/INTEGER PRIMARY KEY AUTOINCREMENT/g, 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY'],
  [/\bINTEGER\b/g, 'BIGINT'],
  [/\bBLOB\b/g, 'BYTEA'],
  [/\bTEXT\b/g, 'TEXT COLLATE "C"'],
  [/\)\s*STRICT\b/g, ')'],
];

/** Words of SQLite that the list above would have to know. */
const UNKNOWN = /\b(?:STRICT|WITHOUT ROWID|AUTOINCREMENT|RAISE|REAL|ANY|GLOB|PRAGMA)\b/;

export function postgresSchema({ name, sql, ordered = [] }: Migration): string {
  const translated = WORDS.reduce((text, [word, ours]) => text.replace(word, ours), sql);
  check(!UNKNOWN.test(translated), 'INTERNAL', `${name} has no translation`);
  const identities = ordered.map(
    (table) => `ALTER TABLE ${table} ADD COLUMN rowid BIGINT GENERATED ALWAYS AS IDENTITY`,
  );
  return [translated, ...identities].join(';\n');
}
