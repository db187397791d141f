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
import { blockOffset } from '../../analysis/block-layout.ts';
import { componentsOf } from '../../cohort/blocks.ts';
import { dyadicTree, pathOf } from '../../dp/mechanism/dyadic.ts';
import { chosenVector, type ExactValues, nothing } from '../../cohort/inside/choose.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { ByteSource } from '../../dp/sampler/byte-source.ts';
import type { DuringRun } from '../../flows/during-run.ts';
import type { Images } from '../../flows/image-ports.ts';
import type { Chooser } from '../../flows/inside-ports.ts';
import type { Clock, Cohort, Log } from '../../flows/ports.ts';
import { compileSql, type CompiledSql, type TableFacts } from './compile-sql.ts';
import { exactValues } from './exact-values.ts';
import type { ValueSum } from './image-sums.ts';
import { ImageWork } from './image-work.ts';
import { type Row, Session } from './session.ts';
import { describeColumns, readDescription } from './stored-cohort.ts';

export type CohortOptions = {
  /** `cohorts` in the data directory. */
  readonly directory: string;
  /** Where DuckDB spills; inside the data directory. */
  readonly tmpDirectory: string;
  /** The version of the rows that the ledger has booked for a study. */
  readonly loaded: (study: Digest) => Promise<Digest | undefined>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Runs the programs of a plan; none where a plan with one is a fault. */
  readonly images?: Images;
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

export class DuckDbCohort implements Cohort, Chooser {
  readonly #options: CohortOptions;

  constructor(options: CohortOptions) {
    this.#options = options;
  }

  async epoch(study: Digest): Promise<Digest> {
    const file = cohortFile(this.#options.directory, study);
    const found = await stat(file).catch(() => undefined);
    const booked = (await this.#options.loaded(study)) !== undefined;
    check(booked && found?.isFile() === true, 'COHORT_MISSING', study);
    const session = await this.#session(study);
    try {
      const { epoch } = await readDescription(session);
      await this.#checkEpoch(study, epoch);
      return epoch;
    } finally {
      session.close();
    }
  }

  /**
   * Before budget is reserved: refuses with COHORT_MISSING where the rows were loaded under a version of the study
   * with other columns.
   */
  async prepare(plan: Pick<Plan, 'study' | 'columns'>): Promise<void> {
    await this.epoch(plan.study);
    const session = await this.#session(plan.study);
    try {
      const { columns } = await readDescription(session);
      const same = columns === describeColumns(plan.columns);
      check(same, 'COHORT_MISSING', `${plan.study}: loaded with other columns`);
    } finally {
      session.close();
    }
  }

  /** Refuses with PLACE_UNAVAILABLE where the sandbox has a part in it and does not do it. */
  async noisedVector(
    plan: Plan,
    noise: BigInt64Array,
    deadline: Date,
    during?: DuringRun,
  ): Promise<BigInt64Array> {
    check(noise.length === plan.values, 'INVALID_PARAMETER', `noise of ${noise.length} values`);
    // Before data is touched: what does not compile is a refusal, not a fault.
    compileSql(plan, { oneRowPerPerson: false });
    const work = await ImageWork.open(plan, this.#options.images, during?.run);
    try {
      const sums = await this.#sum(plan, work, deadline).catch((error: unknown) => {
        const { code, detail } = asRefusal(error);
        this.#options.log.error(
          { study: plan.study, query: plan.queryKey, code, detail },
          'cohort query failed: this holder contributes zeros plus noise',
        );
        return undefined;
      });
      await work.handOver(during ?? { ended: new AbortController().signal });
      for (const [at, sum] of sums === undefined ? [] : [...sums, ...work.values()]) {
        noise[at] = (noise[at] ?? 0n) + sum;
      }
      return noise;
    } finally {
      await work.close();
    }
  }

  async chosen(plan: Plan, coins: ByteSource, deadline: Date): Promise<BigInt64Array> {
    const { inside } = plan;
    check(inside !== undefined, 'INVALID_PARAMETER', 'a plan that chooses nothing');
    let exact: readonly ExactValues[] = inside.choices.map((own) => nothing(own, plan.cells));
    try {
      const { images } = this.#options;
      exact = await this.#open(plan, deadline, (session, facts, signal) =>
        exactValues({ plan, session, facts, images, signal }),
      );
    } catch (error) {
      const { code, detail } = asRefusal(error);
      this.#options.log.error(
        { study: plan.study, query: plan.queryKey, code, detail },
        'cohort query failed: this holder chooses as if nobody were there',
      );
    }
    return chosenVector(plan, exact, coins);
  }

  /** Those of programs are left to `work`. */
  async #sum(plan: Plan, work: ImageWork, deadline: Date): Promise<readonly ValueSum[]> {
    return this.#open(plan, deadline, async (session, facts, signal) => {
      const compiled = compileSql(plan, facts);
      const rows = compiled === undefined ? [] : await session.rows(compiled.sql, compiled.bound);
      await work.read(session, facts, signal);
      return rows.flatMap((row) => valueSums(row, plan));
    });
  }

  /** Rows of the loaded cohort of the plan's study, for adapters; refuses what is late. */
  async read(
    plan: Pick<Plan, 'study' | 'columns'>,
    deadline: Date,
    compile: (facts: TableFacts) => CompiledSql,
  ): Promise<readonly Row[]> {
    return this.#open(plan, deadline, (session, facts) => {
      const { sql, bound } = compile(facts);
      return session.rows(sql, bound);
    });
  }

  /** One piece of work on the loaded cohort of the plan's study, ended at the deadline. */
  async #open<T>(
    plan: Pick<Plan, 'study' | 'columns'>,
    deadline: Date,
    work: (session: Session, facts: TableFacts, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    const late = (): boolean => clock.now() >= deadline;
    const inTime = (): void => check(!late(), 'INTERNAL', 'deadline');
    const session = await this.#session(plan.study);
    const stop = new AbortController();
    const timer = setInterval(() => {
      if (!late()) return;
      session.interrupt();
      stop.abort();
    }, INTERRUPT_MILLISECONDS);
    try {
      const { columns, epoch, rows, people } = await readDescription(session);
      await this.#checkEpoch(plan.study, epoch);
      check(columns === describeColumns(plan.columns), 'DATA_DIRECTORY_DAMAGED', 'columns');
      inTime();
      const answer = await work(session, { oneRowPerPerson: rows === people }, stop.signal);
      inTime();
      return answer;
    } finally {
      clearInterval(timer);
      session.close();
    }
  }

  /** A file that was put in place of the loaded one is not the cohort that the ledger charges. */
  async #checkEpoch(study: Digest, epoch: Digest): Promise<void> {
    check((await this.#options.loaded(study)) === epoch, 'DATA_DIRECTORY_DAMAGED', 'cohort epoch');
  }

  #session(study: Digest): Promise<Session> {
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

function integer(value: unknown): bigint {
  check(typeof value === 'bigint', 'INTERNAL', 'a sum that is no integer');
  return value;
}

/** One answer row (block, part, cell, a, b, c) as what it adds to the vector. */
function valueSums(row: Row, plan: Plan): ValueSum[] {
  const [block = 0n, part = 0n, cell = 0n, ...sums] = row.map(integer);
  const content = plan.blocks[Number(block)]?.content;
  check(content !== undefined, 'INTERNAL', 'unknown block');
  const parts = content.kind === 'dyadic' ? 2 ** content.depth : componentsOf(content);
  check(
    cell >= 0n && cell < BigInt(plan.cells) && part >= 0n && part < BigInt(parts),
    'INTERNAL',
    'cell out of range',
  );
  const at = (component: number): number =>
    blockOffset(plan, Number(block)) + component * plan.cells + Number(cell);
  const [sum = 0n] = sums;
  if (content.kind === 'dyadic') {
    const nodes = pathOf(dyadicTree(parts), Number(part));
    return nodes.map((node): ValueSum => [at(node), sum]);
  }
  if (content.kind !== 'moments') return [[at(Number(part)), sum]];
  return sums.map((sum, component): ValueSum => [at(component), sum]);
}
