/**
 * Brings a SQLite file to the migrations of this version (engine/stores/migrations.ts). A file that has
 * some of them already is copied before: `store.db.before`, until the next migration.
 * @module
 */
import { closeSync, openSync, rmSync } from 'node:fs';
import {
  type Migration,
  migrationDigest,
  pendingMigrations,
  type Recorded,
} from '../stores/migrations.ts';
import type { SqlDatabase } from './database.ts';

const isRecorded = (row: unknown): row is Recorded =>
  typeof row === 'object' &&
  row !== null &&
  'name' in row &&
  typeof row.name === 'string' &&
  'digest' in row &&
  typeof row.digest === 'string';

const recordedIn = (database: SqlDatabase): Recorded[] =>
  database.prepare('SELECT name, digest FROM migration').all([]).filter(isRecorded);

/** Before the transaction of `applyMigrations`, and by a process that is alone with the file. */
export function keepBefore(
  database: SqlDatabase,
  file: string,
  migrations: readonly Migration[],
): void {
  const known = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migration'").all([]);
  if (known.length === 0) return;
  const recorded = recordedIn(database);
  if (recorded.length === 0 || pendingMigrations(migrations, recorded).length === 0) return;
  const copy = `${file}.before`;
  rmSync(copy, { force: true });
  // SQLite would make it readable for others; an empty file it takes as it is.
  closeSync(openSync(copy, 'wx', 0o600));
  database.exec(`VACUUM INTO '${copy.replaceAll("'", "''")}'`);
}

/** Runs inside the caller's transaction: all or none of them take effect. */
export function applyMigrations(database: SqlDatabase, migrations: readonly Migration[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT',
  );
  for (const migration of pendingMigrations(migrations, recordedIn(database))) {
    database.exec(migration.sql);
    database
      .prepare('INSERT INTO migration (name, digest) VALUES (?, ?)')
      .run([migration.name, migrationDigest(migration)]);
  }
}
