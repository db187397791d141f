/** A backup is a snapshot with its digests; what was changed in it is refused, and its keys open for one passphrase. */
import { deepStrictEqual, ok, strictEqual, throws } from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Libsql from 'libsql';
import { describe, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { Secret } from '../../src/base/secret.ts';
import { checkBackup, restoreBackup, writeBackup } from '../../src/engine/backup/backup.ts';
import { copyDurably } from '../../src/engine/backup/durable-files.ts';
import { packKeys, unpackKeys } from '../../src/engine/backup/key-pack.ts';
import { refusal } from '../support/refusal.ts';
import { scratch } from '../support/scratch.ts';

const words = (text: string): Secret => new Secret('passphrase', utf8(text));
const now = new Date('2026-05-01T00:00:00Z');
const BLOB = 'ab'.repeat(32);

/** A store as a holder has it, and a connection that goes on writing into it. */
function holderDirectory() {
  const data = path.join(scratch(), 'lu');
  mkdirSync(path.join(data, 'keys'), { recursive: true });
  mkdirSync(path.join(data, 'blobs', 'ab'), { recursive: true });
  writeFileSync(path.join(data, 'keys', 'identity.pem'), 'PEM');
  writeFileSync(path.join(data, 'config.json'), '{}');
  writeFileSync(path.join(data, 'blobs', 'ab', BLOB), 'blob');
  writeFileSync(path.join(data, 'blobs', 'ab', 'half.tmp'), 'being written');
  const store = new Libsql(path.join(data, 'store.db'));
  store.exec('PRAGMA journal_mode = WAL');
  store.exec('CREATE TABLE ledger_entry (sequence INTEGER PRIMARY KEY)');
  store.exec('CREATE TABLE recovery (id INTEGER PRIMARY KEY, state TEXT NOT NULL)');
  store.exec("INSERT INTO recovery VALUES (1, 'well'); INSERT INTO ledger_entry VALUES (1)");
  return { data, store, out: path.join(path.dirname(data), 'backup') };
}

const rows = (file: string, sql: string): unknown[] => {
  const store = new Libsql(file);
  try {
    return store.prepare(sql).all([]);
  } finally {
    store.close();
  }
};

describe('a backup', () => {
  test('of a store in use is its last commit, marked as a copy; the original is not', () => {
    const { data, store, out } = holderDirectory();
    store.exec('BEGIN IMMEDIATE; INSERT INTO ledger_entry VALUES (2)');
    const manifest = writeBackup({ data, out, passphrase: undefined, now, rng: systemRng });
    store.exec('COMMIT');
    strictEqual(manifest.role, 'holder');
    const names = manifest.files.map(({ name }) => name).sort();
    deepStrictEqual(names, [`blobs/ab/${BLOB}`, 'config.json', 'store.db']);
    ok(!existsSync(path.join(out, 'keys.pack')));
    const copy = path.join(out, 'store.db');
    deepStrictEqual(rows(copy, 'SELECT count(*) AS n FROM ledger_entry'), [{ n: 1 }]);
    deepStrictEqual(rows(copy, 'SELECT state FROM recovery'), [{ state: 'recovering' }]);
    deepStrictEqual(store.prepare('SELECT state FROM recovery').all([]), [{ state: 'well' }]);
    strictEqual(statSync(copy).mode & 0o077, 0);
    store.close();
    throws(
      () => writeBackup({ data, out, passphrase: undefined, now, rng: systemRng }),
      refusal('FILE_EXISTS'),
    );
  });

  test('comes back whole, with its keys for their passphrase', () => {
    const { data, store, out } = holderDirectory();
    store.close();
    writeBackup({ data, out, passphrase: words('correct horse'), now, rng: systemRng });
    ok(!readFileSync(path.join(out, 'keys.pack')).includes('PEM'));
    const back = path.join(path.dirname(data), 'back');
    const wrong = { from: out, data: back, passphrase: words('battery') };
    throws(() => restoreBackup(wrong), refusal('KEY_FILE_INVALID'));
    ok(!existsSync(back), 'nothing half done');
    restoreBackup({ from: out, data: back, passphrase: words('correct horse') });
    strictEqual(readFileSync(path.join(back, 'keys', 'identity.pem'), 'utf8'), 'PEM');
    strictEqual(readFileSync(path.join(back, 'blobs', 'ab', BLOB), 'utf8'), 'blob');
    ok(!existsSync(path.join(back, 'keys.pack')) && !existsSync(path.join(back, 'backup.json')));
    throws(
      () => restoreBackup({ from: out, data: back, passphrase: undefined }),
      refusal('FILE_EXISTS'),
    );
  });

  test('that was changed, or lacks a file or its manifest, is refused', () => {
    const { data, store, out } = holderDirectory();
    store.close();
    writeBackup({ data, out, passphrase: undefined, now, rng: systemRng });
    checkBackup(out);
    const blob = path.join(out, 'blobs', 'ab', BLOB);
    writeFileSync(blob, 'blub');
    throws(() => checkBackup(out), refusal('DATA_DIRECTORY_DAMAGED'));
    writeFileSync(blob, 'blob');
    const manifest = path.join(out, 'backup.json');
    const text = readFileSync(manifest, 'utf8');
    for (const bad of [
      '{',
      text.replace('store.db', '../store.db'),
      text.replace('"role"', '"rule"'),
    ]) {
      writeFileSync(manifest, bad);
      throws(() => checkBackup(out), refusal('DATA_DIRECTORY_DAMAGED'), bad.slice(0, 40));
    }
    throws(() => checkBackup(data), refusal('FILE_NOT_FOUND'));
  });
});

test('packed keys: any changed byte is refused, and names that lead elsewhere', () => {
  const passphrase = words('x');
  const files = (name: string) => new Map([[name, new Secret('key', utf8('PEM'))]]);
  const packed = packKeys(files('identity.pem'), passphrase, systemRng);
  deepStrictEqual(unpackKeys(packed, passphrase).get('identity.pem')?.expose(), utf8('PEM'));
  for (const at of [0, packed.length - 1]) {
    const changed = packed.slice();
    changed[at]! ^= 1;
    throws(() => unpackKeys(changed, passphrase), refusal('KEY_FILE_INVALID'));
  }
  for (const name of ['../x', 'Identity.pem', '']) {
    throws(() => packKeys(files(name), passphrase, systemRng), refusal('KEY_FILE_INVALID'), name);
  }
});

test('a key whose name does not fit is refused before anything is written', () => {
  const { data, store, out } = holderDirectory();
  store.close();
  writeFileSync(path.join(data, 'keys', 'Copy of identity.pem'), 'PEM');
  const options = { data, out, passphrase: words('x'), now, rng: systemRng };
  throws(() => writeBackup(options), refusal('KEY_FILE_INVALID'));
  ok(!existsSync(out));
});

test('a file that is gone meanwhile is passed over', () => {
  const root = scratch();
  const file = path.join(root, 'a', 'copy');
  strictEqual(copyDurably(path.join(root, 'gone'), file), false);
  ok(!existsSync(file));
  writeFileSync(path.join(root, 'there'), 'x');
  strictEqual(copyDurably(path.join(root, 'there'), file), true);
  strictEqual(statSync(file).mode & 0o777, 0o600);
});
