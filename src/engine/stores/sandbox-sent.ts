/** What a holder has sent, as it signed it: for a holder that came back from a backup (flows/recovery.ts). @module */
import type { SandboxStore } from './sandbox-store.ts';

export type SentPage = {
  readonly frames: readonly Uint8Array[];
  /** Of the last frame; where there is none, what was asked for. */
  readonly cursor: number;
};

/** Frames of one answer; their bytes are limited by the caller. */
const MOST_FRAMES = 512;

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
    let total = 0;
    const fitting = sizes.filter(({ size }, index) => {
      total += Number(size);
      return index === 0 || total <= limit;
    });
    const frames: Uint8Array[] = [];
    for (const { arrival } of fitting) {
      const row = await this.#store.first(
        db.selectFrom('frame').select('bytes').where('arrival', '=', arrival),
      );
      if (row !== undefined) frames.push(row.bytes);
    }
    const last = fitting[fitting.length - 1];
    return { frames, cursor: last === undefined ? after : Number(last.arrival) };
  }
}
