/** Whether a SQLite file is sound, read without changing it, also beside the process that uses it. @module */
import Libsql from 'libsql';

/** `ok`, or the first thing that SQLite found wrong. Throws where it is no database. */
export function checkStoreFile(file: string): string {
  const database = new Libsql(file, { readonly: true });
  try {
    const row = database.prepare('PRAGMA quick_check(1)').get() as { quick_check?: unknown };
    return typeof row.quick_check === 'string' ? row.quick_check : 'no answer';
  } finally {
    database.close();
  }
}
