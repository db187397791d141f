/**
 * Whether this store is a backup that came back, and the frames that this holder sent and has forgotten, which
 * its recovery writes (holder/recovery.ts).
 *
 * A backup is marked in the copy itself (engine/sqlite/copy-store.ts), so that whoever starts on it, by
 * whatever way it came into place, recovers first.
 * @module
 */
import { equalBytes } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { encodeFrame, type Frame, LONG_OR_SEALED } from '../../flows/frame.ts';
import type { HolderFrameTables } from './holder-frames.ts';
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
  readonly #store: Store<HolderRecoveryTables & HolderFrameTables>;

  constructor(store: Store<HolderRecoveryTables & HolderFrameTables>) {
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
   * any more. Refuses with LEDGER_ROLLBACK, and changes nothing, where a number that is known here as sent was
   * used for another frame: this is not the only copy of the holder that ran. Of `LONG_OR_SEALED`, whose bodies
   * are emptied when a run has ended, only the kind is compared.
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
        .select(['kind', 'frame'])
        .where('run', '=', run)
        .where('to_name', '=', to)
        .where('sequence', '=', sequence),
    );
    const emptied = LONG_OR_SEALED.includes(kind);
    // Of a run that is over: that they were sent is kept, and not what was in them.
    const frame = emptied ? new Uint8Array(0) : encodeFrame(sent);
    const same = stored?.kind === kind && (emptied || equalBytes(stored.frame, frame));
    check(stored === undefined || same, 'LEDGER_ROLLBACK', `two frames ${sequence} of ${run}`);
    if (stored !== undefined) return;
    await tx.run(
      db.insertInto('outbox').values({ run, to_name: to, sequence, kind, frame, sent: 1 }),
    );
  }
}
