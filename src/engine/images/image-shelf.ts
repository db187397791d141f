/**
 * Archives of images on disk, by study and image: `images/<study>.<image>.tar`. What is read is verified by
 * whoever uses it; writing is whole or not at all, as for blobs. Several processes have rows instead
 * (engine/stores/sandbox-images.ts).
 * @module
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import { syncDirectory } from '../blobs/sync-directory.ts';
import { isAbsent, writeWhole } from '../blobs/whole-file.ts';

/** Where the archives of images are, one for each study and image. */
export interface ImageArchives {
  /** Undefined where there is none. */
  get(study: Digest, image: Digest): Promise<Uint8Array | undefined>;
  /**
   * Durable when it returns true. False where the archive is not the one that was read `before`, for another process
   * wrote since: read it again.
   */
  replace(
    study: Digest,
    image: Digest,
    before: Uint8Array | undefined,
    archive: Uint8Array,
  ): Promise<boolean>;
}

const FILE = /^([0-9a-f]{64})\.([0-9a-f]{64})\.tar$/;

/** For one process: whoever replaces does so one after the other. */
export class ImageShelf implements ImageArchives {
  readonly #directory: string;
  readonly #tmp: string;

  constructor(options: { readonly directory: string; readonly tmp: string }) {
    this.#directory = options.directory;
    this.#tmp = options.tmp;
  }

  async get(study: Digest, image: Digest): Promise<Uint8Array | undefined> {
    try {
      return new Uint8Array(await readFile(this.#path(study, image)));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async replace(
    study: Digest,
    image: Digest,
    _before: Uint8Array | undefined,
    archive: Uint8Array,
  ): Promise<boolean> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeWhole(this.#path(study, image), archive, this.#tmp);
    await syncDirectory(this.#directory);
    return true;
  }

  /** What is here. */
  async list(): Promise<{ readonly study: Digest; readonly image: Digest }[]> {
    const files = await readdir(this.#directory).catch((error: unknown) => {
      if (isAbsent(error)) return [];
      throw error;
    });
    return files.flatMap((file) => {
      const [, study, image] = FILE.exec(file) ?? [];
      return study === undefined || image === undefined ? [] : [{ study, image }];
    });
  }

  async remove(study: Digest, image: Digest): Promise<void> {
    await rm(this.#path(study, image), { force: true });
    await syncDirectory(this.#directory);
  }

  #path(study: Digest, image: Digest): string {
    check(DIGEST_PATTERN.test(study) && DIGEST_PATTERN.test(image), 'INVALID_PARAMETER', 'digest');
    return path.join(this.#directory, `${study}.${image}.tar`);
  }
}
