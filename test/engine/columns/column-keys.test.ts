/** Keys of encrypted columns on disk: locked, the same after a restart, and gone when destroyed. */
import { deepStrictEqual, notDeepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { linkSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { systemRng } from '../../../src/base/rng.ts';
import { SigningKey } from '../../../src/base/sign.ts';
import { Vault } from '../../../src/base/vault.ts';
import { ColumnKeys } from '../../../src/engine/columns/column-keys.ts';
import { labSeal } from '../../support/column-lab.ts';
import { scratch } from '../../support/scratch.ts';

const TABLE = 'a'.repeat(64);

test('a key is kept for its owner only, and destroyed', async () => {
  const directory = scratch();
  const owner = SigningKey.generate();
  const keysOf = (key: SigningKey): ColumnKeys =>
    new ColumnKeys({ directory, vault: new Vault(key, systemRng), rng: systemRng, seal: labSeal });
  const keys = keysOf(owner);
  await keys.create(TABLE);
  const [first, again] = [await keys.load(TABLE), await keysOf(owner).load(TABLE)];
  deepStrictEqual(first.secret.expose(), again.secret.expose());
  deepStrictEqual(first.check.expose(), again.check.expose());
  deepStrictEqual(first.relinearisation, again.relinearisation);

  const file = path.join(directory, `${TABLE}.columns`);
  strictEqual(statSync(file).mode & 0o777, 0o600);
  const locked = readFileSync(file);
  ok(!locked.includes(Buffer.from(first.secret.expose().subarray(0, 64))));
  ok(!locked.includes(Buffer.from(first.check.expose())));
  await rejects(keysOf(SigningKey.generate()).load(TABLE), { code: 'DATA_DIRECTORY_DAMAGED' });
  await rejects(keys.load('b'.repeat(64)), { code: 'DATA_DIRECTORY_DAMAGED' });
  await rejects(keys.load('../other'), { code: 'INVALID_PARAMETER' });

  // A second name of the file shows that it was overwritten, not only unlinked.
  linkSync(file, path.join(directory, 'second-name'));
  await keys.destroy(TABLE);
  await keys.destroy(TABLE);
  deepStrictEqual(readdirSync(directory), ['second-name']);
  const after = readFileSync(path.join(directory, 'second-name'));
  strictEqual(after.length, locked.length);
  notDeepStrictEqual(after, locked);
  ok(!after.includes(locked.subarray(0, 64)));
  await rejects(keys.load(TABLE), { code: 'DATA_DIRECTORY_DAMAGED' });
});
