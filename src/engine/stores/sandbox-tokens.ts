/**
 * Ids of request tokens that were used, durably, for as long as a token could still be valid: a
 * token is good for one request, also across a restart.
 * @module
 */
import type { PublicKeyText } from '../../base/sign.ts';
import type { SandboxStore } from './sandbox-store.ts';

export class SandboxTokens {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  /** False when `key` used `id` before. Ids of one principal are nobody else's. */
  use(key: PublicKeyText, id: string, forgetAfter: Date, now: Date): Promise<boolean> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      await tx.run(db.deleteFrom('token').where('forget_after', '<', BigInt(now.getTime())));
      const used = db.selectFrom('token').select('id').where('key', '=', key).where('id', '=', id);
      if ((await tx.first(used)) !== undefined) return false;
      const forget_after = forgetAfter.getTime();
      await tx.run(db.insertInto('token').values({ key, id, forget_after }));
      return true;
    });
  }
}
