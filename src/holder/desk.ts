/**
 * What a holder's staff can ask of it: status, the ledger in plain numbers, loading a cohort,
 * stopping a study. Answers go to the holder's own people only (control.ts, cli/).
 * @module
 */
import path from 'node:path';
import { canonicalBytes, type Json, parseStrict } from '../base/canonical-json.ts';
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { personHeader } from '../cohort/column-source.ts';
import { compileQuery } from '../cohort/compile.ts';
import { describePlan } from '../cohort/describe.ts';
import type { HolderRecovery } from '../engine/stores/holder-recovery.ts';
import type { HolderRuns, StoredRun } from '../engine/stores/holder-runs.ts';
import type { StoredLedger } from '../engine/stores/ledger-store.ts';
import { versionAsked } from '../flows/pooled/compile-run.ts';
import { accountText } from '../flows/pooled/reservation.ts';
import { readPartlySigned, termsOf } from '../flows/study-terms.ts';
import { amountText } from '../ledger/entry.ts';
import type { Account } from '../ledger/state.ts';
import type { BudgetDesk } from './budget-desk.ts';
import { CohortRetention, type Expired } from './cohort-retention.ts';
import type { DisclosedDesk } from './disclosed-desk.ts';
import type { CohortShelf } from './cohort-shelf.ts';
import { HolderCohorts, type LoadOptions } from './cohorts.ts';
import type { HolderConfiguration } from './configuration.ts';
import type { Studies } from './studies.ts';

export type DeskOptions = {
  readonly configuration: HolderConfiguration;
  readonly runs: HolderRuns;
  readonly ledger: StoredLedger;
  readonly studies: Studies;
  readonly shelf: CohortShelf;
  readonly budget: BudgetDesk;
  readonly disclosed: DisclosedDesk;
  readonly recovery: HolderRecovery;
};

/** What the process around the desk can do; a command without one has the defaults. */
export type Around = {
  readonly connected: () => boolean;
  /** The sandbox does not have what this holder has read. */
  readonly setBack: () => boolean;
  readonly stop: (study: Digest) => Promise<void>;
  readonly takeStudy: (study: Digest, agreement: Digest, body: Uint8Array) => Promise<string>;
};

type Answer = Record<string, unknown>;

export class HolderDesk {
  readonly #options: DeskOptions;
  readonly #around: Around;
  readonly #cohorts: HolderCohorts;
  readonly #retention: CohortRetention;

