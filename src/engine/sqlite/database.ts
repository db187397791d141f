/**
 * libsql as kysely's SQLite driver wants it, with the rough edges taken off.
 *
 * Measured with libsql 0.5.29: blobs come back as ArrayBuffer (here: Uint8Array); text is cut at
 * a NUL byte when read (here: refused when written); integers are exact only with
 * `defaultSafeIntegers`, and then always bigint. One process may have several connections to a
 * file; each waits `BUSY_MILLISECONDS` for the other's write lock.
 * @module
 */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import Libsql from 'libsql';
import { check, Refusal } from '../../base/errors.ts';
import { syncNow } from '../blobs/sync-now.ts';
import { checkParameters } from '../stores/parameters.ts';

/** What a write lock is waited for, in SQLite itself on the thread that asks. */
export const BUSY_MILLISECONDS = 10_000;

/** A database that also runs whole scripts: transactions and schema. */
export interface SqlDatabase extends SqliteDatabase {
  exec(sql: string): void;
}

const isSqliteBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/** Another connection has the lock. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Refusal && error.code === 'DATA_DIRECTORY_BUSY';

/** A lock held too long is a clear refusal; everything else keeps its own error. */
function orBusy<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!isSqliteBusy(cause)) throw cause;
    throw new Refusal('DATA_DIRECTORY_BUSY', 'store is locked', undefined, { cause });
  }
}

const fromSqlite = (value: unknown): unknown =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : value;

function fromRow(row: unknown): unknown {
  check(typeof row === 'object' && row !== null, 'INTERNAL', 'row is not an object');
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, fromSqlite(value)]));
}

/** The few methods of a libsql connection that are used here. */
type Connection = InstanceType<typeof Libsql>;

function statement(connection: Connection, sql: string): SqliteStatement {
  const prepared = orBusy(() => connection.prepare(sql));
  const all = (parameters: readonly unknown[]): unknown[] =>
    orBusy(() => prepared.all(checkParameters(parameters)).map(fromRow));
  return {
    reader: prepared.reader,
    all,
    run: (parameters) => orBusy(() => prepared.run(checkParameters(parameters))),
    iterate: (parameters) => all(parameters).values(),
  };
}

/** Only the owner may read a store; SQLite gives its side files the mode of the main one. */
function createFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    syncNow(path.dirname(file));
  } catch (cause) {
    throw new Refusal('FILE_NOT_FOUND', path.basename(file), undefined, { cause });
  }
}

/** Opens or creates `file` in WAL mode; a commit is on disk when it returns. */
export function openDatabase(file: string): SqlDatabase {
  createFile(file);
  const connection = new Libsql(file);
  try {
    connection.defaultSafeIntegers(true);
    const pragma = (name: string, value: string): void => {
      connection.exec(`PRAGMA ${name} = ${value}`);
    };
    pragma('busy_timeout', String(BUSY_MILLISECONDS));
    pragma('journal_mode', 'WAL');
    pragma('synchronous', 'FULL');
    pragma('foreign_keys', 'ON');
    pragma('trusted_schema', 'OFF');
    // What is deleted is overwritten with zeros: keys of a run that has ended.
    pragma('secure_delete', 'ON');
    checkSettings(connection);
  } catch (cause) {
    connection.close();
    if (isSqliteBusy(cause))
      throw new Refusal('DATA_DIRECTORY_BUSY', 'store', undefined, { cause });
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('DATA_DIRECTORY_DAMAGED', path.basename(file), undefined, { cause });
  }
  return {
    prepare: (sql) => statement(connection, sql),
    exec: (sql) => {
      orBusy(() => connection.exec(sql));
    },
    close: () => {
      connection.close();
    },
  };
}

/** A pragma that does not take is silent, and a ledger without fsync is no ledger: read them back. */
function checkSettings(connection: Connection): void {
  const setting = (name: string): string => {
    const row = connection.prepare(`PRAGMA ${name}`).all([])[0];
    return typeof row === 'object' && row !== null ? String(Object.values(row)[0]) : '';
  };
  check(setting('journal_mode') === 'wal', 'DATA_DIRECTORY_DAMAGED', 'journal mode');
  check(setting('synchronous') === '2', 'DATA_DIRECTORY_DAMAGED', 'synchronous');
  check(setting('foreign_keys') === '1', 'DATA_DIRECTORY_DAMAGED', 'foreign keys');
}
