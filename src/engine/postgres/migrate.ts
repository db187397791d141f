/**
 * Brings the schema of a service in PostgreSQL to the migrations of this version
 * (engine/stores/migrations.ts), in one transaction that is alone in writing.
 * @module
 */
import type pg from 'pg';
import { check } from '../../base/errors.ts';
import type { Log } from '../../flows/ports.ts';
import {
  type Migration,
  migrationDigest,
  pendingMigrations,
  type Recorded,
} from '../stores/migrations.ts';
import { APPEND_ONLY, postgresSchema } from './schema-text.ts';
import { serverFault } from './server-health.ts';

/** Within a transaction of `client` that has the write lock. */
export async function applyMigrations(
  client: pg.ClientBase,
  schema: string,
  migrations: readonly Migration[],
  log: Pick<Log, 'info'> | undefined,
): Promise<void> {
  const fault = await serverFault(client);
  check(fault === undefined, 'DATA_DIRECTORY_DAMAGED', fault ?? '');
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query(
    'CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, digest TEXT NOT NULL)',
  );
  const { rows } = await client.query<Recorded>('SELECT name, digest FROM migration');
  const pending = pendingMigrations(migrations, rows);
  if (rows.length === 0) await client.query(APPEND_ONLY);
  else if (pending.length > 0) {
    log?.info(
      { schema, migrations: pending.map(({ name }) => name) },
      'migration in one transaction; a backup before it (pg_dump) is the operator’s',
    );
  }
  for (const migration of pending) {
    await client.query(postgresSchema(migration));
    await client.query('INSERT INTO migration (name, digest) VALUES ($1, $2)', [
      migration.name,
      migrationDigest(migration),
    ]);
  }
}
