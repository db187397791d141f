/**
 * A holder's end of the wire, on disk: what it has to send, what it was sent, how far it read.
 *
 * A frame to send is numbered and stored in the same transaction, once for each (run, to, kind),
 * so that a restart sends the same bytes. A received frame and the cursor that acknowledges it
 * are stored together, so that nothing is acknowledged and lost.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  frameDigest,
  type FrameKind,
} from '../../flows/frame.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Statements, Store } from './store.ts';

export type HolderFrameTables = {
  outbox: {
    run: Digest;
    to_name: string;
    sequence: StoredInteger;
    kind: FrameKind;
    frame: Uint8Array;
    sent: StoredInteger;
  };
  inbox: {
    run: Digest;
    from_name: string;
    to_name: string;
    sequence: StoredInteger;
    kind: FrameKind;
    digest: Digest;
    body: Uint8Array;
  };
  inbox_cursor: { id: StoredInteger; position: StoredInteger };
};

export const HOLDER_FRAME_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-frames/1',
    ordered: ['outbox'],
    sql: `CREATE TABLE outbox (
      run TEXT NOT NULL, to_name TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL,
      frame BLOB NOT NULL, sent INTEGER NOT NULL,
      PRIMARY KEY (run, to_name, sequence), UNIQUE (run, to_name, kind)
    ) STRICT;
    CREATE INDEX outbox_unsent ON outbox (sent) WHERE sent = 0;
    CREATE TABLE inbox (
      run TEXT NOT NULL, from_name TEXT NOT NULL, to_name TEXT NOT NULL, sequence INTEGER NOT NULL,
      kind TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (run, from_name, to_name, sequence)
    ) STRICT;
    CREATE INDEX inbox_kind ON inbox (run, kind, from_name);
    CREATE TABLE inbox_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL) STRICT;
    INSERT INTO inbox_cursor (id, position) VALUES (1, 0)`,
  },
];

/** A frame that was not yet acknowledged by the sandbox. */
export type Unsent = {
  readonly run: Digest;
  readonly to: string;
  readonly sequence: number;
  readonly kind: FrameKind;
  readonly frame: Uint8Array;
};

export class HolderFrames {
  readonly #store: Store<HolderFrameTables>;

  constructor(store: Store<HolderFrameTables>) {
    this.#store = store;
  }

  /** Whether a frame of this kind was already stored for `to`. */
  async queued(
    run: Digest,
    to: string,
    kind: FrameKind,
    on: Statements = this.#store,
  ): Promise<boolean> {
    const row = await on.first(
      this.#store.db
        .selectFrom('outbox')
        .select('sequence')
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('kind', '=', kind),
    );
    return row !== undefined;
  }