  constructor(options: DeskOptions, around?: Around) {
    this.#options = options;
    this.#cohorts = new HolderCohorts(options.shelf);
    this.#retention = new CohortRetention(options.shelf, options.disclosed);
    this.#around = around ?? {
      connected: () => false,
      setBack: () => false,
      stop: async (study) => {
        await options.runs.stopStudy(study);
        return Promise.resolve();
      },
      takeStudy: (study, _, body) => options.studies.take(body, study),
    };
  }

  get budget(): BudgetDesk {
    return this.#options.budget;
  }

  async status(): Promise<Answer> {
    const { configuration, runs, studies, shelf } = this.#options;
    const known = await Promise.all(
      (await runs.studies()).map(async ({ id, state }) => {
        const present = await studies.any(id);
        const { title, expires, agreement, version } = present;
        const narrowings = (await studies.narrowings(present)).map((one) => one.agreement);
        return {
          study: id,
          title,
          expires,
          state,
          cohort: await shelf.has(id),
          ...(version > 1 && { agreement, version }),
          ...(narrowings.length > 0 && { narrowings }),
        };
      }),
    );
    const { connected, setBack } = this.#around;
    const sandbox = { url: configuration.sandbox, connected: connected(), setBack: setBack() };
    return { holder: configuration.name, sandbox, studies: known };
  }

  /** Budget and entries of one study, or of all. */
  async ledger(study?: Digest): Promise<Answer> {
    const { configuration, ledger, runs, studies } = this.#options;
    const ids = study === undefined ? (await runs.studies()).map(({ id }) => id) : [study];
    const accounts = await Promise.all(
      ids.map(async (id) => {
        const { title } = await studies.any(id);
        return { study: id, title, ...accountAnswer(await ledger.account(id)) };
      }),
    );
    const state = await ledger.state();
    const ofStudy = (run: Digest): boolean =>
      study === undefined || state.runs.get(run)?.study === study;
    const entries = (await ledger.entries()).filter(({ body }) =>
      'run' in body
        ? ofStudy(body.run)
        : study === undefined || !('study' in body) || body.study === study,
    );
    return {
      holder: configuration.name,
      ...(study === undefined ? { studies: accounts } : accounts[0]),
      head: state.head,
      state: await this.#options.recovery.state(),
      entries,
      runs: await Promise.all((await runs.runs(study)).map((run) => this.#runAnswer(run))),
    };
  }

  /** From the next start on this holder answers nothing before it has recovered (recovery.ts). */
  async recoverNext(): Promise<Answer> {
    const { configuration, recovery } = this.#options;
    await recovery.set('recovering');
    return { holder: configuration.name, state: 'recovering' };
  }

  /** After a crash, and at every start: files are those of the ledger, nobody who withdrew is in one. */
  async settle(): Promise<void> {
    await this.#cohorts.settle();
    // Rows whose file stays are booked out: nothing reads them, and whoever watches says so and tries again.
    await this.expire().catch(() => undefined);
  }

  /** Deletes the rows whose last day is over. */
  async expire(): Promise<Expired> {
    return this.#retention.deleteExpired();
  }

  /** A version of a study that stewards bring here themselves: it holds without the sandbox. */
  async takeStudy(json: Json): Promise<Answer> {
    const { id: study, agreement, version } = readPartlySigned(json).study;
    const body = canonicalBytes(json);
    const taken = await this.#around.takeStudy(study, agreement, body);
    return { study, agreement, version, taken };
  }

  async stop(study: Digest): Promise<Answer> {
    await this.#around.stop(study);
    return { study, stopped: true };
  }

  /** Imports the files as this study's cohort; the report is for the holder's own staff. */
  async loadCohort(
    id: Digest,
    files: readonly string[],
    options: LoadOptions = {},
  ): Promise<Answer> {
    const study = await this.#options.studies.any(id);
    checkAbsolute(files);
    return { study: id, ...(await this.#cohorts.load(study, files, options)) };
  }

  /** Takes people out of every cohort; `file` has one identifier in each line. */
  async withdraw(file: string): Promise<Answer> {
    checkAbsolute([file]);
    return { ...(await this.#cohorts.withdraw(file)) };
  }

  /** Deletes the rows of a study; the answer is signed. */
  async deleteCohort(id: Digest): Promise<Answer> {
    return { ...(await this.#retention.delete(id)) };
  }

  /** Runs of the study that disclosed who is in both, or that still may. */
  async disclosures(id: Digest): Promise<Answer> {
    return { study: id, runs: await this.#options.disclosed.runs(id) };
  }

  /** What one of them told, with the header of the cohort's files that its people are named by. */
  async disclosed(id: Digest, run?: Digest): Promise<Answer> {
    const { configuration, studies, disclosed } = this.#options;
    const column = personHeader((await studies.any(id)).cohort, configuration.name);
    return { ...(await disclosed.answer(id, run)), column };
  }

  async #runAnswer({ id, study, request, state, code, accepted_at }: StoredRun): Promise<Answer> {
    const { query } = parseStrict(request) as unknown as {
      query: { query: Json; rho: string };
    };
    const version = versionAsked(await this.#options.studies.any(study), parseStrict(request));
    return {
      run: id,
      study,
      ...(version.version > 1 && { agreement: version.agreement }),
      accepted: accepted_at,
      state,
      ...(code === null ? {} : { code }),
      rho: query.rho,
      words: describePlan(compileQuery(termsOf(version), query.query)),
    };
  }
}

const accountAnswer = (account: Account): Answer => ({
  granted: amountText(account.granted),
  reserved: amountText(account.reserved),
  spent: amountText(account.spent),
  left: accountText(account).left,
});

const checkAbsolute = (files: readonly string[]): void =>
  check(
    files.every((file) => path.isAbsolute(file)),
    'INVALID_PARAMETER',
    'files by absolute path',
  );
