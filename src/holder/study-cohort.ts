/**
 * The `Cohort` port of a holder: for each study its loaded rows, or its encrypted columns once the
 * sandbox has them all. Both answer the same plans with the same numbers; columns answer fewer.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { asRefusal, check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import type { Plan } from '../cohort/plan.ts';
import { EncryptedCohort, type ReadyTable } from '../engine/columns/encrypted-cohort.ts';
import { layoutOf } from '../flows/columns/layout.ts';
import type { SandboxColumns } from '../flows/columns/sandbox-columns.ts';
import type { DuringRun } from '../flows/during-run.ts';
import type { Clock, Cohort, Log } from '../flows/ports.ts';
import { type Study, termsOf } from '../flows/study-terms.ts';
import { versionOf } from '../study/versions.ts';
import type { ColumnsOffice } from './columns-office.ts';
import type { Studies } from './studies.ts';

export type StudyCohortOptions = {
  readonly rows: Cohort & { prepare(plan: Plan): Promise<void> };
  readonly holder: string;
  readonly hasRows: (study: Digest) => Promise<boolean>;
  /** The version of the study under which its rows were loaded. */
  readonly loadedUnder: (study: Digest) => Promise<Digest | undefined>;
  readonly office: ColumnsOffice;
  readonly studies: Studies;
  readonly sandbox: Pick<SandboxColumns, 'sums'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
};

/** For the sums of a plan, before anything is reserved: those of ten million people take minutes. */
const PREPARE_MS = 10 * 60_000;
/** Between attempts at a run that the sandbox did not do its part of. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export class StudyCohort implements Cohort {
  readonly #options: StudyCohortOptions;
  readonly #columns: EncryptedCohort;

  constructor(options: StudyCohortOptions) {
    this.#options = options;
    const { office, sandbox, clock, log, rows, hasRows } = options;
    this.#columns = new EncryptedCohort({
      ready: (study) => this.#table(study),
      retire: (table) => office.tables.setState(table, 'retired'),
      key: ({ table }) => office.keys.load(table),
      seal: office.seal,
      sandbox,
      exact: async (plan, deadline) => {
        if (!(await hasRows(plan.study))) return undefined;
        const during = { run: plan.queryKey, ended: new AbortController().signal };
        return rows.noisedVector(plan, new BigInt64Array(plan.values), deadline, during);
      },
      clock,
      log,
    });
  }

  async epoch(study: Digest): Promise<Digest> {
    return (await this.#source(study)).epoch(study);
  }

  async noisedVector(
    plan: Plan,
    noise: BigInt64Array,
    deadline: Date,
    during: DuringRun,
  ): Promise<BigInt64Array> {
    const source = await this.#source(plan.study);
    const { clock, log, studies } = this.#options;
    const milliseconds = deadline.getTime() - clock.now().getTime();
    let until = deadline;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        return await source.noisedVector(plan, noise, until, during);
      } catch (error) {
        const { code, detail, cause } = asRefusal(error);
        if (code !== 'PLACE_UNAVAILABLE') throw error;
        // The sandbox restarted, or is away: everything again, with fresh keys and the same noise.
        log.warn(
          { run: during.run, code, detail, err: cause },
          'the sandbox did not run the image',
        );
        await sleep(pause, undefined, { signal: during.ended }).catch(() => undefined);
        during.ended.throwIfAborted();
        await studies.open(plan.study);
        until = new Date(clock.now().getTime() + milliseconds);
      }
    }
  }

  /** Before budget is reserved: refuses with DEPTH, and fetches what encrypted columns give. */
  async prepare(plan: Plan): Promise<void> {
    // Who is linked, and what is chosen, is found in rows only.
    const { hasRows } = this.#options;
    const inRows = plan.link !== undefined || plan.inside !== undefined;
    check(!inRows || (await hasRows(plan.study)), 'COHORT_MISSING', plan.study);
    if (inRows || (await this.#source(plan.study)) !== this.#columns) {
      await this.#options.rows.prepare(plan);
      await this.#checkDeclared(plan.study);
      return;
    }
    const deadline = new Date(this.#options.clock.now().getTime() + PREPARE_MS);
    await this.#columns.prepare(plan, deadline);
  }

  /**
   * Rows of a version that declared more people than this one were not held to what a slot carries now. Read from the
   * versions alone: how many people there are is not to be seen from what is refused (rulings 13).
   */
  async #checkDeclared(study: Digest): Promise<void> {
    const { studies, holder, loadedUnder } = this.#options;
    const present = await studies.any(study);
    const under = await loadedUnder(study);
    const loaded = under === undefined ? undefined : versionOf(present, under);
    const declared = ({ cohort }: Study): number => cohort.declaredSize[holder] ?? 0;
    const fits = loaded !== undefined && declared(loaded) <= declared(present);
    check(fits, 'COHORT_MISSING', `${study}: loaded when more people were declared`);
  }

  async #source(study: Digest): Promise<Cohort> {
    const { rows, hasRows } = this.#options;
    const table = await this.#table(study);
    if (table === undefined) return rows;
    if (table.retired && (await hasRows(study))) return rows;
    // An amendment of the columns retired it: its layout is that of another version.
    const amended = table.retired && table.amended;
    check(!amended, 'COHORT_MISSING', `${study}: encrypted columns of another version`);
    return this.#columns;
  }

  async #table(study: Digest): Promise<(ReadyTable & { readonly amended: boolean }) | undefined> {
    const { office, studies } = this.#options;
    const live = await office.tables.live(study);
    if (live === undefined || live.state === 'uploading') return undefined;
    const present = await studies.any(study);
    const layout = layoutOf(termsOf(present), live.list);
    const amended = present.basis !== present.id;
    return { ...live, layout, retired: live.state === 'retired', amended };
  }
}
