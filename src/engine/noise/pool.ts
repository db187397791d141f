/**
 * Noise that is drawn before it is asked for (rulings 20).
 *
 * An entry is one whole vector for one list of variances and counts, with the seed that it was expanded
 * from. A shelf keeps a few entries for each of the lists asked for last; it is filled again some time
 * after an entry was taken, entries are taken in random order, and nobody can tell from how long
 * filling took which of them a later answer carries.
 *
 * Once        a taken entry is in the pool no more. Its commitment is durable, and unique, in the ledger
 *             before its values are used; after a crash the pool is empty, and what was lost is never
 *             used.
 * Never       on disk: values live in memory and are wiped when they leave it. Never for another list:
 *             shelves are found by a digest of all variances and counts.
 * The first   answer for a list finds no entry: its noise is drawn from then on beside the run, in short
 *             batches, and the deadline of the answer covers it.
 * @module
 */
import type { NoiseTicket } from '../../flows/ports.ts';

/** A seed with its commitment, and the noise that comes of it. */
export type PoolEntry = {
  readonly ticket: NoiseTicket;
  readonly values: Promise<BigInt64Array>;
};

export type PoolSettings = {
  /** Draws a new entry; its values come in the background. */
  readonly fresh: () => PoolEntry;
  /** Which of `count` entries is taken. */
  readonly choose: (count: number) => number;
  /** Runs `fill` later, not while an answer is being made. */
  readonly later: (fill: () => void) => void;
};

/** Entries of one list that are kept ready. */
const DEPTH = 2;
/** Lists that are remembered. */
const SHELVES = 16;
/** Longer vectors (2 MiB) are not kept ready. */
export const LONGEST_POOLED = 2 ** 18;

export class NoisePool {
  readonly #shelves = new Map<string, PoolEntry[]>();

  /** An entry for `list`, ready where there is one, of `length` values. */
  take(list: string, length: number, { fresh, choose, later }: PoolSettings): PoolEntry {
    if (length > LONGEST_POOLED) return fresh();
    const shelf = this.#shelves.get(list) ?? [];
    this.#shelves.delete(list); // and in again below, as the one asked for last
    this.#shelves.set(list, shelf);
    this.#forgetOldest();
    const [entry] = shelf.length === 0 ? [] : shelf.splice(choose(shelf.length), 1);
    later(() => {
      if (this.#shelves.get(list) !== shelf) return;
      while (shelf.length < DEPTH) shelf.push(fresh());
    });
    return entry ?? fresh();
  }

  #forgetOldest(): void {
    for (const [list, shelf] of this.#shelves) {
      if (this.#shelves.size <= SHELVES) return;
      this.#shelves.delete(list);
      for (const { values } of shelf)
        void values.then(
          (noise) => noise.fill(0n),
          () => undefined,
        );
    }
  }
}