  /** Numbers and stores the frame that `make` signs, unless one of its kind is there. */
  async enqueue(
    run: Digest,
    to: string,
    kind: FrameKind,
    make: (sequence: number) => Frame,
  ): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      if (await this.queued(run, to, kind, tx)) return;
      const last = await tx.first(
        db
          .selectFrom('outbox')
          .select(({ fn }) => fn.max('sequence').as('last'))
          .where('run', '=', run)
          .where('to_name', '=', to),
      );
      const sequence = Number(last?.last ?? 0) + 1;
      const frame = encodeFrame(make(sequence));
      await tx.run(
        db.insertInto('outbox').values({ run, to_name: to, sequence, kind, frame, sent: 0 }),
      );
    });
  }

  /** In the order they were stored, without those of the runs `except`. */
  async unsent(limit: number, except: readonly Digest[] = []): Promise<Unsent[]> {
    const all = this.#store.db
      .selectFrom('outbox')
      .select(['run', 'to_name', 'sequence', 'kind', 'frame'])
      .where('sent', '=', 0)
      .orderBy('rowid' as never)
      .limit(limit);
    const query = except.length === 0 ? all : all.where('run', 'not in', except);
    const rows = await this.#store.all(query);
    return rows.map(({ to_name: to, ...row }) => ({ ...row, to, sequence: Number(row.sequence) }));
  }

  /** Whether this frame has still to be sent: it may have been withdrawn since `unsent`. */
  async isUnsent({ run, to, sequence }: Pick<Unsent, 'run' | 'to' | 'sequence'>): Promise<boolean> {
    const row = await this.#store.first(
      this.#store.db
        .selectFrom('outbox')
        .select('sequence')
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('sequence', '=', sequence)
        .where('sent', '=', 0),
    );
    return row !== undefined;
  }

  async markSent({ run, to, sequence }: Pick<Unsent, 'run' | 'to' | 'sequence'>): Promise<void> {
    await this.#store.run(
      this.#store.db
        .updateTable('outbox')
        .set({ sent: 1 })
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('sequence', '=', sequence),
    );
  }

  /** The body of what was stored to be sent. */
  async sentBody(run: Digest, to: string, kind: FrameKind): Promise<Uint8Array | undefined> {
    const row = await this.#store.first(
      this.#store.db
        .selectFrom('outbox')
        .select('frame')
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('kind', '=', kind),
    );
    return row === undefined ? undefined : decodeFrame(row.frame).body;
  }

  async cursor(): Promise<number> {
    const row = await this.#store.first(
      this.#store.db.selectFrom('inbox_cursor').select('position'),
    );
    return Number(row?.position ?? 0);
  }

  /** Moves the cursor over a frame that is not kept. */
  async skip(position: number): Promise<void> {
    await this.#store.run(this.#store.db.updateTable('inbox_cursor').set({ position }));
  }

  /**
   * Stores a frame whose signature was checked, and the cursor with it. A seen number with the
   * same digest is dropped; with another, or behind a missing number, the frame is refused with
   * SEQUENCE_CONFLICT and the cursor still moves: it would be refused for ever.
   */
  async accept(frame: Frame, position: number): Promise<'new' | 'seen'> {
    const { db } = this.#store;
    const digest = frameDigest(frame);
    const outcome = await this.#store.immediate(async (tx) => {
      await tx.run(db.updateTable('inbox_cursor').set({ position }));
      const rows = await tx.all(
        db
          .selectFrom('inbox')
          .select(['sequence', 'digest'])
          .where('run', '=', frame.run)
          .where('from_name', '=', frame.from)
          .where('to_name', '=', frame.to)
          .orderBy('sequence'),
      );
      const seen = rows.find((row) => Number(row.sequence) === frame.sequence);
      if (seen !== undefined) return seen.digest === digest ? 'seen' : 'conflict';
      if (frame.sequence !== rows.length + 1) return 'conflict';
      const { run, from, to, sequence, kind, body } = frame;
      await tx.run(
        db
          .insertInto('inbox')
          .values({ run, from_name: from, to_name: to, sequence, kind, digest, body }),
      );
      return 'new';
    });
    check(outcome !== 'conflict', 'SEQUENCE_CONFLICT', `${frame.kind} from ${frame.from}`);
    return outcome;
  }

  /** The body of the first frame of `kind` that `from` sent in this run. */
  async body(run: Digest, kind: FrameKind, from: string): Promise<Uint8Array | undefined> {
    return (
      await this.#store.first(
        this.#store.db
          .selectFrom('inbox')
          .select('body')
          .where('run', '=', run)
          .where('kind', '=', kind)
          .where('from_name', '=', from)
          .orderBy('sequence'),
      )
    )?.body;
  }

  /** Who refused to go on with this run. */
  async refusals(run: Digest): Promise<{ readonly from: string; readonly body: Uint8Array }[]> {
    return (
      await this.#store.all(
        this.#store.db
          .selectFrom('inbox')
          .select(['from_name', 'body'])
          .where('run', '=', run)
          .where('kind', '=', 'refusal')
          .orderBy('from_name'),
      )
    ).map((row) => ({ from: row.from_name, body: row.body }));
  }
}
