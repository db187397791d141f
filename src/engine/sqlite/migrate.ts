/** Brings a SQLite file to the migrations of this version (engine/stores/migrations.ts). @module */
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

/** Runs inside the caller's transaction: all or none of them take effect. */
export function applyMigrations(database: SqlDatabase, migrations: readonly Migration[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL) STRICT',
  );
  const recorded = database.prepare('SELECT name, digest FROM migration').all([]);
  for (const migration of pendingMigrations(migrations, recorded.filter(isRecorded))) {
    database.exec(migration.sql);
    database
      .prepare('INSERT INTO migration (name, digest) VALUES (?, ?)')
      .run([migration.name, migrationDigest(migration)]);
  }
}
