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
  readonly #studies: Pick<Studies, 'versions' | 'get'>;
  readonly #seen = new Set<Digest>();
  readonly #keys = new Set<PublicKeyText>();

  constructor(access: Access, studies: Pick<Studies, 'versions' | 'get'>) {
    this.#access = access;
    this.#studies = studies;
  }

  async knows(key: PublicKeyText): Promise<boolean> {
    if (this.#keys.has(key) || this.#access.serviceRoles(key).size > 0) return true;
    // Another process on the same store may have taken in a study, or a version of one, since.
    for (const agreement of await this.#studies.versions())
      if (!this.#seen.has(agreement)) await this.#index(agreement);
    return this.#keys.has(key);
  }

  async #index(agreement: Digest): Promise<void> {
    const { analysts, holders } = await this.#studies.get(agreement);
    for (const { key } of analysts) this.#keys.add(key);
    for (const { identity, stewards } of holders) {
      for (const key of [identity, ...stewards.keys]) this.#keys.add(key);
    }
    this.#seen.add(agreement);
  }
}
