/**
 * Tasks side by side, begun and taken in their order, so many of them under way.
 * @module
 */

export type Ordered = {
  readonly count: number;
  /** What task `i` needs, one after the other; `room` numbers those that are under way. */
  readonly prepare?: (i: number, room: number) => Promise<void> | void;
  readonly run: (i: number, room: number) => Promise<unknown>;
  /** What becomes of it, one after the other. */
  readonly take?: (i: number, room: number) => Promise<void> | void;
};

/** All tasks, `atOnce` of them under way. Rejects with the first that does, when no other is under way. */
export async function inOrder(
  atOnce: number,
  { count, prepare, run, take }: Ordered,
): Promise<void> {
  const running: Promise<unknown>[] = [];
  let next = 0;
  try {
    for (let i = 0; i < count; i += 1) {
      while (next < count && running.length < atOnce) {
        await prepare?.(next, next % atOnce);
        const task = run(next, next % atOnce);
        // Awaited when its turn comes.
        task.catch(() => {});
        running.push(task);
        next += 1;
      }
      await running.shift();
      await take?.(i, i % atOnce);
    }
  } finally {
    // What they work on is about to be wiped.
    await Promise.allSettled(running);
  }
}
