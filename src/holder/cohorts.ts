/**
 * What a holder's staff does with its cohorts: load and load again, take out people who withdrew,
 * delete what need not be kept. Each load is booked in the ledger with the epochs of its people
 * (rulings 17) before a query can count them; what an analyst sees changes in noised cells only.
 *
 * Rows are never exchanged under a query: a load waits until no query of the study is between
 * touching data and having its vector, and a run that reserved for the rows before refuses.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { dayOf } from '../base/calendar.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Secret } from '../base/secret.ts';
import type { Vault } from '../base/vault.ts';
import type { ImportReport } from '../engine/duckdb/cohort-file.ts';
import type { ImportOptions } from '../engine/duckdb/import.ts';
import { placeNext, replaceFile, stageNext, versionOf } from '../engine/duckdb/install.ts';
import type { PeopleRegister, Withdrawn } from '../engine/duckdb/people-register.ts';
import type { Study } from '../flows/study-terms.ts';
import type { CohortShelf } from './cohort-shelf.ts';

export type LoadOptions = ImportOptions & {
  /** The last day on which the rows are kept, UTC. */
  readonly keepUntil?: string;
};

export type Loaded = ImportReport & {
  readonly withdrawn: number;
  /** Of its people, ascending; the last begins with this load where `newEpoch`. */
  readonly epochs: readonly number[];
  readonly newEpoch: boolean;
};

export type WithdrawReport = Omit<Withdrawn, 'commitment'> & {
  /** People taken out of each cohort. */
  readonly cohorts: readonly { readonly study: Digest; readonly people: number }[];
  /** Studies answered from encrypted columns without rows: those are retired, load again. */
  readonly retired: readonly Digest[];
};

/** Orders the rows of a person and hides identifiers: the same for every load of a study. */
export const cohortOrderKey = (vault: Vault, study: Digest): Secret =>
  vault.derive(`cohort-order/${study}`);

export class HolderCohorts {
  readonly #shelf: CohortShelf;

  constructor(shelf: CohortShelf) {
    this.#shelf = shelf;
  }

  /** Imports files as the cohort of a study, in the place of what was loaded before. */
  async load(study: Study, files: readonly string[], options: LoadOptions = {}): Promise<Loaded> {
    const { configuration, directories, vault, people } = this.#shelf.options;
    const { keepUntil, ...read } = options;
    const day = keepUntil === undefined ? undefined : dayOf(keepUntil);
    check(keepUntil === undefined || day !== undefined, 'INVALID_PARAMETER', 'keepUntil');
    // With every reader of clinical formats: only who loads needs it.
    const { importCohort } = await import('../engine/duckdb/import.ts');
    return this.#shelf.alone(async () => {
      const loaded = await importCohort({
        files,
        section: study.cohort,
        holder: configuration.name,
        orderKey: cohortOrderKey(vault, study.id),
        links: study.linkage === undefined ? undefined : study.id,
        contentKey: vault.derive(`cohort-content/${study.id}`),
        identityKey: this.#shelf.identityKey(),
        install: (file, report) => this.#install(study, file, report),
        tmpDirectory: directories.tmp,
        threads: configuration.threads,
        memoryLimit: configuration.memoryLimit,
        options: read,
      });
      if (keepUntil !== undefined) await people.keepUntil(study.id, keepUntil);
      return loaded as Loaded;
    });
  }

  /** Nobody of these is counted from the next plan on, in any study and any later load. */
  async withdraw(file: string): Promise<WithdrawReport> {
    const { people, clock } = this.#shelf.options;
    return this.#shelf.alone(async () => {
      const register = await this.#shelf.register();
      try {
        const { commitment, ...withdrawn } = await register.withdraw(file);
        const at = clock.now().toISOString();
        // Nobody new: an empty batch has nothing to commit to.
        const { batch, people: added } = withdrawn;
        if (added > 0) await people.keepWithdrawal({ batch, people: added, commitment, at });
        return { ...withdrawn, ...(await this.#takeOut(register)) };
      } finally {
        register.close();
      }
    });
  }

  /** After a crash: booked files are in place, and nobody who withdrew is in one. */
  async settle(): Promise<void> {
    const { people } = this.#shelf.options;
    await this.#shelf.alone(async () => {
      await this.#shelf.settle();
      if ((await people.withdrawals()).length === 0) return;
      const register = await this.#shelf.register();
      try {
        await this.#takeOut(register);
      } finally {
        register.close();
      }
    });
  }

  /** Books the people of a built file, then puts it in place: nothing can come between the two. */
  async #install({ id: study, agreement }: Study, built: string, report: ImportReport) {
    const { ledger, directories } = this.#shelf.options;
    const target = this.#shelf.file(study);
    const register = await this.#shelf.register();
    const copy = `${built}.kept`;
    let file = built;
    try {
      const withdrawn = await register.copyWithout(built, copy);
      if (withdrawn > 0) file = copy;
      const { epochs, people } = await register.enrol(file);
      check(epochs.length > 0, 'COHORT_EMPTY', 'nobody is left of it');
      const said = { withdrawn, epochs, newEpoch: people !== undefined };
      const cohort = { version: report.epoch, epochs, people };
      const before = await versionOf(target, directories.tmp);
      if (
        before === report.epoch &&
        (await this.#shelf.loadedUnder(study)) === agreement &&
        (await this.#shelf.booked(study)) === before &&
        people === undefined
      ) {
        return said;
      }
      await stageNext(file, target);
      const idle = await this.#shelf.checkIdle(study);
      await ledger.load(study, cohort, (state) => {
        // Its columns and sizes are those that the files were read by.
        const present = state.studies.get(study)?.agreement === agreement;
        check(present, 'STUDY_AMENDED', 'amended while rows were loaded: load them again');
        idle(state);
      });
      placeNext(target);
      await this.#shelf.retireColumns(study);
      return said;
    } finally {
      register.close();
    }
  }

  /** Writes every loaded cohort anew without who withdrew. */
  async #takeOut(register: PeopleRegister): Promise<Pick<WithdrawReport, 'cohorts' | 'retired'>> {
    const { ledger, directories } = this.#shelf.options;
    const cohorts: { study: Digest; people: number }[] = [];
    const retired: Digest[] = [];
    const work = await mkdtemp(path.join(directories.tmp, 'withdraw-'));
    try {
      for (const [study, { version }] of (await ledger.state()).cohorts) {
        if (version === '') continue;
        const found = (await versionOf(this.#shelf.file(study), directories.tmp)) === version;
        const copy = path.join(work, `${study}.duckdb`);
        const people = found ? await register.copyWithout(this.#shelf.file(study), copy) : 0;
        if (people > 0) {
          await replaceFile(copy, this.#shelf.file(study));
          cohorts.push({ study, people });
        }
        // Without rows nobody can say whose ciphertexts those are.
        if ((people > 0 || !found) && (await this.#shelf.retireColumns(study))) retired.push(study);
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return { cohorts, retired };
  }
}
