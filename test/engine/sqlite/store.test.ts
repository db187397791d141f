/** The store: settings, transactions, migrations, and what libsql would silently change. */
import { deepStrictEqual, equal, rejects, throws } from 'node:assert/strict';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import type { Migration } from '../../../src/engine/stores/migrations.ts';
import { openStore } from '../../../src/engine/sqlite/store.ts';
import type { Statements } from '../../../src/engine/stores/store.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { stepsConformance } from '../conformance/steps.ts';
import { onBothStores } from '../stores/kinds.ts';
import { openSteps } from '../stores/opened.ts';

onBothStores(({ kind, place }) => stepsConformance(kind, () => openSteps(place())));

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
    await store.run(store.db.insertInto('item').values(row));
    deepStrictEqual(await store.all(store.db.selectFrom('item').selectAll()), [row]);
    for (const name of readdirSync(path.dirname(file))) {
      equal(statSync(path.join(path.dirname(file), name)).mode & 0o777, 0o600, name);
    }
    await store.close();
    const again = open(file);
    deepStrictEqual(await again.all(again.db.selectFrom('item').selectAll()), [row]);
    await again.close();
  });

  test('refuses values that would come back changed', async () => {
    const store = open(fresh());
    const insert = (text: string, id: bigint | number) =>
      store.run(store.db.insertInto('item').values({ id: id as bigint, text, bytes: null }));
    await rejects(insert('a\0b', 1n), refusal('INVALID_PARAMETER'));
    await rejects(insert('a', 2 ** 53), refusal('INVALID_PARAMETER'));
    await rejects(insert('a', 0.5), refusal('INVALID_PARAMETER'));
    await store.close();
  });

  test('a transaction that rejects leaves nothing; a closed store takes none', async () => {
    const store = open(fresh());
    const insert = (id: bigint) =>
      store.db.insertInto('item').values({ id, text: null, bytes: null });
    const broken = store.immediate(async (transaction) => {
      await transaction.run(insert(1n));
      throw new Error('no');
    });
    await rejects(broken, /no/);
    const rows = await store.immediate((transaction) =>
      transaction.all(store.db.selectFrom('item').selectAll()),
    );
    deepStrictEqual(rows, []);
    await store.close();
    await rejects(
      store.immediate(async () => 0),
      refusal('SHUTTING_DOWN'),
    );
  });

  test('transactions at once follow each other, also where they wait inside', async () => {
    const store = open(fresh());
    const { db } = store;
    const next = () =>
      store.immediate(async (transaction) => {
        const rows = await transaction.all(db.selectFrom('item').select('id'));
        await new Promise((wake) => setTimeout(wake, 1));
        const id = BigInt(rows.length);
        await transaction.run(db.insertInto('item').values({ id, text: null, bytes: null }));
        return id;
      });
    const taken = await Promise.all(Array.from({ length: 20 }, next));
    deepStrictEqual(
      taken,
      taken.map((_, i) => BigInt(i)),
    );
    await store.close();
  });

  test('within a transaction only its own statements are executed, and none after it', async () => {
    const store = open(fresh());
    const all = store.db.selectFrom('item').selectAll();
    for (const outside of [
      () => store.all(all),
      () => store.run(store.db.deleteFrom('item')),
      () => store.immediate(async () => 0),
    ]) {
      await rejects(store.immediate<unknown>(outside), refusal('INTERNAL'));
    }
    let kept: Statements = store;
    await store.immediate(async (transaction) => {
      kept = transaction;
    });
    await rejects(kept.all(all), refusal('INTERNAL'));
    deepStrictEqual(await store.all(all), []);
    await store.close();
  });

  test('builds queries and executes none by itself', async () => {
    const store = open(fresh());
    await rejects(store.db.selectFrom('item').selectAll().execute(), refusal('INTERNAL'));
    await store.close();
  });

  test('a second writer waits for the first; readers see the state before, at once', async () => {
    const file = fresh();
    const [one, two] = [open(file), open(file)];
    const insert = (id: bigint) =>
      one.db.insertInto('item').values({ id, text: null, bytes: null });
    const rows = () => two.all(two.db.selectFrom('item').select('id'));
    let second: Promise<void> | undefined;
    await one.immediate(async (transaction) => {
      await transaction.run(insert(1n));
      second = two.run(insert(2n));
      await new Promise((wake) => setTimeout(wake, 20));
      // `one` asks in the name of `two`, which has no transaction of its own here.
      deepStrictEqual(await rows(), []);
    });
    await second;
    deepStrictEqual(await rows(), [{ id: 1n }, { id: 2n }]);
    await one.close();
    await two.close();
  });

  test('applies what is new, and refuses what it does not know or was edited', async () => {
    const file = fresh();
    const second = { name: 'item/2', sql: 'ALTER TABLE item ADD COLUMN more TEXT' };
    await open(file).close();
    equal(existsSync(`${file}.before`), false);
    await open(file, [FIRST, second]).close();
    // The copy is the file as the first version left it, and for its owner only.
    equal(statSync(`${file}.before`).mode & 0o777, 0o600);
    await open(`${file}.before`).close();
    await open(file, [FIRST, second]).close();
    throws(() => open(file), refusal('DATA_DIRECTORY_DAMAGED'));
    const changed = { ...FIRST, sql: `${FIRST.sql} ` };
    throws(() => open(file, [changed, second]), refusal('DATA_DIRECTORY_DAMAGED'));
    throws(() => open(file, [FIRST, second, second]), refusal('INVALID_PARAMETER'));
  });

  test('a migration that fails leaves the file as it was', async () => {
    const file = fresh();
    throws(() => open(file, [FIRST, { name: 'bad', sql: 'CREATE TABLE item (x)' }]));
    await open(file).close();
  });

  test('refuses a file that is no database, and a folder that is not there', () => {
    const file = fresh();
    writeFileSync(file, 'not a database, just text that is long enough'.repeat(100));
    throws(() => open(file), refusal('DATA_DIRECTORY_DAMAGED'));
    throws(() => open(path.join(scratch(), 'none', 'store.db')), refusal('FILE_NOT_FOUND'));
  });
});
