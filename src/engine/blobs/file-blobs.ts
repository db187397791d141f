/**
 * Blobs on disk: `<directory>/<aa>/<sha256>`, where `aa` is the start of the digest.
 *
 * A blob is written to `tmp`, synchronised, renamed into place and the directory is synchronised
 * before `put` returns, so a crash leaves either the whole blob or none; what is left in `tmp`
 * is wiped at the next start. Content is verified whenever it is read. Files are 0600,
 * directories 0700. Both directories must be on one file system.
 * @module
 */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { check, Refusal } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN, sha256Hex } from '../../base/hash.ts';
import type { ErasableBlobs } from '../../flows/ports.ts';
import { syncDirectory } from './sync-directory.ts';
import { isAbsent, writeWhole } from './whole-file.ts';

export class FileBlobs implements ErasableBlobs {
  readonly #directory: string;
  readonly #tmp: string;

  constructor(options: { readonly directory: string; readonly tmp: string }) {
    this.#directory = options.directory;
    this.#tmp = options.tmp;
  }

  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = sha256Hex(bytes);
    const target = this.#path(digest);
    // What is stored under this name is trusted only after a look at it: a damaged one is replaced.
    // An earlier `put` may have been killed before its rename was durable, so the directory is
    // synchronised in any case.
    if (!(await this.#holds(digest))) {
      await this.#makeDirectories(path.dirname(target));
      await writeWhole(target, bytes, this.#tmp);
    }
    await syncDirectory(path.dirname(target));
    return digest;
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = await this.#read(digest);
    check(bytes !== undefined, 'NOT_FOUND', `blob ${digest}`);
    check(sha256Hex(bytes) === digest, 'DATA_DIRECTORY_DAMAGED', `blob ${digest}`);
    return bytes;
  }

  async has(digest: Digest): Promise<boolean> {
    const file = this.#path(digest);
    try {
      return (await stat(file)).isFile();
    } catch (error) {
      if (isAbsent(error)) return false;
      throw new Refusal('DATA_DIRECTORY_DAMAGED', `blob ${digest}`, undefined, { cause: error });
    }
  }

  async delete(digest: Digest): Promise<void> {
    const file = this.#path(digest);
    if (!(await this.has(digest))) return;
    await rm(file, { force: true });
    await syncDirectory(path.dirname(file));
  }

  async #holds(digest: Digest): Promise<boolean> {
    const bytes = await this.#read(digest);
    return bytes !== undefined && sha256Hex(bytes) === digest;
  }

  async #read(digest: Digest): Promise<Uint8Array | undefined> {
    const file = this.#path(digest);
    try {
      const bytes = await readFile(file);
      // A buffer of its own: small files come from Node's shared pool, which must not be transferred.
      return bytes.buffer.byteLength === bytes.length
        ? new Uint8Array(bytes.buffer, 0, bytes.length)
        : Uint8Array.from(bytes);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw new Refusal('DATA_DIRECTORY_DAMAGED', `blob ${digest}`, undefined, { cause: error });
    }
  }

  /** The name is a checked digest, so a request can never leave the directory. */
  #path(digest: Digest): string {
    check(DIGEST_PATTERN.test(digest), 'INVALID_PARAMETER', 'not a digest');
    return path.join(this.#directory, digest.slice(0, 2), digest);
  }

  async #makeDirectories(directory: string): Promise<void> {
    await mkdir(this.#tmp, { recursive: true, mode: 0o700 });
    const made = await mkdir(directory, { recursive: true, mode: 0o700 });
    if (made === undefined) return;
    // A new directory is durable once its parent is.
    await syncDirectory(path.dirname(directory));
    await syncDirectory(path.dirname(made));
  }
}
