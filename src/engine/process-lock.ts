/**
 * A lock that one process holds and that its death gives back, also by kill -9.
 *
 * The lock is SQLite's exclusive lock on a file of its own (fcntl locks, which the kernel drops
 * with the process), held by a transaction that is never committed. Nothing is written to it.
 * Not for network file systems: their locks may outlive a process or not hold at all.
 * @module
 */
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import Libsql from 'libsql';
import { Refusal } from '../base/errors.ts';

/** A process that was just killed may take a moment to be gone. */
const PATIENCE_MILLISECONDS = 250;

export type ProcessLock = { release(): void };

/** Refuses with DATA_DIRECTORY_BUSY while another process (or another caller in this one) has it. */
export function acquireLock(file: string): ProcessLock {
  let connection: InstanceType<typeof Libsql> | undefined;
  try {
    closeSync(openSync(file, 'a', 0o600));
    connection = new Libsql(file);
    connection.exec(`PRAGMA busy_timeout = ${PATIENCE_MILLISECONDS}`);
    // No side file beside the lock: there is nothing to roll back.
    connection.exec('PRAGMA journal_mode = MEMORY');
    connection.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    connection?.close();
    const busy =
      cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY');
    const code = busy ? 'DATA_DIRECTORY_BUSY' : 'DATA_DIRECTORY_DAMAGED';
    throw new Refusal(code, path.dirname(file), undefined, { cause });
  }
  const held = connection;
  let open = true;
  return {
    release: () => {
      if (open) held.close();
      open = false;
    },
  };
}
