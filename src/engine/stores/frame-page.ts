/** Frames of one answer of the sandbox: so many, and so many bytes. @module */
import type { SandboxStore } from './sandbox-store.ts';

/** Frames of one answer are at most this many; the caller limits their bytes. */
export const MOST_FRAMES = 512;

type Sized = { readonly arrival: bigint; readonly size: bigint };

/** The first of `waiting` that have `limit` bytes together, and at least one, with the arrival of the last. */
export async function framesWithin(
  store: SandboxStore,
  waiting: readonly Sized[],
  limit: number,
): Promise<{ readonly frames: Uint8Array[]; readonly last: bigint | undefined }> {
  let total = 0;
  const tooMany = waiting.findIndex(({ size }, index) => {
    total += Number(size);
    return index > 0 && total > limit;
  });
  const fitting = tooMany === -1 ? waiting : waiting.slice(0, tooMany);
  const frames: Uint8Array[] = [];
  for (const { arrival } of fitting) {
    const row = await store.first(
      store.db.selectFrom('frame').select('bytes').where('arrival', '=', arrival),
    );
    if (row !== undefined) frames.push(row.bytes);
  }
  return { frames, last: fitting.at(-1)?.arrival };
}
