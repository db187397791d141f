/**
 * What the stores of a service need of a database, whichever it is: typed queries through kysely,
 * and transactions that hold under several writers.
 *
 * A transaction is `immediate(work)`. It has the one write lock of the store before its first read,
 * so what it decided on cannot have changed when it writes, in this process or another: BEGIN
 * IMMEDIATE in SQLite, an advisory lock in PostgreSQL. A statement that writes outside of one is one
 * by itself. Reads outside see what was committed and never wait.
 * @module
 */
import type { Compilable, Kysely } from 'kysely';

/** A query is built with `store.db` and executed here. */
export interface Statements {
  all<Row>(query: Compilable<Row>): Promise<Row[]>;
  first<Row>(query: Compilable<Row>): Promise<Row | undefined>;
  run(query: Compilable): Promise<void>;
}

export interface Store<Tables> extends Statements {
  /** Builds queries, and executes none. */
  readonly db: Kysely<Tables>;
  /**
   * Durable when it resolves; rolled back when `work` rejects. Within `work` only its own statements
   * are executed: those of the store are refused there with INTERNAL. It waits for nothing else, for
   * everybody else waits for it.
   */
  immediate<T>(work: (transaction: Statements) => Promise<T>): Promise<T>;
  /** Refuses with INTERNAL within a transaction, and with SHUTTING_DOWN after the end. */
  checkOutside(): void;
  /**
   * Takes what was deleted out of the files too, as far as the store can: SQLite's log is emptied where no
   * other process reads from it. PostgreSQL overwrites nothing; there it is up to vacuum and archives.
   */
  scrub(): Promise<void>;
  /** What is asked for afterwards is refused with SHUTTING_DOWN. */
  close(): Promise<void>;
}
