/**
 * A holder's share of a study's collective key: `keys/<study>.he`, locked under the holder's
 * own key (DESIGN section 9, "Keys"), written once and never changed.
 * @module
 */
import { access, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Vault } from '../../base/vault.ts';
import type { KeyShares } from '../../flows/ports.ts';
import {
  createKeyShare,
  keyId,
  type KeyIdentity,
  type KeyShare,
  parseKeyShare,
  serializeKeyShare,
} from '../../he/collective/key.ts';
import type { Parameters } from '../../he/ring/parameters.ts';
import { syncDirectory } from '../blobs/sync-directory.ts';

export type KeyShareOptions = {
  readonly directory: string;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly parameters: Parameters;
  /** Durable, idempotent by run; refuses above the limit of the parameters. */
  readonly count: (keyId: Digest, run: Digest, ciphertexts: number) => void;
  /** Whether the share was made before, remembered durably. */
  readonly made: (keyId: Digest) => boolean;
  readonly remember: (keyId: Digest) => void;
};

export class FileKeyShares implements KeyShares {
  readonly #options: KeyShareOptions;
  readonly #loaded = new Map<Digest, Promise<KeyShare>>();

  constructor(options: KeyShareOptions) {
    this.#options = options;
  }

  share(key: KeyIdentity): Promise<KeyShare> {
    const id = keyId(key);
    let loading = this.#loaded.get(id);
    if (loading === undefined) {
      loading = this.#load(key, id);
      this.#loaded.set(id, loading);
      loading.catch(() => this.#loaded.delete(id));
    }
    return loading;
  }

  countShared(keyId: Digest, run: Digest, ciphertexts: number): Promise<void> {
    this.#options.count(keyId, run, ciphertexts);
    return Promise.resolve();
  }

  async #load(key: KeyIdentity, id: Digest): Promise<KeyShare> {
    const { directory, vault, parameters } = this.#options;
    const file = path.join(directory, `${key.study}.he`);
    const label = `kakehashi/he-share/1 ${id}`;
    const present = await access(file).then(
      () => true,
      () => false,
    );
    // One lost share ends an n-of-n key: a new one under the same id would open nothing.
    check(present || !this.#options.made(id), 'DATA_DIRECTORY_DAMAGED', 'key share is gone');
    if (!present) await this.#create(key, file, label);
    this.#options.remember(id);
    using serialized = vault.unlock(label, new Uint8Array(await readFile(file)));
    const share = parseKeyShare(parameters, serialized);
    check(share.key === id, 'DATA_DIRECTORY_DAMAGED', 'share of another key');
    return share;
  }

  async #create(key: KeyIdentity, file: string, label: string): Promise<void> {
    const { parameters, rng, vault } = this.#options;
    const share = createKeyShare(parameters, key, rng);
    using serialized = serializeKeyShare(share);
    using _ = share.secret;
    const temporary = `${file}.${toHex(rng(8))}.new`;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(vault.lock(label, serialized.expose()));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(path.dirname(file));
  }
}
