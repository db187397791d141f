/**
 * Blobs as rows: for processes on several machines that have a database between them and no disk.
 * Content is verified whenever it is read; a damaged row is replaced by the next `put` of its bytes.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import type { ErasableBlobs } from '../../flows/ports.ts';
import type { Store } from './store.ts';

export type BlobTables = { blob: { digest: Digest; bytes: Uint8Array } };

export class StoredBlobs implements ErasableBlobs {
  readonly #store: Store<BlobTables>;

  constructor(store: Store<BlobTables>) {
    this.#store = store;
  }

  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256Hex(bytes);
    const stored = await this.#stored(digest);
    if (stored !== undefined && sha256Hex(stored) === digest) return digest;
    await this.#store.run(
      this.#store.db
        .insertInto('blob')
        .values({ digest, bytes })
        .onConflict((conflict) => conflict.column('digest').doUpdateSet({ bytes })),
    );
    return digest;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = await this.#stored(digest);
    check(bytes !== undefined, 'NOT_FOUND', `blob ${digest}`);
    check(sha256Hex(bytes) === digest, 'DATA_DIRECTORY_DAMAGED', `blob ${digest}`);
    return bytes;
  }

  async has(digest: Digest): Promise<boolean> {
    const query = this.#store.db.selectFrom('blob').select('digest').where('digest', '=', digest);
    return (await this.#store.first(query)) !== undefined;
  }

  async delete(digest: Digest): Promise<void> {
    await this.#store.run(this.#store.db.deleteFrom('blob').where('digest', '=', digest));
  }

  async #stored(digest: Digest): Promise<Uint8Array | undefined> {
    const query = this.#store.db.selectFrom('blob').select('bytes').where('digest', '=', digest);
    return (await this.#store.first(query))?.bytes;
  }
}
