/** The ledger in SQLite: the port, and what someone with a database editor could try. */
import { deepStrictEqual, equal, rejects, throws } from 'node:assert/strict';
import path from 'node:path';
import Libsql from 'libsql';
import { describe, test } from 'vitest';
import { StoredLedger } from '../../../src/engine/stores/ledger-store.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { amount, digest, ledgerConformance, loadPeople, request } from '../conformance/ledger.ts';
import { onBothStores, type Place } from './kinds.ts';
import { clock, openHolder, openLedger } from './opened.ts';

const fresh = (): string => path.join(scratch(), 'store.db');
const sqlite = (at: string): Place => ({ kind: 'SQLite', at });

onBothStores(({ kind, place }) => ledgerConformance(kind, (limit) => openLedger(place(), limit)));

/** A ledger with a grant and two reservations, closed, then changed by `sql` behind its back. */
async function edited(sql: string): Promise<string> {
  const file = fresh();
  const { ledger } = await openLedger(sqlite(file));
  await ledger.grant(digest('study'), amount('1/1'));
  await loadPeople(ledger, 'study');
  await ledger.reserve(request('a'));
  await ledger.reserve(request('b'));
  const editor = new Libsql(file);
  editor.exec('DROP TRIGGER ledger_entry_kept; DROP TRIGGER ledger_entry_unchanged');
  editor.exec(sql);
  editor.close();
  return file;
}

describe('a ledger in SQLite', () => {
  test('opens what was not edited', async () => {
    equal((await (await openLedger(sqlite(await edited('SELECT 1')))).ledger.head()).sequence, 4);
  });

  for (const [name, sql] of [
    ['a cheaper charge', `UPDATE ledger_entry SET body = replace(body, '1/10', '1/20')`],
    [
      'another spelling',
      `UPDATE ledger_entry SET body = replace(body, ':', ': ') WHERE sequence = 3`,
    ],
    [
      'an unknown field',
      `UPDATE ledger_entry SET body = replace(body, '{', '{"a":"b",') WHERE sequence = 3`,
    ],
    ['a removed entry', 'DELETE FROM ledger_entry WHERE sequence = 3'],
    [
      'another time',
      `UPDATE ledger_entry SET time = '2020-01-01T00:00:00.000Z' WHERE sequence = 4`,
    ],
    ['text that is no JSON', `UPDATE ledger_entry SET body = 'x' WHERE sequence = 4`],
  ] as const) {
    test(`refuses ${name}`, async () => {
      const file = await edited(sql);
      await rejects(openLedger(sqlite(file)), refusal('LEDGER_CORRUPT'));
    });
  }

  test('refuses the ledger of another holder', async () => {
    const store = await openHolder(sqlite(await edited('SELECT 1')));
    const other = StoredLedger.open({ store, holder: 'jp', clock });
    await rejects(other, refusal('LEDGER_CORRUPT'));
  });

  test('notices a shorter ledger while it runs', async () => {
    const file = fresh();
    const { ledger } = await openLedger(sqlite(file));
    await ledger.grant(digest('study'), amount('1/1'));
    await loadPeople(ledger, 'study');
    await ledger.reserve(request('a'));
    const editor = new Libsql(file);
    throws(() => editor.exec('DELETE FROM ledger_entry'), /append only/);
    throws(() => editor.exec(`UPDATE ledger_entry SET time = 'x'`), /append only/);
    editor.exec('DROP TRIGGER ledger_entry_kept; DELETE FROM ledger_entry WHERE sequence = 3');
    editor.close();
    await rejects(ledger.reserve(request('b')), refusal('LEDGER_CORRUPT'));
  });

  test('sees what another connection appended', async () => {
    const file = fresh();
    const [one, two] = [
      (await openLedger(sqlite(file))).ledger,
      (await openLedger(sqlite(file))).ledger,
    ];
    await one.grant(digest('study'), amount('1/10'));
    await loadPeople(one, 'study');
    await two.reserve(request('a'));
    await rejects(one.reserve(request('b')), refusal('BUDGET_EXHAUSTED'));
    deepStrictEqual(await one.head(), await two.head());
  });

  test('keeps sealed seeds out of what is hashed', async () => {
    const file = fresh();
    const { ledger } = await openLedger(sqlite(file));
    await ledger.grant(digest('study'), amount('1/1'));
    await loadPeople(ledger, 'study');
    await ledger.reserve(request('a'));
    const reader = new Libsql(file);
    const bodies = JSON.stringify(reader.prepare('SELECT body FROM ledger_entry').all([]));
    reader.close();
    equal(bodies.includes('sealed'), false);
    equal(bodies.includes(digest('commitment a')), true);
  });
});
