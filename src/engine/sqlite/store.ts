/**
 * One SQLite file as a store (engine/stores/store.ts).
 *
 * Two connections: one writes, a transaction after another, under BEGIN IMMEDIATE; the other reads
 * what was committed, which in WAL mode waits for nobody. libsql blocks the thread it is called on,
 * so a write lock that another process has is waited for between tries and not in SQLite, where this
 * process would stand still.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Compilable, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { queryBuilder } from '../stores/builder.ts';
import type { Migration } from '../stores/migrations.ts';
import type { Statements, Store } from '../stores/store.ts';
import { Transactions } from '../stores/transactions.ts';
import { BUSY_MILLISECONDS, isBusy, openDatabase, type SqlDatabase } from './database.ts';
import { applyMigrations, keepBefore } from './migrate.ts';

const DIALECT = {
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db: ConstructorParameters<typeof SqliteIntrospector>[0]) =>
    new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

const EMPTY_LOG = 'PRAGMA wal_checkpoint(TRUNCATE)';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 20;

function statementsOn(database: SqlDatabase): Statements {
  const all = async <Row>(query: Compilable<Row>): Promise<Row[]> => {
    const { sql, parameters } = query.compile();
    // The binding: kysely derived Row from the query that SQLite answered.
    return database.prepare(sql).all(parameters) as Row[];
  };
  return {
    all,
    first: async (query) => (await all(query))[0],
    run: async (query) => {
      const { sql, parameters } = query.compile();
      database.prepare(sql).run(parameters);
    },
  };
}

/** Opens `file`, creating it where absent, and brings its tables to `migrations`. */
export function openStore<Tables>(file: string, migrations: readonly Migration[]): Store<Tables> {
  const writer = openWriter(file, migrations);
  const reader = openDatabase(file);
  const writing = statementsOn(writer);
  const transactions = new Transactions();
  const immediate = <T>(work: (transaction: Statements) => Promise<T>): Promise<T> =>
    transactions.inTurn(async () => {
      await begin(writer);
      try {
        const result = await transactions.within(writing, work);
        writer.exec('COMMIT');
        return result;
      } catch (error) {
        rollBack(writer);
        throw error;
      }
    });
  return {
    ...transactions.outside(statementsOn(reader), immediate),
    db: queryBuilder<Tables>(DIALECT),
    immediate,
    checkOutside: () => {
      transactions.checkOutside();
    },
    scrub: () =>
      transactions.inTurn(async () => {
        writer.exec(EMPTY_LOG);
      }),
    close: () =>
      transactions.close(() => {
        reader.close();
        // Everything in the one file, whichever connection the garbage collector still holds.
        writer.exec(EMPTY_LOG);
        writer.close();
      }),
  };
}

function openWriter(file: string, migrations: readonly Migration[]): SqlDatabase {
  const database = openDatabase(file);
  try {
    keepBefore(database, file, migrations);
    database.exec('BEGIN IMMEDIATE');
    try {
      applyMigrations(database, migrations);
      database.exec('COMMIT');
    } catch (error) {
      rollBack(database);
      throw error;
    }
    // From here on a lock that another process has is waited for by `begin`.
    database.exec('PRAGMA busy_timeout = 0');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function begin(database: SqlDatabase): Promise<void> {
  const until = performance.now() + BUSY_MILLISECONDS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      database.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error;
    }
    await sleep(pause);
  }
}

/** SQLite may have rolled back on its own (disk full, I/O error); then there is nothing to undo. */
function rollBack(database: SqlDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // The first error is the one to report.
  }
}
