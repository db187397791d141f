/** What every adapter of the `Blobs` port must do. */
import { deepStrictEqual, equal, rejects } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { ErasableBlobs } from '../../../src/flows/ports.ts';
import { refusal } from '../../support/refusal.ts';

export function blobsConformance(name: string, factory: () => ErasableBlobs): void {
  describe(`${name}: the Blobs port`, () => {
    test('gives back what was put, by its digest', async () => {
      const blobs = factory();
      for (const bytes of [new Uint8Array(0), utf8('text'), new Uint8Array(1 << 20).fill(7)]) {
        const digest = await blobs.put(bytes);
        equal(digest, sha256Hex(bytes));
        equal(await blobs.put(bytes), digest);
        equal(await blobs.has(digest), true);
        deepStrictEqual(await blobs.get(digest), bytes);
      }
    });

    test('has its own copies', async () => {
      const blobs = factory();
      const bytes = utf8('text');
      const digest = await blobs.put(bytes);
      bytes.fill(0);
      (await blobs.get(digest)).fill(1);
      deepStrictEqual(await blobs.get(digest), utf8('text'));
    });

    test('takes a view for what it shows, and the same bytes from many at once', async () => {
      const blobs = factory();
      const view = new Uint8Array(64).fill(9).subarray(8, 16);
      const digests = await Promise.all([1, 2, 3, 4].map(() => blobs.put(view)));
      equal(new Set(digests).size, 1);
      deepStrictEqual(await blobs.get(digests[0]!), new Uint8Array(8).fill(9));
    });

    test('forgets what is deleted, once and again, and takes it anew', async () => {
      const blobs = factory();
      const [gone, kept] = [await blobs.put(utf8('gone')), await blobs.put(utf8('kept'))];
      await blobs.delete(gone);
      await blobs.delete(gone);
      equal(await blobs.has(gone), false);
      await rejects(blobs.get(gone), refusal('NOT_FOUND'));
      deepStrictEqual(await blobs.get(kept), utf8('kept'));
      equal(await blobs.put(utf8('gone')), gone);
      equal(await blobs.has(gone), true);
    });

    test('refuses what is not there', async () => {
      const blobs = factory();
      const absent = sha256Hex(utf8('absent'));
      equal(await blobs.has(absent), false);
      await rejects(blobs.get(absent), refusal('NOT_FOUND'));
    });
  });
}
