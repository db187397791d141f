/**
 * A holder's shares of a study's collective key, one for each key epoch and parameter set:
 * `keys/<study>.<epoch>.<parameters>.he`, locked under the holder's own key, written once and never
 * changed. Those of an epoch that has ended are deleted (`end`).
 * @module
 */
import { access, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
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
import { removeFile } from '../remove-file.ts';

export type KeyShareOptions = {
  readonly directory: string;
  readonly vault: Vault;
  readonly rng: Rng;
  readonly holder: string;
  /** Durable, idempotent by run. The epoch that this holder would enter where not this one. */
  readonly enter: (entry: KeyUse) => Promise<number | undefined>;
  /** Whether the share was made before, remembered durably by the name of its key. */
  readonly made: (name: string) => Promise<boolean>;
  readonly remember: (name: string) => Promise<void>;
};

/** The use of a key by one run. */
export type KeyUse = {
  readonly study: Digest;
  readonly epoch: number;
  readonly key: Digest;
  readonly run: Digest;
  readonly ciphertexts: number;
};

const prefixOf = (study: Digest, epoch: number): string => `${study}.${epoch}`;
const SHARE_FILE = /^([0-9a-f]{64})\.([1-9][0-9]*)\..+\.he$/;

export class FileKeyShares implements KeyShares {
  readonly #options: KeyShareOptions;
  readonly #loaded = new Map<string, Promise<KeyShare>>();
  /** Names of what is loaded, by the beginning of its files. */
  readonly #names = new Map<string, Set<string>>();

  constructor(options: KeyShareOptions) {
    this.#options = options;
  }

  share(key: KeyIdentity, parameters: Parameters): Promise<KeyShare> {
    const name = `${keyId(key)} ${parameters.id}`;
    let loading = this.#loaded.get(name);
    if (loading === undefined) {
      loading = this.#load(key, parameters, name);
      this.#loaded.set(name, loading);
      const prefix = prefixOf(key.study, key.epoch);
      this.#names.set(prefix, (this.#names.get(prefix) ?? new Set()).add(name));
      loading.catch(() => this.#loaded.delete(name));
    }
    return loading;
  }

  async enter(key: KeyIdentity, run: Digest, ciphertexts: number): Promise<void> {
    const { study, epoch } = key;
    const { holder, enter } = this.#options;
    const needed = await enter({ study, epoch, key: keyId(key), run, ciphertexts });
    if (needed === undefined) return;
    throw new Refusal('KEY_EPOCH', `epoch ${epoch}`, { holder, epoch: needed });
  }

  async #files(study: Digest): Promise<{ readonly file: string; readonly epoch: number }[]> {
    return (await readdir(this.#options.directory)).flatMap((file) => {
      const [, of, epoch] = SHARE_FILE.exec(file) ?? [];
      return of === study ? [{ file, epoch: Number(epoch) }] : [];
    });
  }

  /** The epochs of a study that there is a share of. */
  async epochs(study: Digest): Promise<ReadonlySet<number>> {
    return new Set((await this.#files(study)).map(({ epoch }) => epoch));
  }

  /**
   * Deletes the shares of every epoch of a study that is not `kept`, durably; returns how many files. Where one stays
   * the others go all the same, and it is refused with FILE_NOT_REMOVED.
   */
  async end(study: Digest, kept: (epoch: number) => boolean): Promise<number> {
    const { directory } = this.#options;
    const ended = (await this.#files(study)).filter(({ epoch }) => !kept(epoch));
    const stay: unknown[] = [];
    for (const { file, epoch } of ended) {
      await this.#unload(prefixOf(study, epoch));
      await removeFile(path.join(directory, file)).catch((error: unknown) => stay.push(error));
    }
    if (ended.length > 0) await syncDirectory(directory);
    for (const error of stay) throw error;
    return ended.length;
  }

  async #unload(prefix: string): Promise<void> {
    for (const name of this.#names.get(prefix) ?? []) {
      const loading = this.#loaded.get(name);
      this.#loaded.delete(name);
      const share = await loading?.catch(() => undefined);
      share?.secret[Symbol.dispose]();
    }
    this.#names.delete(prefix);
  }

  async #load(key: KeyIdentity, parameters: Parameters, name: string): Promise<KeyShare> {
    const { directory, vault } = this.#options;
    const file = path.join(directory, `${prefixOf(key.study, key.epoch)}.${parameters.id}.he`);
    const label = `kakehashi/he-share/1 ${name}`;
    const present = await access(file).then(
      () => true,
      () => false,
    );
    // One lost share ends an n-of-n key: a new one under the same id would open nothing.
    check(
      present || !(await this.#options.made(name)),
      'DATA_DIRECTORY_DAMAGED',
      'key share is gone',
    );
    if (!present) await this.#create(key, parameters, file, label);
    await this.#options.remember(name);
    using serialized = vault.unlock(label, new Uint8Array(await readFile(file)));
    const share = parseKeyShare(parameters, serialized);
    check(share.key === keyId(key), 'DATA_DIRECTORY_DAMAGED', 'share of another key');
    return share;
  }

  async #create(
    key: KeyIdentity,
    parameters: Parameters,
    file: string,
    label: string,
  ): Promise<void> {
    const { rng, vault } = this.#options;
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
