/** The newest epoch of a study's collective key at a holder: the one place that reads and writes it. @module */
import type { Digest } from '../../base/hash.ts';
import type { StoredInteger } from './integer.ts';
import type { Statements, Store } from './store.ts';

export type HolderKeyEpochTables = { key_epoch: { study: Digest; epoch: StoredInteger } };

/** Undefined where none was entered. */
export async function newestEpoch(
  { db }: Store<HolderKeyEpochTables>,
  on: Statements,
  study: Digest,
): Promise<number | undefined> {
  const row = await on.first(db.selectFrom('key_epoch').select('epoch').where('study', '=', study));
  return row === undefined ? undefined : Number(row.epoch);
}

/** Within a transaction that has compared it with the newest. */
export async function setEpoch(
  { db }: Store<HolderKeyEpochTables>,
  tx: Statements,
  study: Digest,
  epoch: number,
): Promise<void> {
  await tx.run(
    db
      .insertInto('key_epoch')
      .values({ study, epoch })
      .onConflict((conflict) => conflict.column('study').doUpdateSet({ epoch })),
  );
}
