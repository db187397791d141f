/**
 * One SQLite file as a store: typed queries through kysely, and transactions that hold under
 * two writers.
 *
 * A transaction is `immediate(work)`: BEGIN IMMEDIATE, synchronous statements, COMMIT. It takes
 * the write lock before the first read, so what it decided on cannot have changed when it
 * writes, and being synchronous no other statement of this process can come between. kysely's
 * own `transaction()` begins deferred and fails under two writers: it is refused here.
 * @module
 */
import {
  type Compilable,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { check, Refusal } from '../../base/errors.ts';
import { openDatabase, type SqlDatabase } from './database.ts';
import { applyMigrations, type Migration } from './migrations.ts';

/** Synchronous statements. A query is built with `store.db` and not executed there. */
export interface Statements {
  all<Row>(query: Compilable<Row>): Row[];
  first<Row>(query: Compilable<Row>): Row | undefined;
  run(query: Compilable): void;
}

export interface Store<Tables> extends Statements {
  /** Builds queries; `.execute()` runs one as a single statement. */
  readonly db: Kysely<Tables>;
  /** Durable when it returns; rolled back when `work` throws. `work` must not be async. */
  immediate<T>(work: (transaction: Statements) => T): T;
  close(): void;
}

class SingleStatementDriver extends SqliteDriver {
  override beginTransaction(): Promise<void> {
    return Promise.reject(new Refusal('INTERNAL', 'use Store.immediate for a transaction'));
  }
}

const driverOf = (database: SqlDatabase): Driver => new SingleStatementDriver({ database });

function statementsOn(database: SqlDatabase): Statements {
  const all = <Row>(query: Compilable<Row>): Row[] => {
    const { sql, parameters } = query.compile();
    // The binding: kysely derived Row from the query that SQLite answered.
    return database.prepare(sql).all(parameters) as Row[];
  };
  return {
    all,
    first: (query) => all(query)[0],
    run: (query) => {
      const { sql, parameters } = query.compile();
      database.prepare(sql).run(parameters);
    },
  };
}

/** Opens `file`, creating it where absent, and brings its tables to `migrations`. */
export function openStore<Tables>(file: string, migrations: readonly Migration[]): Store<Tables> {
  const database = openDatabase(file);
  const statements = statementsOn(database);
  let open = true;
  const close = (): void => {
    if (open) database.close();
    open = false;
  };
  const immediate = <T>(work: (transaction: Statements) => T): T => {
    check(open, 'SHUTTING_DOWN', 'store is closed');
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work(statements);
      // The transaction would be over before such a work is.
      check(!(result instanceof Promise), 'INTERNAL', 'asynchronous transaction');
      database.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack(database);
      throw error;
    }
  };
  try {
    immediate(() => {
      applyMigrations(database, migrations);
    });
  } catch (error) {
    close();
    throw error;
  }
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driverOf(database),
      createIntrospector: (kysely) => new SqliteIntrospector(kysely),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return { ...statements, db, immediate, close };
}

/** SQLite may have rolled back on its own (disk full, I/O error); then there is nothing to undo. */
function rollBack(database: SqlDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // The first error is the one to report.
  }
}
