/**
 * A PostgreSQL server for tests: the one of this machine, where there is one. Every test has a schema
 * of its own, which goes when it is over.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import pg from 'pg';
import { onTestFinished } from 'vitest';

const PORT = 5432;
export const POSTGRES_URL = `postgres://postgres@127.0.0.1:${PORT}/postgres`;

async function isUp(): Promise<boolean> {
  const socket = connect(PORT, '127.0.0.1');
  const up = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return up;
}

/** Where it is false, tests over PostgreSQL are skipped and say so once. */
export const hasPostgres: boolean = await isUp();
if (!hasPostgres)
  console.log('PostgreSQL: nothing listens on 127.0.0.1:5432, its tests are skipped');

let made = 0;

export async function dropSchema(schema: string): Promise<void> {
  const client = new pg.Client(POSTGRES_URL);
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
}

/** Runs `work` where the schema is gone. */
export async function withoutSchema(schema: string, work: () => void): Promise<void> {
  await dropSchema(schema);
  work();
}

/** Every row of every table of a schema as text, bytes in hexadecimal. */
export async function rowsOf(schema: string): Promise<string> {
  const client = new pg.Client(POSTGRES_URL);
  await client.connect();
  try {
    const named = `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1`;
    const { rows: tables } = await client.query<{ name: string }>(named, [schema]);
    const texts: string[] = [];
    for (const { name } of tables) {
      const all = `SELECT t::text AS row FROM ${schema}.${name} t`;
      const { rows } = await client.query<{ row: string }>(all);
      texts.push(name, ...rows.map(({ row }) => row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

/** A name that no other test has; the schema is made by whoever opens it. */
export function freshSchema(): string {
  made += 1;
  const schema = `test_${process.pid}_${Date.now()}_${made}`;
  onTestFinished(() => dropSchema(schema));
  return schema;
}
