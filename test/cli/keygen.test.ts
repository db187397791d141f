/** `kakehashi keygen` on files. */
import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { PUBLIC_KEY_PATTERN } from '../../src/base/sign.ts';
import { loadKey } from '../../src/engine/keys.ts';
import { cli } from '../support/captured-io.ts';
import { scratch } from '../support/scratch.ts';

test('a key file of mode 0600 and its public form', async () => {
  const file = path.join(scratch(), 'ana.pem');
  const { code, out, err } = await cli(['keygen', file]);
  deepStrictEqual([code, err], [0, '']);
  match(out.trim(), PUBLIC_KEY_PATTERN);
  strictEqual(statSync(file).mode & 0o777, 0o600);
  strictEqual((await loadKey(file)).publicText, out.trim());
  const shown = await cli(['keygen', file, '--public', '--json']);
  deepStrictEqual(JSON.parse(shown.out), { key: out.trim(), file });
});

test('an existing file stays as it is', async () => {
  const file = path.join(scratch(), 'ana.pem');
  await cli(['keygen', file]);
  const before = readFileSync(file, 'utf8');
  const { code, out } = await cli(['keygen', file, '--json']);
  strictEqual(code, 2);
  match(out, /urn:kakehashi:problem:FILE_EXISTS/);
  strictEqual(readFileSync(file, 'utf8'), before);
});

test('with a passphrase the file is of use with it only', async () => {
  const directory = scratch();
  const [file, passphrase] = [path.join(directory, 'a.pem'), path.join(directory, 'passphrase')];
  writeFileSync(passphrase, 'correct horse\n', { mode: 0o600 });
  const made = await cli(['keygen', file, '--passphrase-file', passphrase]);
  strictEqual(made.code, 0);
  match(readFileSync(file, 'utf8'), /ENCRYPTED PRIVATE KEY/);
  strictEqual((await cli(['keygen', file, '--public'])).code, 1);
  const shown = await cli(['keygen', file, '--public', '--passphrase-file', passphrase]);
  strictEqual(shown.out, made.out);
});
