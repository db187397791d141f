/**
 * What a holder remembers beside frames and ledger: studies, runs,
 * heads of other ledgers, key epochs, and how many ciphertexts are opened under each key.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Mirrors } from '../../flows/ports.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import type { KeyUse } from '../keys/key-shares.ts';
import { type HolderKeyEpochTables, newestEpoch, setEpoch } from './holder-key-epochs.ts';
import type { StoredInteger } from './integer.ts';
import type { Migration } from './migrations.ts';
import type { Store } from './store.ts';

/** `accepted`: signed and checked. `stopped`: a steward of this holder stopped it, for ever. */
export type StudyState = 'accepted' | 'stopped';

/** `open` runs are taken up again at start; `ended` ones never. */
export type HolderRunState = 'open' | 'attested' | 'ended';

export type HolderRunTables = HolderKeyEpochTables & {
  study: { id: Digest; signed: string; state: StudyState };
  run: {
    id: Digest;
    study: Digest;
    request: string;
    accepted_at: string;
    state: HolderRunState;
    code: string | null;
  };
  mirror: { holder: string; sequence: StoredInteger; hash: Digest };
  key_made: { key: string };
  key_use: { key: Digest; run: Digest; ciphertexts: StoredInteger };
};

export const HOLDER_RUN_MIGRATIONS: readonly Migration[] = [
  {
    name: 'holder-runs/1',
    sql: `CREATE TABLE study (
      id TEXT PRIMARY KEY, signed TEXT NOT NULL, state TEXT NOT NULL
    ) STRICT;
    CREATE TABLE run (
      id TEXT PRIMARY KEY, study TEXT NOT NULL REFERENCES study (id), request TEXT NOT NULL,
      accepted_at TEXT NOT NULL, state TEXT NOT NULL, code TEXT
    ) STRICT;
    CREATE TABLE mirror (
      holder TEXT NOT NULL, sequence INTEGER NOT NULL, hash TEXT NOT NULL,
      PRIMARY KEY (holder, sequence)
    ) STRICT;
    CREATE TABLE key_made (key TEXT PRIMARY KEY) STRICT;
    CREATE TABLE key_use (
      key TEXT NOT NULL, run TEXT NOT NULL, ciphertexts INTEGER NOT NULL, PRIMARY KEY (key, run)
    ) STRICT`,
  },
  {
    // Not read any more: the ledger says what is loaded.
    name: 'holder-runs/2',
    sql: `CREATE TABLE cohort_epoch (study TEXT PRIMARY KEY, epoch TEXT NOT NULL) STRICT`,
  },
  {
    name: 'holder-runs/3',
    sql: `CREATE TABLE key_epoch (study TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT`,
  },
];

export type StoredStudy = {
  readonly id: Digest;
  readonly signed: string;
  readonly state: StudyState;
};

export type StoredRun = {
  readonly id: Digest;
  readonly study: Digest;
  /** Canonical JSON of { query: signed query, attempt }. */
  readonly request: string;
  readonly accepted_at: string;
  readonly state: HolderRunState;
  readonly code: string | null;
};

export class HolderRuns implements Mirrors {
  readonly #store: Store<HolderRunTables>;

  constructor(store: Store<HolderRunTables>) {
    this.#store = store;
  }

