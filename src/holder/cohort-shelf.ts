/**
 * The cohort files of a holder and what its ledger says of them: shared by what loads (cohorts.ts) and
 * what deletes (cohort-retention.ts). One change at a time.
 * @module
 */
import { access } from 'node:fs/promises';
import path from 'node:path';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Secret } from '../base/secret.ts';
import type { SigningKey } from '../base/sign.ts';
import type { Vault } from '../base/vault.ts';
import { cohortFile } from '../engine/duckdb/cohort.ts';
import { finishInstall } from '../engine/duckdb/install.ts';
import { PeopleRegister } from '../engine/duckdb/people-register.ts';
import type { HolderColumns } from '../engine/stores/holder-columns.ts';
import type { HolderPeople } from '../engine/stores/holder-people.ts';
import type { HolderRuns } from '../engine/stores/holder-runs.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import type { Clock } from '../flows/ports.ts';
import type { LedgerState } from '../ledger/state.ts';
import type { HolderConfiguration } from './configuration.ts';

export type ShelfOptions = {
  readonly configuration: HolderConfiguration;
  readonly directories: { readonly cohorts: string; readonly tmp: string };
  readonly key: SigningKey;
  readonly vault: Vault;
  readonly runs: HolderRuns;
  readonly ledger: StoredLedger;
  readonly people: HolderPeople;
  readonly columns: HolderColumns;
  readonly clock: Pick<Clock, 'now'>;
};

export class CohortShelf {
  readonly options: ShelfOptions;
  #busy = false;

  constructor(options: ShelfOptions) {
    this.options = options;
  }

  /**
   * What the ledger is to refuse other rows by, at the moment in which it books them: a query that has
   * touched data has yet to read it.
   */
  async checkIdle(study: Digest): Promise<(state: LedgerState) => void> {
    const kept = await this.options.runs.runs(study);
    const ended = new Set(kept.filter(({ state }) => state !== 'open').map(({ id }) => id));
    return ({ runs }) => {
      const reading = [...runs].some(
        ([id, run]) =>
          run.study === study &&
          run.status === 'touched' &&
          run.vector === undefined &&
          !ended.has(id),
      );
      check(!reading, 'CONFLICT', 'a query is being answered from the rows: try again in a moment');
    };
  }

  /** Ciphertexts of rows that are not those of the study any more answer nothing. */
  async retireColumns(study: Digest): Promise<boolean> {
    const { columns } = this.options;
    const table = await columns.live(study);
    if (table?.state !== 'ready') return false;
    await columns.setState(table.table, 'retired');
    return true;
  }

  /** The version that queries count; undefined where nothing is loaded. */
  async booked(study: Digest): Promise<Digest | undefined> {
    const version = (await this.options.ledger.state()).cohorts.get(study)?.version;
    return version === '' ? undefined : version;
  }

  /** The version of the study under which its rows were loaded. */
  async loadedUnder(study: Digest): Promise<Digest | undefined> {
    return (await this.options.ledger.state()).cohorts.get(study)?.agreement;
  }

  /** Whether there are rows of a study. */
  has(study: Digest): Promise<boolean> {
    return access(this.file(study)).then(
      () => true,
      () => false,
    );
  }

  file(study: Digest): string {
    return cohortFile(this.options.directories.cohorts, study);
  }

  /** Recognises a person in every cohort. */
  identityKey(): Secret {
    return this.options.vault.derive('people');
  }

  async register(): Promise<PeopleRegister> {
    const { configuration, directories, ledger, people } = this.options;
    const { threads, memoryLimit } = configuration;
    const { epochs } = await ledger.state();
    return PeopleRegister.open({
      file: path.join(directories.cohorts, 'people.duckdb'),
      tmpDirectory: directories.tmp,
      identityKey: this.identityKey(),
      threads,
      memoryLimit,
      epochs: new Map([...epochs].map(([number, epoch]) => [number, epoch.people])),
      batches: new Map(
        (await people.withdrawals()).map(({ batch, commitment }) => [batch, commitment]),
      ),
    });
  }

  /** After a crash: files that the ledger has booked are put in place. */
  async settle(): Promise<void> {
    const { ledger, directories } = this.options;
    for (const study of (await ledger.state()).cohorts.keys()) {
      await finishInstall(this.file(study), await this.booked(study), directories.tmp);
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    check(!this.#busy, 'CONFLICT', 'cohorts are being changed');
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
    }
  }
}
