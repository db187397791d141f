/**
 * A holder's keys of encrypted columns: `keys/<table>.columns`, locked under the holder's own key, as
 * its share of a collective key is (engine/keys). One table, one key.
 *
 * Destroying one overwrites the file before it is unlinked. A disk may keep older copies of its
 * blocks, and a backup keeps what it has: both are locked under the holder's key, and are the
 * holder's to account for.
 * @module
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { concat, toHex } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Vault } from '../../base/vault.ts';
import { blobBytes } from '../../he/seal/blob.ts';
import { generateHolderKey, type HolderKey } from '../../he/seal/holder-key.ts';
import { syncDirectory } from '../blobs/sync-directory.ts';
import type { Seal } from './encrypt-stored.ts';

const SECRET = blobBytes('secret');
const RELINEARISATION = blobBytes('relinearisation');
const CHECK = 32;

export type ColumnKeyOptions = {
  readonly directory: string;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly seal: () => Promise<Seal>;
};

const labelOf = (table: Digest): string => `kakehashi/columns-key/1 ${table}`;

export class ColumnKeys {
  readonly #options: ColumnKeyOptions;

  constructor(options: ColumnKeyOptions) {
    this.#options = options;
  }

  /** Draws the key of a new table; durable when it returns. */
  async create(table: Digest): Promise<void> {
    const { seal, rng, vault } = this.#options;
    const { session, codec } = await seal();
    const key = generateHolderKey(session, codec, rng);
    using secret = key.secret;
    using checkKey = key.check;
    using whole = new Secret(
      'columns key file',
      concat(secret.expose(), checkKey.expose(), key.relinearisation),
    );
    await this.#write(table, vault.lock(labelOf(table), whole.expose()));
  }

  /** Refuses with DATA_DIRECTORY_DAMAGED where the key is gone. */
  async load(table: Digest): Promise<HolderKey> {
    const file = await readFile(this.#file(table)).catch((cause: unknown) => {
      throw new Refusal('DATA_DIRECTORY_DAMAGED', 'key of columns', undefined, { cause });
    });
    using whole = this.#options.vault.unlock(labelOf(table), new Uint8Array(file));
    const bytes = whole.expose();
    const length = SECRET + CHECK + RELINEARISATION;
    check(bytes.length === length, 'DATA_DIRECTORY_DAMAGED', 'key of columns: length');
    return {
      secret: new Secret('columns key', bytes.slice(0, SECRET)),
      check: new Secret('check rows key', bytes.slice(SECRET, SECRET + CHECK)),
      relinearisation: bytes.slice(SECRET + CHECK),
    };
  }

  /** Nothing of the table can be read any more. Idempotent. */
  async destroy(table: Digest): Promise<void> {
    const file = this.#file(table);
    const size = await readFile(file).then(
      ({ length }) => length,
      () => 0,
    );
    if (size > 0) {
      const handle = await open(file, 'r+');
      try {
        await handle.write(this.#options.rng(size));
        await handle.sync();
      } finally {
        await handle.close();
      }
    }
    await rm(file, { force: true });
    await syncDirectory(this.#options.directory);
  }

  async #write(table: Digest, locked: Uint8Array): Promise<void> {
    const file = this.#file(table);
    const temporary = `${file}.${toHex(this.#options.rng(8))}.new`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(locked);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(this.#options.directory);
  }

  #file(table: Digest): string {
    check(DIGEST_PATTERN.test(table), 'INVALID_PARAMETER', 'table is not a digest');
    return path.join(this.#options.directory, `${table}.columns`);
  }
}
