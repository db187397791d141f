/** What a holder has sent, as it signed it: for a holder that came back from a backup (flows/recovery.ts). @module */
import { framesWithin, MOST_FRAMES } from './frame-page.ts';
import type { SandboxStore } from './sandbox-store.ts';

export type SentPage = {
  readonly frames: readonly Uint8Array[];
  /** Of the last frame; where there is none, what was asked for. */
  readonly cursor: number;
};

export class SandboxSent {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  /** Frames of `holder` behind the number `after`, in order of arrival, of `limit` bytes together; at least one. */
  async page(holder: string, after: number, limit: number): Promise<SentPage> {
    const { db } = this.#store;
    const sizes = await this.#store.all(
      db
        .selectFrom('frame')
        .select(['arrival', 'size'])
        .where('from_name', '=', holder)
        .where('arrival', '>', BigInt(after))
        .orderBy('arrival')
        .limit(MOST_FRAMES),
    );
    const { frames, last } = await framesWithin(this.#store, sizes, limit);
    return { frames, cursor: last === undefined ? after : Number(last) };
  }
}
