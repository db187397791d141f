/** Blobs on disk: the port, damage, modes, and names that try to leave the directory. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { FileBlobs } from '../../../src/engine/blobs/file-blobs.ts';
import { MemoryBlobs } from '../../support/memory-blobs.ts';
import { refusal } from '../../support/refusal.ts';
import { scratch } from '../../support/scratch.ts';
import { blobsConformance } from '../conformance/blobs.ts';

const open = (root: string): FileBlobs =>
  new FileBlobs({ directory: path.join(root, 'blobs'), tmp: path.join(root, 'tmp') });

blobsConformance('memory', () => new MemoryBlobs());
blobsConformance('files', () => open(scratch()));

describe('FileBlobs', () => {
  const where = (root: string, digest: string): string =>
    path.join(root, 'blobs', digest.slice(0, 2), digest);

  test('finds its blobs after a restart and leaves nothing in tmp', async () => {
    const root = scratch();
    const digest = await open(root).put(utf8('text'));
    deepStrictEqual(await open(root).get(digest), utf8('text'));
    deepStrictEqual(readdirSync(path.join(root, 'tmp')), []);
    equal(statSync(where(root, digest)).mode & 0o777, 0o600);
    equal(statSync(path.dirname(where(root, digest))).mode & 0o777, 0o700);
  });

  test('sees a changed and a shortened file, and mends it when the bytes come again', async () => {
    const root = scratch();
    const digest = await open(root).put(utf8('text'));
    for (const damage of [
      () => writeFileSync(where(root, digest), 'tezt'),
      () => truncateSync(where(root, digest), 2),
    ]) {
      damage();
      await rejects(open(root).get(digest), refusal('DATA_DIRECTORY_DAMAGED'));
      await open(root).put(utf8('text'));
      deepStrictEqual(await open(root).get(digest), utf8('text'));
    }
  });

  for (const name of ['../../etc/passwd', '', 'AB'.repeat(32), `${'ab'.repeat(31)}/..`]) {
    test(`refuses the digest ${JSON.stringify(name)}`, async () => {
      const blobs = open(scratch());
      await rejects(blobs.get(name), refusal('INVALID_PARAMETER'));
      await rejects(blobs.has(name), refusal('INVALID_PARAMETER'));
    });
  }
});
