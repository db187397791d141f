/** A file is whole or not there, and a write that fails leaves nothing behind. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { isAbsent, writeWhole } from '../../../src/engine/blobs/whole-file.ts';
import { scratch } from '../../support/scratch.ts';

test('takes the place of an earlier file, for the owner only', async () => {
  const root = scratch();
  const [tmp, target] = [path.join(root, 'tmp'), path.join(root, 'target')];
  mkdirSync(tmp);
  for (const text of ['a longer one', 'one']) {
    await writeWhole(target, utf8(text), tmp);
    equal(readFileSync(target, 'utf8'), text);
    equal(statSync(target).mode & 0o777, 0o600);
  }
  deepStrictEqual(readdirSync(tmp), []);
});

test('what cannot be put in its place is removed again', async () => {
  const root = scratch();
  const tmp = path.join(root, 'tmp');
  mkdirSync(tmp);
  await rejects(writeWhole(path.join(root, 'nowhere', 'target'), utf8('x'), tmp), isAbsent);
  deepStrictEqual(readdirSync(tmp), []);
  mkdirSync(path.join(root, 'taken'));
  await rejects(writeWhole(path.join(root, 'taken'), utf8('x'), tmp), (error) => !isAbsent(error));
  deepStrictEqual(readdirSync(tmp), []);
});
