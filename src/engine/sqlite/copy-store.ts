/**
 * A consistent copy of a store that may be in use: SQLite's VACUUM INTO reads one snapshot, beside
 * whoever writes. The copy of a holder's store says that it is one: who starts on it recovers first.
 * @module
 */
import { existsSync } from 'node:fs';
import Libsql from 'libsql';
import { check, Refusal } from '../../base/errors.ts';
import { syncNow } from '../blobs/sync-now.ts';

export type StoreRole = 'holder' | 'sandbox';

type Connection = InstanceType<typeof Libsql>;

const hasTable = (connection: Connection, name: string): boolean =>
  connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").all([name])
    .length > 0;

/** Copies `from` to the new file `to`, durably, and says whose store it is. DATA_DIRECTORY_DAMAGED where it is none. */
export function copyStore(from: string, to: string): StoreRole {
  check(existsSync(from), 'FILE_NOT_FOUND', 'store.db');
  check(!existsSync(to), 'FILE_EXISTS', 'store.db of the backup');
  // A path with a quote would end the text of the statement.
  check(!to.includes("'") && !to.includes('\0'), 'INVALID_PARAMETER', 'path of the backup');
  try {
    const source = new Libsql(from);
    try {
      source.exec('PRAGMA busy_timeout = 10000');
      source.exec(`VACUUM INTO '${to}'`);
    } finally {
      source.close();
    }
    const role = markCopy(to);
    syncNow(to);
    return role;
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal('DATA_DIRECTORY_DAMAGED', 'store.db', undefined, { cause });
  }
}

function markCopy(file: string): StoreRole {
  const copy = new Libsql(file);
  try {
    const sound = copy.prepare('PRAGMA integrity_check').all([]) as { integrity_check: string }[];
    check(sound[0]?.integrity_check === 'ok', 'DATA_DIRECTORY_DAMAGED', 'the copy is not sound');
    if (!hasTable(copy, 'ledger_entry')) {
      check(hasTable(copy, 'frame'), 'DATA_DIRECTORY_DAMAGED', 'a store of neither role');
      return 'sandbox';
    }
    check(hasTable(copy, 'recovery'), 'DATA_DIRECTORY_DAMAGED', 'start this version once first');
    copy.exec("UPDATE recovery SET state = 'recovering'");
    return 'holder';
  } finally {
    copy.close();
  }
}
