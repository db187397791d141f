/**
 * Frames that the sandbox relays, and the inbox of every holder: positions from 1 without gaps,
 * a row for each frame that a holder has not acknowledged.
 * @module
 */
import { sql } from 'kysely';
import { type Digest, sha256Hex } from '../../base/hash.ts';
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../../flows/frame.ts';
import { framesWithin, MOST_FRAMES } from './frame-page.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

/** `full`: nothing is kept, because one of the inboxes has as many frames waiting as it may. */
export type Arrival = 'new' | 'seen' | 'conflict' | 'full';

export type Inbox = {
  /** Of the last frame that was put in; 0 before the first. */
  readonly position: number;
  readonly acknowledged: number;
  /** ISO, when the holder last asked. */
  readonly seen: string | null;
};

export class SandboxFrames {
  readonly #store: SandboxStore;

  constructor(store: SandboxStore) {
    this.#store = store;
  }

  /**
   * Stores a frame whose signature was checked and puts it into the inboxes of `recipients`. A
   * seen number with the same digest changes nothing; with another, or behind a missing number,
   * it is a conflict, but for a refusal behind a missing number, which ends its run anyway. At most
   * `mostWaiting` frames wait in an inbox.
   */
  async add(
    tx: Statements,
    frame: Frame,
    recipients: readonly string[],
    mostWaiting = Infinity,
  ): Promise<Arrival> {
    const { db } = this.#store;
    const bytes = encodeFrame(frame);
    const digest = sha256Hex(bytes);
    const numbered = await tx.all(
      db
        .selectFrom('frame')
        .select(['sequence', 'digest'])
        .where('run', '=', frame.run)
        .where('from_name', '=', frame.from)
        .where('to_name', '=', frame.to),
    );
    const seen = numbered.find(({ sequence }) => Number(sequence) === frame.sequence);
    if (seen !== undefined) return seen.digest === digest ? 'seen' : 'conflict';
    const next = numbered.length + 1;
    if (frame.sequence !== next && !(frame.kind === 'refusal' && frame.sequence > next))
      return 'conflict';
    const positions: [holder: string, position: number][] = [];
    for (const holder of recipients) {
      const { position, acknowledged } = await this.inbox(holder, tx);
      if (position - acknowledged >= mostWaiting) return 'full';
      positions.push([holder, position + 1]);
    }

    const { study, run, from, to, sequence, kind } = frame;
    await tx.run(
      db.insertInto('frame').values({
        study,
        run,
        from_name: from,
        to_name: to,
        sequence,
        kind,
        digest,
        size: bytes.length,
        bytes,
      }),
    );
    const stored = await tx.first(
      db.selectFrom('frame').select(({ fn }) => fn.max('arrival').as('at')),
    );
    const arrival = stored?.at ?? 0n;
    for (const [holder, position] of positions) {
      await tx.run(
        db
          .insertInto('inbox')
          .values({ holder, position, acknowledged: 0, seen: null })
          .onConflict((conflict) => conflict.column('holder').doUpdateSet({ position })),
      );
      await tx.run(db.insertInto('delivery').values({ holder, position, arrival }));
    }
    return 'new';
  }

  /** The number of the next frame from `from` to `to` in this run. */
  async next(tx: Statements, run: Digest, from: string, to: string): Promise<number> {
    const rows = await tx.all(
      this.#store.db
        .selectFrom('frame')
        .select('sequence')
        .where('run', '=', run)
        .where('from_name', '=', from)
        .where('to_name', '=', to),
    );
    return rows.length + 1;
  }

  async inbox(holder: string, on: Statements = this.#store): Promise<Inbox> {
    const row = await on.first(
      this.#store.db.selectFrom('inbox').selectAll().where('holder', '=', holder),
    );
    return {
      position: Number(row?.position ?? 0),
      acknowledged: Number(row?.acknowledged ?? 0),
      seen: row?.seen ?? null,
    };
  }

