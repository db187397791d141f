/**
 * Forward-only schema changes, each applied once, in the order given, and remembered by name and
 * digest. A file that knows a migration which this version does not was written by a newer one;
 * a migration whose text changed after it was applied was edited. Both are refused: guessing
 * about a ledger is worse than stopping.
 * @module
 */
import { utf8 } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { sha256Hex } from '../../base/hash.ts';
import type { SqlDatabase } from './database.ts';

/** `sql` is a script of the schema language, constant text. Never edit one that was released. */
export type Migration = { readonly name: string; readonly sql: string };

const isRecorded = (row: unknown): row is { name: string; digest: string } =>
  typeof row === 'object' &&
  row !== null &&
  'name' in row &&
  typeof row.name === 'string' &&
  'digest' in row &&
  typeof row.digest === 'string';

/** Runs inside the caller's transaction: all or none of them take effect. */
export function applyMigrations(database: SqlDatabase, migrations: readonly Migration[]): void {
  const names = new Set(migrations.map(({ name }) => name));
  check(names.size === migrations.length, 'INVALID_PARAMETER', 'two migrations of one name');
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT',
  );
  const recorded = new Map(
    database
      .prepare('SELECT name, digest FROM migration')
      .all([])
      .filter(isRecorded)
      .map(({ name, digest }) => [name, digest]),
  );
  for (const name of recorded.keys()) {
    check(names.has(name), 'DATA_DIRECTORY_DAMAGED', `unknown migration ${name}`);
  }
  for (const { name, sql } of migrations) {
    const digest = sha256Hex(utf8(sql));
    const before = recorded.get(name);
    check(before === undefined || before === digest, 'DATA_DIRECTORY_DAMAGED', `edited ${name}`);
    if (before !== undefined) continue;
    database.exec(sql);
    database.prepare('INSERT INTO migration (name, digest) VALUES (?, ?)').run([name, digest]);
  }
}
