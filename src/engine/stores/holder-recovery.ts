/**
 * Whether this store is a backup that came back, and what its recovery writes (holder/recovery.ts): frames
 * that this holder sent and has forgotten, and later epochs of its keys.
 *
 * A backup is marked in the copy itself (engine/sqlite/copy-store.ts), so that whoever starts on it, by
 * whatever way it came into place, recovers first.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { encodeFrame, type Frame, LONG_OR_SEALED } from '../../flows/frame.ts';
import type { HolderFrameTables } from './holder-frames.ts';
import type { HolderRunTables } from './holder-runs.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Statements, Store } from './store.ts';

export type RecoveryState = 'well' | 'recovering';

export type HolderRecoveryTables = { recovery: { id: StoredInteger; state: RecoveryState } };

export const HOLDER_RECOVERY_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-recovery/1',
    sql: `CREATE TABLE recovery (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL) STRICT;
      INSERT INTO recovery (id, state) VALUES (1, 'well')`,
  },
];

export class HolderRecovery {
  readonly #store: Store<HolderRecoveryTables & HolderFrameTables & HolderRunTables>;

  constructor(store: Store<HolderRecoveryTables & HolderFrameTables & HolderRunTables>) {
    this.#store = store;
  }

  async state(): Promise<RecoveryState> {
    const row = await this.#store.first(this.#store.db.selectFrom('recovery').select('state'));
    check(row !== undefined, 'DATA_DIRECTORY_DAMAGED', 'recovery');
    return row.state;
  }

  async set(state: RecoveryState): Promise<void> {
    await this.#store.run(this.#store.db.updateTable('recovery').set({ state }));
  }

  /**
   * Takes in frames that this holder sent, in their order, and drops what it had not sent: that is not sent
   * any more. Refuses with LEDGER_ROLLBACK where a number was used for another frame: this is not the only
   * copy of the holder that ran.
   */
  async takeSent(frames: readonly Frame[]): Promise<void> {
    await this.#store.immediate(async (tx) => {
      await tx.run(this.#store.db.deleteFrom('outbox').where('sent', '=', 0));
      for (const frame of frames) await this.#take(tx, frame);
    });
  }

  async #take(tx: Statements, sent: Frame): Promise<void> {
    const { db } = this.#store;
    const { run, to, sequence, kind } = sent;
    const stored = await tx.first(
      db
        .selectFrom('outbox')
        .select(['kind'])
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('sequence', '=', sequence),
    );
    check(
      stored === undefined || stored.kind === kind,
      'LEDGER_ROLLBACK',
      `two frames ${sequence} of ${run}`,
    );
    if (stored !== undefined) return;
    // Of a run that is over: that they were sent is kept, and not what was in them.
    const frame = LONG_OR_SEALED.includes(kind) ? new Uint8Array(0) : encodeFrame(sent);
    await tx.run(
      db.insertInto('outbox').values({ run, to_name: to, sequence, kind, frame, sent: 1 }),
    );
  }

  /** From here on no earlier epoch of the study's key is entered. */
  async raiseEpoch(study: Digest, epoch: number): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      const now = await tx.first(
        db.selectFrom('key_epoch').select('epoch').where('study', '=', study),
      );
      if (now !== undefined && Number(now.epoch) >= epoch) return;
      await tx.run(
        db
          .insertInto('key_epoch')
          .values({ study, epoch })
          .onConflict((conflict) => conflict.column('study').doUpdateSet({ epoch })),
      );
    });
  }

  /** The newest epoch that was entered, 1 where none was. */
  async epoch(study: Digest): Promise<number> {
    const row = await this.#store.first(
      this.#store.db.selectFrom('key_epoch').select('epoch').where('study', '=', study),
    );
    return Number(row?.epoch ?? 1);
  }
}
