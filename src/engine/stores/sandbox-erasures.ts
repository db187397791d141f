/**
 * What the sandbox takes out of the frames of ended runs: ciphertexts, and nothing else. A frame stays in
 * its place with its number, its digest and its signature, so that one that is sent again is recognised
 * and a holder that came back from a backup is told that it had sent it (flows/recovery.ts).
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import { type Frame, LONG_OR_SEALED, withoutBody } from '../../flows/frame.ts';
import { FINAL } from './sandbox-runs.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

export type EndedRun = { readonly id: Digest; readonly study: Digest };

/** Of one sweep; the others have the next one. */
const MOST_RUNS = 256;

export class SandboxErasures {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  /** Notes `now` as the end of the runs that have ended since the last time. */
  async noteEnds(now: Date): Promise<void> {
    const { db } = this.#store;
    // Nothing is erased that has not ended: said so that the index of what is not erased serves.
    const fresh = await this.#store.first(
      db
        .selectFrom('run')
        .select('id')
        .where('erased', 'is', null)
        .where('ended', 'is', null)
        .where('state', 'in', FINAL),
    );
    if (fresh === undefined) return;
    await this.#store.run(
      db
        .updateTable('run')
        .set({ ended: now.getTime() })
        .where('erased', 'is', null)
        .where('ended', 'is', null)
        .where('state', 'in', FINAL),
    );
  }

  /** Runs that ended at `until` or before and still have their ciphertexts, each of them delivered. */
  async due(until: Date): Promise<EndedRun[]> {
    const { db } = this.#store;
    return this.#store.all(
      db
        .selectFrom('run')
        .select(['id', 'study'])
        .where('erased', 'is', null)
        .where('ended', '<=', BigInt(until.getTime()))
        .where('id', 'not in', this.#waiting())
        .orderBy('ended')
        .limit(MOST_RUNS),
    );
  }

  /** Runs with a ciphertext that a holder has not fetched yet. */
  #waiting() {
    return this.#store.db
      .selectFrom('delivery')
      .innerJoin('frame', 'frame.arrival', 'delivery.arrival')
      .select('run')
      .where('kind', 'in', LONG_OR_SEALED);
  }

  /** The frames with a ciphertext, or that had one, by number of arrival. */
  async frames(run: Digest, on: Statements = this.#store): Promise<bigint[]> {
    const rows = await on.all(
      this.#store.db
        .selectFrom('frame')
        .select('arrival')
        .where('run', '=', run)
        .where('kind', 'in', LONG_OR_SEALED)
        .orderBy('arrival'),
    );
    return rows.map(({ arrival }) => arrival);
  }

  async bytes(arrival: bigint, on: Statements = this.#store): Promise<Uint8Array | undefined> {
    const query = this.#store.db.selectFrom('frame').select('bytes');
    return (await on.first(query.where('arrival', '=', arrival)))?.bytes;
  }

  /**
   * Takes out the ciphertexts of a run, unless a holder has one yet to fetch. Gives how many frames the
   * run has of them; undefined where nothing was done.
   */
  async erase(tx: Statements, run: Digest, now: Date): Promise<number | undefined> {
    const { db } = this.#store;
    if ((await tx.first(this.#waiting().where('run', '=', run))) !== undefined) return undefined;
    const arrivals = await this.frames(run, tx);
    for (const arrival of arrivals) {
      const bytes = await this.bytes(arrival, tx);
      if (bytes === undefined) continue;
      const left = withoutBody(bytes);
      await tx.run(
        db
          .updateTable('frame')
          .set({ bytes: left, size: left.length })
          .where('arrival', '=', arrival),
      );
    }
    await tx.run(db.updateTable('run').set({ erased: now.getTime() }).where('id', '=', run));
    return arrivals.length;
  }

  /** Whether the ciphertexts of a run were deleted. */
  async erased(tx: Statements, run: Digest): Promise<boolean> {
    const query = this.#store.db.selectFrom('run').select('erased').where('id', '=', run);
    return ((await tx.first(query))?.erased ?? null) !== null;
  }

  /** A ciphertext that comes in after its run was erased is to be erased as well. */
  async late(tx: Statements, { run, kind }: Pick<Frame, 'run' | 'kind'>): Promise<void> {
    if (!LONG_OR_SEALED.includes(kind)) return;
    const { db } = this.#store;
    await tx.run(
      db
        .updateTable('run')
        .set({ erased: null })
        .where('id', '=', run)
        .where('erased', 'is not', null),
    );
  }
}
