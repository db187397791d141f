/**
 * A schema of PostgreSQL as a store (engine/stores/store.ts).
 *
 * A transaction takes the advisory lock of its schema first and runs READ COMMITTED, so that each of
 * its statements sees everything that was committed before it had the lock, and nobody writes beside
 * it: what BEGIN IMMEDIATE is in SQLite, and what the reasons given in engine/stores count on.
 * SERIALIZABLE would take its snapshot with the statement that waits for the lock, and fail.
 *
 * Everybody else waits for whoever has the lock, so a transaction spares round trips (pipelining, pg 8.23): its
 * first read is sent behind the lock, and what it writes is sent with the commit and not waited for before. A
 * group of reservations is two round trips and one flush of the disk. A write that fails fails its transaction, at the
 * latest at the commit, which the server then answers with ROLLBACK.
 * @module
 */
import {
  type Compilable,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import pg from 'pg';
import { check } from '../../base/errors.ts';
import type { Log } from '../../flows/ports.ts';
import { queryBuilder } from '../stores/builder.ts';
import type { Migration } from '../stores/migrations.ts';
import { checkParameters } from '../stores/parameters.ts';
import type { Statements, Store } from '../stores/store.ts';
import { Transactions } from '../stores/transactions.ts';
import { type Address, asStoreRefusal, clientOptions, mayBeRetried } from './connect.ts';
import { lockKey } from './lock-key.ts';
import { applyMigrations } from './migrate.ts';

const DIALECT = {
  createAdapter: () => new PostgresAdapter(),
  createIntrospector: (db: ConstructorParameters<typeof PostgresIntrospector>[0]) =>
    new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};

/** Of one process: one writes, the others read. */
const CONNECTIONS = 6;
const MOST_TRIES = 10;

type Queryable = Pick<pg.Pool, 'query'>;

async function rowsOf<Row>(client: Queryable, query: Compilable<Row>): Promise<Row[]> {
  const { sql, parameters } = query.compile();
  try {
    const { rows } = await client.query(sql, checkParameters(parameters));
    // The binding: kysely derived Row from the query that PostgreSQL answered.
    return rows as Row[];
  } catch (error) {
    throw asStoreRefusal(error);
  }
}

function readingOn(client: Queryable): Statements {
  const all = <Row>(query: Compilable<Row>): Promise<Row[]> => rowsOf(client, query);
  return {
    all,
    first: async (query) => (await all(query))[0],
    run: async (query) => {
      await all(query);
    },
  };
}

/** A transaction that has begun; `sent` are the statements in their order, failed ones too. */
class Begun {
  readonly client: pg.PoolClient;
  readonly #begun: Promise<unknown>;
  readonly #sent: Promise<unknown>[] = [];

  constructor(client: pg.PoolClient, begin: string) {
    this.client = client;
    this.#begun = this.#keep(client.query(begin));
  }

  get statements(): Statements {
    const all = <Row>(query: Compilable<Row>): Promise<Row[]> =>
      this.#keep(rowsOf(this.client, query));
    return {
      all,
      first: async (query) => (await all(query))[0],
      run: async (query) => {
        // Nothing is written before the transaction is there.
        await this.#begun;
        void all(query);
      },
    };
  }

  /** Durable when it resolves. */
  async commit(): Promise<void> {
    const committed = this.client.query('COMMIT');
    await Promise.all([...this.#sent, committed]);
    // What COMMIT of a transaction that has failed answers.
    check((await committed).command === 'COMMIT', 'INTERNAL', 'transaction was rolled back');
  }

  /** What failed first, which is why everything behind it did. */
  async failure(): Promise<unknown> {
    const ended = await Promise.allSettled(this.#sent);
    return ended.find((one) => one.status === 'rejected')?.reason;
  }

  /** A failure is found by `commit` or `failure`, whoever else waits for it. */
  #keep<T>(statement: Promise<T>): Promise<T> {
    statement.catch(() => undefined);
    this.#sent.push(statement);
    return statement;
  }
}

export type PostgresOptions = Address & {
  readonly migrations: readonly Migration[];
  readonly log?: Pick<Log, 'info' | 'warn'>;
  /** Throws before a transaction begins where this process may not write now. */
  readonly checkWrite?: () => void;
};

/** Makes the schema where it is absent and brings its tables to `migrations`. */
export async function openPostgresStore<Tables>({
  migrations,
  log,
  checkWrite = () => undefined,
  ...address
}: PostgresOptions): Promise<Store<Tables>> {
  const pool = new pg.Pool({ ...clientOptions(address), max: CONNECTIONS, pipeline: true });
  const ended = (err: Error): void => log?.warn({ err }, 'database connection ended');
  // One that nobody uses is replaced by the pool; of one in use the statement that waits is told as well.
  pool.on('error', ended);
  pool.on('connect', (client) => client.on('error', ended));
  const begin = `BEGIN; SELECT pg_advisory_xact_lock(${lockKey(address.schema, 'write')})`;
  try {
    await inTransaction(pool, begin, ({ client }) =>
      applyMigrations(client, address.schema, migrations, log),
    );
  } catch (error) {
    await pool.end();
    throw error;
  }
  const transactions = new Transactions();
  const immediate = <T>(work: (transaction: Statements) => Promise<T>): Promise<T> =>
    transactions.inTurn(() => {
      checkWrite();
      return inTransaction(pool, begin, ({ statements }) => transactions.within(statements, work));
    });
  return {
    ...transactions.outside(readingOn(pool), immediate),
    db: queryBuilder<Tables>(DIALECT),
    immediate,
    checkOutside: () => {
      transactions.checkOutside();
    },
    scrub: () => Promise.resolve(),
    close: () => transactions.close(() => pool.end()),
  };
}

/** Durable when it resolves. Tried again where the server says that it may succeed. */
async function inTransaction<T>(
  pool: pg.Pool,
  begin: string,
  work: (begun: Begun) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await once(pool, begin, work);
    } catch (error) {
      if (!mayBeRetried(error) || tries === MOST_TRIES) throw asStoreRefusal(error);
    }
  }
}

async function once<T>(
  pool: pg.Pool,
  begin: string,
  work: (begun: Begun) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const begun = new Begun(client, begin);
  let broken = false;
  try {
    const result = await work(begun);
    await begun.commit();
    return result;
  } catch (error) {
    const failure = await begun.failure();
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw failure ?? error;
  } finally {
    // A connection whose transaction could not be ended is not given to anybody else.
    client.release(broken);
  }
}
