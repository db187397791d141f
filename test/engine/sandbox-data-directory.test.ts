/** The data directory: one process at a time, damage noticed, nobody else's files wiped. */
import { deepStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'vitest';
import { openDataDirectory } from '../../src/engine/data-directory.ts';
import { defaultDataDirectory } from '../../src/engine/data-paths.ts';
import { refusal } from '../support/refusal.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'kakehashi-data-'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const mode = (file: string): number => statSync(file).mode & 0o777;

describe('data directory', () => {
  test('is made with the mode of a secret, and reopens', () => {
    const where = path.join(base, 'a', 'sandbox');
    const opened = openDataDirectory(where);
    deepStrictEqual(readdirSync(where).sort(), ['blobs', 'keys', 'lock', 'store.db', 'tmp']);
    deepStrictEqual([mode(where), mode(opened.keys), mode(opened.store)], [0o700, 0o700, 0o600]);
    opened.close();
    opened.close();
    openDataDirectory(where).close();
  });

  test('wipes tmp at every start and makes cohorts only where asked', () => {
    const first = openDataDirectory(base);
    writeFileSync(path.join(first.tmp, 'left'), 'x');
    strictEqual(existsSync(first.cohorts), false);
    first.close();
    const second = openDataDirectory(base, { cohorts: true });
    deepStrictEqual(readdirSync(second.tmp), []);
    strictEqual(mode(second.cohorts), 0o700);
    second.close();
  });

  test('a second user is refused while the first lives', () => {
    const first = openDataDirectory(base);
    throws(() => openDataDirectory(base), refusal('DATA_DIRECTORY_BUSY'));
    first.close();
    openDataDirectory(base).close();
  });

  test('the lock of a process that was killed is free', async () => {
    openDataDirectory(base).close();
    const lock = JSON.stringify(path.join(base, 'lock'));
    const program = `const c = new (require('libsql'))(${lock});
      c.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', program], { cwd: process.cwd() });
    await once(child.stdout, 'data');
    throws(() => openDataDirectory(base), refusal('DATA_DIRECTORY_BUSY'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    openDataDirectory(base).close();
  });

  for (const name of ['store.db', 'blobs', 'keys']) {
    test(`${name} deleted after use is noticed`, () => {
      openDataDirectory(base).close();
      rmSync(path.join(base, name), { recursive: true });
      throws(() => openDataDirectory(base), refusal('DATA_DIRECTORY_DAMAGED'));
    });
  }

  test('deleting tmp loses nothing', () => {
    openDataDirectory(base).close();
    rmSync(path.join(base, 'tmp'), { recursive: true });
    openDataDirectory(base).close();
  });

  test('keys and configuration may be there before the first start', () => {
    mkdirSync(path.join(base, 'keys'));
    writeFileSync(path.join(base, 'config.json'), '{}');
    openDataDirectory(base).close();
  });

  test('a directory of somebody else is refused and left alone', () => {
    mkdirSync(path.join(base, 'tmp'));
    writeFileSync(path.join(base, 'tmp', 'thesis.txt'), 'x');
    throws(() => openDataDirectory(base), refusal('DATA_DIRECTORY_DAMAGED'));
    writeFileSync(path.join(base, 'photo.jpg'), 'x');
    throws(() => openDataDirectory(base), refusal('DATA_DIRECTORY_DAMAGED'));
    strictEqual(existsSync(path.join(base, 'tmp', 'thesis.txt')), true);
  });

  test('a file where the directory should be is refused', () => {
    const file = path.join(base, 'file');
    writeFileSync(file, '');
    throws(() => openDataDirectory(file), refusal('DATA_DIRECTORY_DAMAGED'));
  });

  test('the default follows the XDG specification', () => {
    const home = '/users/u';
    strictEqual(
      defaultDataDirectory('holder', { XDG_STATE_HOME: '/s' }, home),
      '/s/kakehashi/holder',
    );
    for (const value of [undefined, '', 'relative']) {
      strictEqual(
        defaultDataDirectory('sandbox', { XDG_STATE_HOME: value }, home),
        '/users/u/.local/state/kakehashi/sandbox',
      );
    }
  });
});
