/**
 * Archives of images on disk, by study and image: `images/<study>.<image>.tar`. What is read is verified by
 * whoever uses it; writing is whole or not at all, as for blobs.
 * @module
 */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { syncDirectory } from '../blobs/sync-directory.ts';
import { isAbsent, writeWhole } from '../blobs/whole-file.ts';

export class ImageShelf {
  readonly #directory: string;
  readonly #tmp: string;

  constructor(options: { readonly directory: string; readonly tmp: string }) {
    this.#directory = options.directory;
    this.#tmp = options.tmp;
  }

  /** Undefined where there is none. */
  async get(study: Digest, image: Digest): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#path(study, image)));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** Durable when it returns; takes the place of an earlier one. */
  async put(study: Digest, image: Digest, archive: Uint8Array): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeWhole(this.#path(study, image), archive, this.#tmp);
    await syncDirectory(this.#directory);
  }

  #path(study: Digest, image: Digest): string {
    check(DIGEST_PATTERN.test(study) && DIGEST_PATTERN.test(image), 'INVALID_PARAMETER', 'digest');
    return path.join(this.#directory, `${study}.${image}.tar`);
  }
}