  async keepStudy(id: Digest, signed: string): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('study')
        .values({ id, signed, state: 'accepted' })
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
  }

  /** Another version in the place of the one that is in force. */
  async amendStudy(id: Digest, signed: string): Promise<void> {
    await this.#store.run(this.#store.db.updateTable('study').set({ signed }).where('id', '=', id));
  }

  study(id: Digest): Promise<StoredStudy | undefined> {
    return this.#store.first(this.#store.db.selectFrom('study').selectAll().where('id', '=', id));
  }

  studies(): Promise<StoredStudy[]> {
    return this.#store.all(this.#store.db.selectFrom('study').selectAll().orderBy('id'));
  }

  async stopStudy(id: Digest): Promise<void> {
    check((await this.study(id)) !== undefined, 'STUDY_UNKNOWN', id);
    await this.#store.run(
      this.#store.db.updateTable('study').set({ state: 'stopped' }).where('id', '=', id),
    );
  }

  /** Remembers a run at its first sight; a seen id must ask for the same. */
  async keepRun(
    run: Pick<StoredRun, 'id' | 'study' | 'request' | 'accepted_at'>,
  ): Promise<StoredRun> {
    await this.#store.run(
      this.#store.db
        .insertInto('run')
        .values({ ...run, state: 'open', code: null })
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
    const stored = await this.run(run.id);
    check(
      stored?.request === run.request,
      'PROTOCOL_STATE',
      `run ${run.id} asks for another thing`,
    );
    return stored;
  }

  run(id: Digest): Promise<StoredRun | undefined> {
    return this.#store.first(this.#store.db.selectFrom('run').selectAll().where('id', '=', id));
  }

  runs(study?: Digest): Promise<StoredRun[]> {
    const query = this.#store.db.selectFrom('run').selectAll().orderBy('accepted_at').orderBy('id');
    return this.#store.all(study === undefined ? query : query.where('study', '=', study));
  }

  async endRun(
    id: Digest,
    state: Exclude<HolderRunState, 'open'>,
    code: string | null,
  ): Promise<void> {
    await this.#store.run(
      this.#store.db
        .updateTable('run')
        .set({ state, code })
        .where('id', '=', id)
        .where('state', '=', 'open'),
    );
  }

  async last(holder: string): Promise<LedgerHead | undefined> {
    const row = await this.#store.first(
      this.#store.db
        .selectFrom('mirror')
        .select(['sequence', 'hash'])
        .where('holder', '=', holder)
        .orderBy('sequence', 'desc')
        .limit(1),
    );
    return row && { sequence: Number(row.sequence), hash: row.hash };
  }

  async see(holder: string, head: LedgerHead): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      await tx.run(
        db
          .insertInto('mirror')
          .values({ holder, ...head })
          .onConflict((conflict) => conflict.columns(['holder', 'sequence']).doNothing()),
      );
      const row = await tx.first(
        db
          .selectFrom('mirror')
          .select('hash')
          .where('holder', '=', holder)
          .where('sequence', '=', head.sequence),
      );
      check(row?.hash === head.hash, 'LEDGER_ROLLBACK', `holder ${holder}`);
    });
  }

  /** Whether the share of this name was made here. */
  async keyMade(key: string): Promise<boolean> {
    const { db } = this.#store;
    const row = await this.#store.first(
      db.selectFrom('key_made').select('key').where('key', '=', key),
    );
    return row !== undefined;
  }

  async rememberKey(key: string): Promise<void> {
    await this.#store.run(
      this.#store.db
        .insertInto('key_made')
        .values({ key })
        .onConflict((conflict) => conflict.column('key').doNothing()),
    );
  }

  /**
   * Adds what `run` opens to what was opened under its key, once for each run, and makes its epoch the
   * newest of the study. Returns the epoch to be in instead, where this one has ended or is full.
   */
  enterEpoch(
    { study, epoch, key, run, ciphertexts }: KeyUse,
    limit: number,
  ): Promise<number | undefined> {
    const { db } = this.#store;
    return this.#store.immediate(async (tx) => {
      const uses = await tx.all(
        db.selectFrom('key_use').select(['run', 'ciphertexts']).where('key', '=', key),
      );
      if (uses.some((use) => use.run === run)) return undefined;
      const newest = await newestEpoch(this.#store, tx, study);
      if (newest !== undefined && epoch < newest) return newest;
      const used = uses.reduce((sum, use) => sum + Number(use.ciphertexts), 0);
      if (used + ciphertexts > limit) return epoch + 1;
      await tx.run(db.insertInto('key_use').values({ key, run, ciphertexts }));
      await setEpoch(this.#store, tx, study, epoch);
      return undefined;
    });
  }

  /** From here on no earlier epoch of the study's key is entered. An epoch never becomes smaller. */
  async raiseEpoch(study: Digest, epoch: number): Promise<void> {
    await this.#store.immediate(async (tx) => {
      const newest = (await newestEpoch(this.#store, tx, study)) ?? 0;
      if (newest < epoch) await setEpoch(this.#store, tx, study, epoch);
    });
  }

  /** The newest epoch that was entered, 1 where none was. */
  async epoch(study: Digest): Promise<number> {
    return (await newestEpoch(this.#store, this.#store, study)) ?? 1;
  }
}
