/** PostgreSQL as a store: every table of ours, transactions under several writers, what peers say. */
import { deepStrictEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import path from 'node:path';
import Libsql from 'libsql';
import pg from 'pg';
import { describe, onTestFinished, test } from 'vitest';
import { Refusal } from '../../src/base/errors.ts';
import { postgresSchema } from '../../src/engine/postgres/schema-text.ts';
import { PostgresSession } from '../../src/engine/postgres/session.ts';
import { openPostgresStore } from '../../src/engine/postgres/store.ts';
import { openStore } from '../../src/engine/sqlite/store.ts';
import { LEDGER_MIGRATIONS, type LedgerTables } from '../../src/engine/stores/ledger-rows.ts';
import type { Migration } from '../../src/engine/stores/migrations.ts';
import { SANDBOX_MIGRATIONS } from '../../src/engine/stores/sandbox-store.ts';
import type { Statements, Store } from '../../src/engine/stores/store.ts';
import { HOLDER_MIGRATIONS } from '../../src/holder/tables.ts';
import { freshSchema, hasPostgres, POSTGRES_URL as url } from '../support/postgres.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

type Tables = { item: { id: bigint; text: string | null; bytes: Uint8Array | null } };
const FIRST: Migration = {
  name: 'item/1',
  sql: 'CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB) STRICT',
};

async function open(
  schema = freshSchema(),
  migrations: readonly Migration[] = [FIRST],
): Promise<Store<Tables>> {
  const store = await openPostgresStore<Tables>({ url, schema, migrations });
  onTestFinished(() => store.close());
  return store;
}

test('a word of SQLite that has no translation is refused', () => {
  const bad = { name: 'x', sql: 'CREATE TABLE a (b REAL) STRICT' };
  throws(() => postgresSchema(bad), refusal('INTERNAL'));
});

describe.skipIf(!hasPostgres)('a schema of PostgreSQL', () => {
  test('a write that fails is what its transaction fails with, whatever came behind it', async () => {
    const store = await open();
    const item = store.db.insertInto('item');
    const row = { id: 1n, text: 'a', bytes: null };
    await store.run(item.values(row));
    const twice = /duplicate key/;
    const other = item.values({ ...row, id: 2n });
    const reading = store.db.selectFrom('item').selectAll();
    // Found at the commit, by a later read, and where the work gives up for another reason.
    for (const behind of [
      () => Promise.resolve(),
      (tx: Statements) => tx.all(reading).then(() => undefined),
      () => Promise.reject(new Refusal('CONFLICT', 'another reason')),
    ]) {
      const failing = store.immediate(async (tx) => {
        await tx.run(other);
        await tx.run(item.values(row));
        await behind(tx);
      });
      await rejects(failing, twice);
    }
    equal((await store.all(reading)).length, 1);
    await store.run(other);
    equal((await store.all(reading)).length, 2);
  });

  test('gives back what it was given: integers of 64 bits, text in the order of bytes', async () => {
    const store = await open();
    const row = { id: 2n ** 62n + 1n, text: 'é女', bytes: Uint8Array.of(0, 255) };
    const item = store.db.insertInto('item');
    await store.run(item.values(row));
    for (const [id, text] of ['b', 'B', 'a'].entries()) {
      await store.run(item.values({ id: BigInt(id), text, bytes: null }));
    }
    const rows = await store.all(store.db.selectFrom('item').selectAll().orderBy('text'));
    deepStrictEqual(
      rows.map(({ text }) => text),
      ['B', 'a', 'b', 'é女'],
    );
    deepStrictEqual(rows[3], row);
    await rejects(store.run(item.values({ ...row, text: 'a\0' })), refusal('INVALID_PARAMETER'));
  });

  for (const [service, migrations] of Object.entries({ HOLDER_MIGRATIONS, SANDBOX_MIGRATIONS })) {
    test(`has every table and column of SQLite: ${service}`, async () => {
      const schema = freshSchema();
      const store = await openPostgresStore({ url, schema, migrations });
      onTestFinished(() => store.close());
      const client = new pg.Client(url);
      await client.connect();
      const { rows } = await client.query<{ name: string }>(
        `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
         WHERE table_schema = $1 AND column_name <> 'rowid'`,
        [schema],
      );
      await client.end();
      const file = path.join(scratch(), 'store.db');
      await openStore(file, migrations).close();
      const sqlite = new Libsql(file);
      const columns = sqlite
        .prepare(
          `SELECT m.name || '.' || c.name AS name FROM sqlite_master m, pragma_table_info(m.name) c
           WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`,
        )
        .all([]) as { name: string }[];
      sqlite.close();
      ok(rows.length > 30);
      deepStrictEqual(rows.map(({ name }) => name).sort(), columns.map(({ name }) => name).sort());
    });
  }

  test('an entry that is kept cannot be changed or removed', async () => {
    const migrations = LEDGER_MIGRATIONS;
    const schema = freshSchema();
    const store = await openPostgresStore<LedgerTables>({ url, schema, migrations });
    onTestFinished(() => store.close());
    const entry = { sequence: 1n, previous: 'a', hash: 'b', time: 't', body: '{}' };
    await store.run(store.db.insertInto('ledger_entry').values(entry));
    await rejects(store.run(store.db.deleteFrom('ledger_entry')), /append only/);
    await rejects(
      store.run(store.db.updateTable('ledger_entry').set({ time: 'x' })),
      /append only/,
    );
  });

  test('writers of several connections follow each other', async () => {
    const schema = freshSchema();
    const stores = await Promise.all([open(schema), open(schema), open(schema)]);
    const next = (store: Store<Tables>) =>
      store.immediate(async (transaction) => {
        const rows = await transaction.all(store.db.selectFrom('item').select('id'));
        const id = BigInt(rows.length);
        await transaction.run(store.db.insertInto('item').values({ id, text: null, bytes: null }));
        return id;
      });
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, i) => next(stores[i % 3] as Store<Tables>)),
    );
    deepStrictEqual(new Set(taken), new Set(taken.map((_, i) => BigInt(i))));
  });

  test('rolls back what rejects, and executes nothing from outside of a transaction', async () => {
    const store = await open();
    const row = { id: 1n, text: null, bytes: null };
    const broken = store.immediate(async (transaction) => {
      await transaction.run(store.db.insertInto('item').values(row));
      throw new Error('no');
    });
    await rejects(broken, /no/);
    const all = store.db.selectFrom('item').selectAll();
    deepStrictEqual(await store.all(all), []);
    await rejects(
      store.immediate(() => store.all(all)),
      refusal('INTERNAL'),
    );
  });

  test('applies what is new in one transaction, and refuses what it does not know', async () => {
    const schema = freshSchema();
    const second = { name: 'item/2', sql: 'ALTER TABLE item ADD COLUMN more TEXT' };
    const broken = { name: 'item/3', sql: 'CREATE TABLE item (id INTEGER)' };
    await open(schema);
    await rejects(open(schema, [FIRST, second, broken]));
    await open(schema);
    await open(schema, [FIRST, second]);
    await rejects(open(schema), refusal('DATA_DIRECTORY_DAMAGED'));
    const edited = { ...FIRST, sql: `${FIRST.sql} ` };
    await rejects(open(schema, [edited, second]), refusal('DATA_DIRECTORY_DAMAGED'));
  });

  test('a server that is not there, or goes away, is a clear refusal', async () => {
    const nobody = { url: 'postgres://postgres@127.0.0.1:1/postgres', schema: 'x', migrations: [] };
    await rejects(openPostgresStore(nobody), refusal('DATABASE_UNREACHABLE'));
    const schema = freshSchema();
    const store = await open(schema);
    const killed = store.immediate(async (transaction) => {
      await transaction.all(store.db.selectFrom('item').selectAll());
      const other = new pg.Client(url);
      await other.connect();
      await other.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'kakehashi' AND state = 'idle in transaction'
        AND query LIKE '%"item"%'`);
      await other.end();
      await transaction.all(store.db.selectFrom('item').selectAll());
    });
    await rejects(killed, refusal('DATABASE_UNREACHABLE'));
    deepStrictEqual(await store.all(store.db.selectFrom('item').selectAll()), []);
  });

  test('peers hear each other, and one has a claim until it ends', async () => {
    const schema = freshSchema();
    await open(schema);
    const [one, two] = await Promise.all(
      [1, 2].map(() => new PostgresSession({ url, schema }).open()),
    );
    onTestFinished(async () => {
      await two?.close();
    });
    const heard = new Promise((resolve) => two?.listen(resolve));
    one?.listen((topic) => {
      throw new Error(`heard itself say ${topic}`);
    });
    one?.announce('run/1');
    equal(await heard, 'run/1');
    deepStrictEqual([await one?.claim('a'), await two?.claim('a')], [true, false]);
    await one?.release('a');
    deepStrictEqual([await two?.claim('a'), await one?.claim('a')], [true, false]);
    equal(await one?.claim('b'), true);
    await one?.close();
    for (let tries = 0; tries < 100 && !(await two?.claim('b')); tries += 1) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
    equal(await two?.claim('b'), true);
  });
});
