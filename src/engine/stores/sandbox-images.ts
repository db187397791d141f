/**
 * Archives of images as rows, by study and image: for processes that have a database between them and no disk. The
 * digest of the archive is verified whenever it is read, and says whether another process wrote since.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import type { ImageArchives } from '../images/image-shelf.ts';
import type { SandboxStore } from './sandbox-store.ts';

export class SandboxImageArchives implements ImageArchives {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  async get(study: Digest, image: Digest): Promise<Uint8Array | undefined> {
    const row = await this.#store.first(
      this.#store.db
        .selectFrom('image_archive')
        .select(['digest', 'bytes'])
        .where('study', '=', study)
        .where('image', '=', image),
    );
    if (row === undefined) return undefined;
    check(sha256Hex(row.bytes) === row.digest, 'DATA_DIRECTORY_DAMAGED', `image ${image}`);
    return row.bytes;
  }

  async replace(
    study: Digest,
    image: Digest,
    before: Uint8Array | undefined,
    archive: Uint8Array,
  ): Promise<boolean> {
    const { db } = this.#store;
    const known = before === undefined ? undefined : sha256Hex(before);
    const row = { digest: sha256Hex(archive), bytes: archive };
    return this.#store.immediate(async (tx) => {
      const now = await tx.first(
        db
          .selectFrom('image_archive')
          .select('digest')
          .where('study', '=', study)
          .where('image', '=', image),
      );
      if (now?.digest !== known) return false;
      await tx.run(
        db
          .insertInto('image_archive')
          .values({ study, image, ...row })
          .onConflict((conflict) => conflict.columns(['study', 'image']).doUpdateSet(row)),
      );
      return true;
    });
  }
}
