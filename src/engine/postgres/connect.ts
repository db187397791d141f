/**
 * Connections to PostgreSQL as the stores want them: integers exact, bytes as bytes, every commit on
 * disk, a transaction that stands still ended by the server rather than by patience.
 * @module
 */
import pg from 'pg';
import { Refusal, systemCode } from '../../base/errors.ts';

export type Address = {
  /** `postgres://user:password@host:port/database`, secret. */
  readonly url: string;
  /** Where the tables of this service are; several services may share a database. */
  readonly schema: string;
};

const LOCK_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
const CONNECT_MS = 10_000;
/** Before the server gives up a connection whose other end is gone without a word. */
const KEEPALIVE = { idle: 10, interval: 5, count: 3 };

const settings = (schema: string): string =>
  Object.entries({
    search_path: schema,
    synchronous_commit: 'on',
    default_transaction_isolation: 'read\\ committed',
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    tcp_keepalives_idle: KEEPALIVE.idle,
    tcp_keepalives_interval: KEEPALIVE.interval,
    tcp_keepalives_count: KEEPALIVE.count,
  })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

const { builtins, getTypeParser } = pg.types;

const bytesOf = getTypeParser(builtins.BYTEA, 'text') as (text: string) => Buffer;

/** Integers exact, bytes as plain bytes; every other type as pg has it. */
const typeParser: typeof getTypeParser = (oid, format) => {
  if (oid === builtins.INT8) return BigInt;
  if (oid === builtins.BYTEA) return (text: string) => Uint8Array.from(bytesOf(text));
  return getTypeParser(oid, format) as unknown;
};

export const clientOptions = ({ url, schema }: Address): pg.ClientConfig => ({
  connectionString: url,
  options: settings(schema),
  types: { getTypeParser: typeParser },
  application_name: 'kakehashi',
  connectionTimeoutMillis: CONNECT_MS,
  keepAlive: true,
});

/** Serialisation failures and deadlocks: the same work may well succeed. */
export const mayBeRetried = (error: unknown): boolean =>
  ['40001', '40P01'].includes(systemCode(error, ''));

/** No server, one that goes down, too many connections, a connection that ended. */
const UNREACHABLE =
  /^(?:ECONN\w+|EPIPE|ENOTFOUND|EAI_\w+|ETIMEDOUT|EHOSTUNREACH|ENOENT|EACCES|57P0[1-3]|53300|08\w{3}|25P03)$/;

/** A lock held too long and a database that is away are clear refusals; everything else is itself. */
export function asStoreRefusal(cause: unknown): unknown {
  if (cause instanceof Refusal) return cause;
  const code = systemCode(cause, '');
  if (code === '55P03')
    return new Refusal('DATA_DIRECTORY_BUSY', 'store is locked', undefined, { cause });
  const ended =
    cause instanceof Error &&
    /terminated|timeout|Connection ended|not queryable/i.test(cause.message);
  if (!UNREACHABLE.test(code) && !ended) return cause;
  return new Refusal('DATABASE_UNREACHABLE', code, undefined, { cause });
}
