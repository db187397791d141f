/** Blobs in memory, for flows composed in one process. Copies in and out, as a disk would. */
import { check } from '../../src/base/errors.ts';
import { type Digest, sha256Hex } from '../../src/base/hash.ts';
import type { ErasableBlobs } from '../../src/flows/ports.ts';

export class MemoryBlobs implements ErasableBlobs {
  readonly #blobs = new Map<Digest, Uint8Array>();

  put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256Hex(bytes);
    this.#blobs.set(digest, bytes.slice());
    return Promise.resolve(digest);
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = this.#blobs.get(digest);
    check(bytes !== undefined, 'NOT_FOUND', `blob ${digest}`);
    return Promise.resolve(bytes.slice());
  }

  delete(digest: Digest): Promise<void> {
    this.#blobs.delete(digest);
    return Promise.resolve();
  }

  has(digest: Digest): Promise<boolean> {
    return Promise.resolve(this.#blobs.has(digest));
  }
}
