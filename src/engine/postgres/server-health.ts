/** What a PostgreSQL server says of itself: a ledger without fsync is no ledger. @module */
import pg from 'pg';
import { type Address, asStoreRefusal, clientOptions } from './connect.ts';

export type ServerHealth = { readonly version: string; readonly fault: string | undefined };

/** Why a server is not to keep a ledger; undefined where it may. */
export async function serverFault(client: pg.ClientBase): Promise<string | undefined> {
  const setting = async (name: string): Promise<string> => {
    const query = 'SELECT current_setting($1) AS setting';
    const { rows } = await client.query<{ setting: string }>(query, [name]);
    return rows[0]?.setting ?? '';
  };
  if ((await setting('fsync')) !== 'on') return 'fsync is off';
  if ((await setting('synchronous_commit')) === 'off') return 'synchronous_commit is off';
  if ((await setting('server_encoding')) !== 'UTF8') return 'the encoding is not UTF8';
  return undefined;
}

/** Connects once. Refuses with DATABASE_UNREACHABLE. */
export async function examineServer(address: Address): Promise<ServerHealth> {
  const client = new pg.Client(clientOptions(address));
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return { version: rows[0]?.server_version ?? '', fault: await serverFault(client) };
  } catch (error) {
    throw asStoreRefusal(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