  /**
   * Forgets the deliveries up to `position`, and notes that the holder was here. What was acknowledged stays so:
   * of two requests that cross, the smaller one changes nothing.
   */
  async acknowledge(holder: string, position: number, seen: string): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      const before = await this.inbox(holder, tx);
      const acknowledged = Math.max(position, before.acknowledged);
      await tx.run(
        db
          .insertInto('inbox')
          .values({ holder, position: 0, acknowledged, seen })
          .onConflict((conflict) => conflict.column('holder').doUpdateSet({ acknowledged, seen })),
      );
      await tx.run(
        db
          .deleteFrom('delivery')
          .where('holder', '=', holder)
          .where('position', '<=', BigInt(position)),
      );
    });
  }

  /** Moves an inbox behind `after`, with what waits in it: no position up to there is used (again). */
  async leap(holder: string, after: number): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      const { position, acknowledged, seen } = await this.inbox(holder, tx);
      if (after <= position) return;
      // More than what waits, so that no two rows meet on the way.
      const by = after + 1 - acknowledged;
      const moved = { position: position + by, acknowledged: acknowledged + by };
      await tx.run(
        db
          .insertInto('inbox')
          .values({ holder, ...moved, seen })
          .onConflict((conflict) => conflict.column('holder').doUpdateSet(moved)),
      );
      await tx.run(
        db
          .updateTable('delivery')
          .set({ position: sql<number>`position + ${by}` })
          .where('holder', '=', holder),
      );
    });
  }

  /** The frames behind `after`, in order, of at most `limit` bytes together; at least one. */
  async deliveries(holder: string, after: number, limit: number): Promise<Uint8Array[]> {
    const { db } = this.#store;
    const waiting = await this.#store.all(
      db
        .selectFrom('delivery')
        .innerJoin('frame', 'frame.arrival', 'delivery.arrival')
        .select(['frame.arrival', 'frame.size'])
        .where('holder', '=', holder)
        .where('position', '>', BigInt(after))
        .orderBy('position')
        .limit(MOST_FRAMES),
    );
    return (await framesWithin(this.#store, waiting, limit)).frames;
  }

  /** The body of the first frame of `kind` that `from` sent to the sandbox or to everyone. */
  async body(run: Digest, kind: FrameKind, from: string): Promise<Uint8Array | undefined> {
    const row = await this.#store.first(
      this.#store.db
        .selectFrom('frame')
        .select('bytes')
        .where('run', '=', run)
        .where('from_name', '=', from)
        .where('kind', '=', kind)
        .where('to_name', 'in', ['*', 'sandbox'])
        .orderBy('arrival'),
    );
    return row === undefined ? undefined : decodeFrame(row.bytes).body;
  }

  /** Who sent what in this run, in order of arrival, without bodies. */
  async history(run: Digest): Promise<{ readonly from: string; readonly kind: FrameKind }[]> {
    return (
      await this.#store.all(
        this.#store.db
          .selectFrom('frame')
          .select(['from_name', 'kind'])
          .where('run', '=', run)
          .orderBy('arrival'),
      )
    ).map(({ from_name: from, kind }) => ({ from, kind }));
  }

  /** The frames of these kinds in this run, in order of arrival. */
  async ofKinds(
    run: Digest,
    kinds: readonly FrameKind[],
    on: Statements = this.#store,
  ): Promise<Frame[]> {
    return (
      await on.all(
        this.#store.db
          .selectFrom('frame')
          .select('bytes')
          .where('run', '=', run)
          .where('kind', 'in', kinds)
          .orderBy('arrival'),
      )
    ).map(({ bytes }) => decodeFrame(bytes));
  }

  /** Statements of erasure of a study, in the order in which they came. */
  async erasuresIn(study: Digest, from: number, limit: number): Promise<Frame[]> {
    const { db } = this.#store;
    const runs = db.selectFrom('run').select('id').where('study', '=', study);
    const rows = await this.#store.all(
      db
        .selectFrom('frame')
        .select('bytes')
        .where('run', 'in', runs)
        .where('kind', '=', 'erasure')
        .orderBy('arrival')
        .limit(limit)
        .offset(from),
    );
    return rows.map(({ bytes }) => decodeFrame(bytes));
  }
}
