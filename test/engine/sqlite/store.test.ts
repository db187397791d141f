/** The store: settings, transactions, migrations, and what libsql would silently change. */
import { deepStrictEqual, equal, rejects, throws } from 'node:assert/strict';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import type { Migration } from '../../../src/engine/sqlite/migrations.ts';
import { openStore } from '../../../src/engine/sqlite/store.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { stepsConformance } from '../conformance/steps.ts';
import { openSteps } from './opened.ts';

stepsConformance('SQLite', () => openSteps(path.join(scratch(), 'store.db')));

type Tables = { item: { id: bigint; text: string | null; bytes: Uint8Array | null } };
const FIRST: Migration = {
  name: 'item/1',
  sql: 'CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB) STRICT',
};
const open = (file: string, migrations = [FIRST]) => openStore<Tables>(file, migrations);
const fresh = (): string => path.join(scratch(), 'store.db');

describe('a store', () => {
  test('is durable, exact and readable by its owner only', async () => {
    const file = fresh();
    const store = open(file);
    const row = { id: 2n ** 62n + 1n, text: 'é女', bytes: Uint8Array.of(0, 255) };
    await store.db.insertInto('item').values(row).execute();
    deepStrictEqual(store.all(store.db.selectFrom('item').selectAll()), [row]);
    for (const name of readdirSync(path.dirname(file))) {
      equal(statSync(path.join(path.dirname(file), name)).mode & 0o777, 0o600, name);
    }
    store.close();
    const again = open(file);
    deepStrictEqual(await again.db.selectFrom('item').selectAll().execute(), [row]);
    again.close();
  });

  test('refuses values that would come back changed', () => {
    const store = open(fresh());
    const insert = (text: string, id: bigint | number) =>
      store.run(store.db.insertInto('item').values({ id: id as bigint, text, bytes: null }));
    throws(() => insert('a\0b', 1n), refusal('INVALID_PARAMETER'));
    throws(() => insert('a', 2 ** 53), refusal('INVALID_PARAMETER'));
    throws(() => insert('a', 0.5), refusal('INVALID_PARAMETER'));
    store.close();
  });

  test('a transaction that throws leaves nothing, and an asynchronous one is refused', () => {
    const store = open(fresh());
    const insert = (id: bigint) =>
      store.db.insertInto('item').values({ id, text: null, bytes: null });
    throws(
      () =>
        store.immediate((transaction) => {
          transaction.run(insert(1n));
          throw new Error('no');
        }),
      /no/,
    );
    throws(
      () =>
        store.immediate(async (transaction) => {
          transaction.run(insert(2n));
        }),
      refusal('INTERNAL'),
    );
    equal(
      store.immediate(
        (transaction) => transaction.all(store.db.selectFrom('item').selectAll()).length,
      ),
      0,
    );
    store.close();
    throws(() => store.immediate(() => 0), refusal('SHUTTING_DOWN'));
  });

  test("refuses kysely's own transactions", async () => {
    const store = open(fresh());
    await rejects(
      store.db.transaction().execute(async () => 0),
      refusal('INTERNAL'),
    );
    store.close();
  });

  test('a second writer waits for the first', () => {
    const file = fresh();
    const [one, two] = [open(file), open(file)];
    one.immediate((transaction) => {
      transaction.run(one.db.insertInto('item').values({ id: 1n, text: null, bytes: null }));
      // Readers see the state before, at once.
      deepStrictEqual(two.all(two.db.selectFrom('item').selectAll()), []);
    });
    equal(two.all(two.db.selectFrom('item').selectAll()).length, 1);
    one.close();
    two.close();
  });

  test('applies what is new, and refuses what it does not know or was edited', () => {
    const file = fresh();
    const second = { name: 'item/2', sql: 'ALTER TABLE item ADD COLUMN more TEXT' };
    open(file).close();
    open(file, [FIRST, second]).close();
    open(file, [FIRST, second]).close();
    throws(() => open(file), refusal('DATA_DIRECTORY_DAMAGED'));
    const changed = { ...FIRST, sql: `${FIRST.sql} ` };
    throws(() => open(file, [changed, second]), refusal('DATA_DIRECTORY_DAMAGED'));
    throws(() => open(file, [FIRST, second, second]), refusal('INVALID_PARAMETER'));
  });

  test('a migration that fails leaves the file as it was', () => {
    const file = fresh();
    throws(() => open(file, [FIRST, { name: 'bad', sql: 'CREATE TABLE item (x)' }]));
    open(file).close();
  });

  test('refuses a file that is no database, and a folder that is not there', () => {
    const file = fresh();
    writeFileSync(file, 'not a database, just text that is long enough'.repeat(100));
    throws(() => open(file), refusal('DATA_DIRECTORY_DAMAGED'));
    throws(() => open(path.join(scratch(), 'none', 'store.db')), refusal('FILE_NOT_FOUND'));
  });
});
