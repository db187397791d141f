/**
 * The `Cohort` port over `cohorts/<study>.duckdb`: a noised vector or nothing.
 *
 * What a caller can see depends on the study, the plan and its own noise only (rulings 13):
 * once data is touched, a fault or a missed deadline gives zeros plus noise, and the holder's
 * own staff gets an alarm without a value in it. A plan that does not fit the study is refused
 * before that. Adversary: everybody outside this process; the exact counts live in one
 * temporary result of this function and are nowhere stored or logged. Not covered: a row that
 * would kill the whole process (DuckDB runs inside it) shows as a holder that went away.
 * @module
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { asRefusal, check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { Clock, Cohort, Log } from '../../flows/ports.ts';
import { compileSql, type CompiledSql } from './compile-sql.ts';
import { Session } from './session.ts';
import { describeColumns, readDescription } from './stored-cohort.ts';

export type CohortOptions = {
  /** `cohorts` in the data directory. */
  readonly directory: string;
  /** Where DuckDB spills; inside the data directory. */
  readonly tmpDirectory: string;
  /** The epoch that was loaded for a study, remembered outside its file. */
  readonly loaded: (study: Digest) => Digest | undefined;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly threads?: number;
  readonly memoryLimit?: string;
};

/** How often a late query is told to stop: DuckDB forgets an interrupt that comes between two statements. */
const INTERRUPT_MILLISECONDS = 50;

/** Where the cohort of a study is kept; what `importCohort` is given as its target. */
export function cohortFile(directory: string, study: Digest): string {
  check(DIGEST_PATTERN.test(study), 'INVALID_PARAMETER', 'study is not a digest');
  return path.join(directory, `${study}.duckdb`);
}

export class DuckDbCohort implements Cohort {
  readonly #options: CohortOptions;

  constructor(options: CohortOptions) {
    this.#options = options;
  }

  async epoch(study: Digest): Promise<Digest> {
    const file = cohortFile(this.#options.directory, study);
    const found = await stat(file).catch(() => undefined);
    check(found?.isFile() === true, 'COHORT_MISSING', study);
    const session = await this.#open(study);
    try {
      const { epoch } = await readDescription(session);
      this.#checkEpoch(study, epoch);
      return epoch;
    } finally {
      session.close();
    }
  }

  async noisedVector(plan: Plan, noise: BigInt64Array, deadline: Date): Promise<BigInt64Array> {
    check(noise.length === plan.cells, 'INVALID_PARAMETER', `noise of ${noise.length} cells`);
    const compiled = compileSql(plan);
    let counts: readonly CellCount[] = [];
    try {
      counts = await this.#count(plan, compiled, deadline);
    } catch (error) {
      const { code, detail } = asRefusal(error);
      this.#options.log.error(
        { study: plan.study, query: plan.queryKey, code, detail },
        'cohort query failed: this holder contributes zeros plus noise',
      );
    }
    for (const [cell, n] of counts) noise[cell] = (noise[cell] ?? 0n) + n;
    return noise;
  }

  async #count(
    plan: Plan,
    { sql, bound }: CompiledSql,
    deadline: Date,
  ): Promise<readonly CellCount[]> {
    const { clock } = this.#options;
    const late = (): boolean => clock.now() >= deadline;
    const inTime = (): void => check(!late(), 'INTERNAL', 'deadline');
    const session = await this.#open(plan.study);
    const timer = setInterval(() => {
      if (late()) session.interrupt();
    }, INTERRUPT_MILLISECONDS);
    try {
      const { columns, epoch } = await readDescription(session);
      this.#checkEpoch(plan.study, epoch);
      check(columns === describeColumns(plan.columns), 'DATA_DIRECTORY_DAMAGED', 'columns');
      inTime();
      const rows = await session.rows(sql, bound);
      inTime();
      return rows.map(([cell, n]) => cellCount(cell, n, plan.cells));
    } finally {
      clearInterval(timer);
      session.close();
    }
  }

  /** A file that was put in place of the loaded one is not the cohort that the ledger charges. */
  #checkEpoch(study: Digest, epoch: Digest): void {
    check(this.#options.loaded(study) === epoch, 'DATA_DIRECTORY_DAMAGED', 'cohort epoch');
  }

  #open(study: Digest): Promise<Session> {
    const { directory, tmpDirectory, threads, memoryLimit } = this.#options;
    return Session.open({
      file: cohortFile(directory, study),
      readOnly: true,
      tmpDirectory,
      threads: threads ?? 1,
      memoryLimit: memoryLimit ?? '1GB',
    });
  }
}

type CellCount = readonly [cell: number, n: bigint];

function cellCount(cell: unknown, n: unknown, cells: number): CellCount {
  const index = Number(cell);
  check(
    typeof cell === 'bigint' && typeof n === 'bigint' && index >= 0 && index < cells,
    'INTERNAL',
    'cell out of range',
  );
  return [index, n];
}
