/**
 * Which keys somebody has vouched for: the configuration of this sandbox, or a study that enough
 * stewards signed. Everybody else is a stranger, for whom nothing is stored and no body is read.
 * @module
 */
import type { Digest } from '../base/hash.ts';
import type { PublicKeyText } from '../base/sign.ts';
import type { Access } from './access.ts';
import type { Studies } from './studies.ts';

export class Members {
  readonly #access: Access;
  readonly #studies: Pick<Studies, 'ids' | 'get'>;
  readonly #seen = new Set<Digest>();
  readonly #keys = new Set<PublicKeyText>();

  constructor(access: Access, studies: Pick<Studies, 'ids' | 'get'>) {
    this.#access = access;
    this.#studies = studies;
  }

  async knows(key: PublicKeyText): Promise<boolean> {
    if (this.#keys.has(key) || this.#access.serviceRoles(key).size > 0) return true;
    // Another process on the same store may have taken in a study since.
    for (const id of await this.#studies.ids()) if (!this.#seen.has(id)) await this.#index(id);
    return this.#keys.has(key);
  }

  async #index(id: Digest): Promise<void> {
    const { analysts, holders } = await this.#studies.get(id);
    for (const { key } of analysts) this.#keys.add(key);
    for (const { identity, stewards } of holders) {
      for (const key of [identity, ...stewards.keys]) this.#keys.add(key);
    }
    this.#seen.add(id);
  }
}
