/**
 * What a holder's staff can ask of it: status, the ledger in plain numbers, loading a cohort,
 * stopping a study. Answers go to the holder's own people only (control.ts, cli/).
 * @module
 */
import path from 'node:path';
import { type Json, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Vault } from '../base/vault.ts';
import { compileQuery } from '../cohort/compile.ts';
import { describePlan } from '../cohort/describe.ts';
import { cohortFile } from '../engine/duckdb/cohort.ts';
import { importCohort, type ImportOptions } from '../engine/duckdb/import.ts';
import type { HolderRuns, StoredRun } from '../engine/sqlite/holder-runs.ts';
import type { SqliteLedger } from '../engine/sqlite/ledger-store.ts';
import { accountText } from '../flows/pooled/reservation.ts';
import { termsOf } from '../flows/study-terms.ts';
import { amountText } from '../ledger/entry.ts';
import type { Account } from '../ledger/state.ts';
import type { HolderConfiguration } from './configuration.ts';
import type { Studies } from './studies.ts';

export type DeskOptions = {
  readonly configuration: HolderConfiguration;
  readonly directories: { readonly cohorts: string; readonly tmp: string };
  readonly vault: Vault;
  readonly runs: HolderRuns;
  readonly ledger: SqliteLedger;
  readonly studies: Studies;
  /** Whether a cohort is loaded for a study. */
  readonly hasCohort: (study: Digest) => Promise<boolean>;
};

/** What the process around the desk can do; a command without one has the defaults. */
export type Around = {
  readonly connected: () => boolean;
  readonly stop: (study: Digest) => Promise<void>;
};

type Answer = Record<string, unknown>;

export class HolderDesk {
  readonly #options: DeskOptions;
  readonly #around: Around;

  constructor(options: DeskOptions, around?: Around) {
    this.#options = options;
    this.#around = around ?? {
      connected: () => false,
      stop: (study) => {
        options.runs.stopStudy(study);
        return Promise.resolve();
      },
    };
  }

  async status(): Promise<Answer> {
    const { configuration, runs, studies, hasCohort } = this.#options;
    const known = await Promise.all(
      runs.studies().map(async ({ id, state }) => {
        const { title, expires } = studies.any(id);
        return { study: id, title, expires, state, cohort: await hasCohort(id) };
      }),
    );
    const sandbox = { url: configuration.sandbox, connected: this.#around.connected() };
    return { holder: configuration.name, sandbox, studies: known };
  }

  /** Budget and entries of one study, or of all. */
  async ledger(study?: Digest): Promise<Answer> {
    const { configuration, ledger, runs, studies } = this.#options;
    const ids = study === undefined ? runs.studies().map(({ id }) => id) : [study];
    const accounts = await Promise.all(
      ids.map(async (id) => {
        const { title } = studies.any(id);
        return { study: id, title, ...accountAnswer(await ledger.account(id)) };
      }),
    );
    const state = ledger.state();
    const ofStudy = (run: Digest): boolean =>
      study === undefined || state.runs.get(run)?.study === study;
    const entries = ledger
      .entries()
      .filter(({ body }) =>
        'run' in body ? ofStudy(body.run) : study === undefined || body.study === study,
      );
    return {
      holder: configuration.name,
      ...(study === undefined ? { studies: accounts } : accounts[0]),
      head: state.head,
      entries,
      runs: runs.runs(study).map((run) => this.#runAnswer(run)),
    };
  }

  async stop(study: Digest): Promise<Answer> {
    await this.#around.stop(study);
    return { study, stopped: true };
  }

  /** Imports the files as this study's cohort; the report is for the holder's own staff. */
  async loadCohort(
    id: Digest,
    files: readonly string[],
    options: ImportOptions = {},
  ): Promise<Answer> {
    const { configuration, directories, runs, studies, vault } = this.#options;
    const study = studies.any(id);
    check(
      files.every((file) => path.isAbsolute(file)),
      'INVALID_PARAMETER',
      'cohort files by absolute path',
    );
    const report = await importCohort({
      files,
      target: cohortFile(directories.cohorts, id),
      section: study.cohort,
      holder: configuration.name,
      orderKey: vault.derive(`cohort-order/${id}`),
      contentKey: vault.derive(`cohort-content/${id}`),
      remember: (epoch) => {
        runs.keepCohortEpoch(id, epoch);
      },
      tmpDirectory: directories.tmp,
      threads: configuration.threads,
      memoryLimit: configuration.memoryLimit,
      options,
    });
    return { study: id, ...report };
  }

  #runAnswer({ id, study, request, state, code, accepted_at }: StoredRun): Answer {
    const { query } = parseStrict(request) as unknown as {
      query: { query: Json; rho: string };
    };
    return {
      run: id,
      study,
      accepted: accepted_at,
      state,
      ...(code === null ? {} : { code }),
      rho: query.rho,
      words: describePlan(compileQuery(termsOf(this.#options.studies.any(study)), query.query)),
    };
  }
}

const accountAnswer = (account: Account): Answer => ({
  granted: amountText(account.granted),
  reserved: amountText(account.reserved),
  spent: amountText(account.spent),
  left: accountText(account).left,
});
