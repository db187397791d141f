/** What is taken out of a holder's frames: when its study is stopped, and when its run has ended. @module */
import type { Digest } from '../../base/hash.ts';
import { LONG_OR_SEALED } from '../../flows/frame.ts';
import type { HolderFrameTables } from './holder-frames.ts';
import type { Store } from './store.ts';

/**
 * Takes back what the sandbox has not acknowledged, but for a refusal. Where the sandbox has a
 * frame without our knowing, its number will be used again and everybody sees a conflict: the
 * run ends all the same.
 */
export async function withdrawFrames(store: Store<HolderFrameTables>, run: Digest): Promise<void> {
  await store.run(
    store.db
      .deleteFrom('outbox')
      .where('run', '=', run)
      .where('sent', '=', 0)
      .where('kind', '!=', 'refusal'),
  );
}

/**
 * Empties the long and the sealed bodies of a run that has ended and keeps that they were: what
 * was sent is not sent again, what was received is still known by its digest.
 */
export async function emptyFrames(store: Store<HolderFrameTables>, run: Digest): Promise<void> {
  const { db } = store;
  const nothing = new Uint8Array(0);
  await store.immediate(async (tx) => {
    await tx.run(
      db
        .updateTable('outbox')
        .set({ frame: nothing })
        .where('run', '=', run)
        .where('sent', '=', 1)
        .where('kind', 'in', LONG_OR_SEALED),
    );
    await tx.run(
      db
        .updateTable('inbox')
        .set({ body: nothing })
        .where('run', '=', run)
        .where('kind', 'in', LONG_OR_SEALED),
    );
  });
}
