/**
 * The `Cohort` port over encrypted columns: a noised vector or nothing, from sums that the sandbox
 * made blind and this holder opens.
 *
 * What needs a column or a depth that is not there is refused before data is touched, and so is a
 * sandbox that does not answer `prepare`: it fetches the sums of a plan before budget is reserved,
 * which opens nothing. From `noisedVector` on a fault gives zeros plus noise and an alarm for
 * this holder's own staff (rulings 13), and a result that is not that of the plan retires the table
 * before the vector leaves (he/seal/open-result.ts says why there is no second try).
 * Adversary   the sandbox, deviating; flows/encrypted-columns.ts says what it can do.
 * @module
 */
import { asRefusal, check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { Layout } from '../../flows/columns/layout.ts';
import type { SandboxColumns } from '../../flows/columns/sandbox-columns.ts';
import { readVector, type ServedPlan, servedPlan } from '../../flows/columns/serve.ts';
import type { ColumnTable } from '../../flows/columns/table.ts';
import { askSums } from '../../flows/encrypted-columns.ts';
import type { Clock, Cohort, Log } from '../../flows/ports.ts';
import type { HolderKey } from '../../he/seal/holder-key.ts';
import { openResult } from '../../he/seal/open-result.ts';
import type { Seal } from './encrypt-stored.ts';

/** A table whose upload is complete. */
export type ReadyTable = ColumnTable & {
  readonly epoch: Digest;
  readonly layout: Layout;
  /** A result under its key was refused: no other is opened, and no run begins. */
  readonly retired: boolean;
};

export type EncryptedCohortOptions = {
  /** The table that answers for a study; none once it was erased. */
  readonly ready: (study: Digest) => Promise<ReadyTable | undefined>;
  /** Durable: no result is opened under the key of this table again. */
  readonly retire: (table: Digest) => Promise<void>;
  readonly key: (table: ColumnTable) => Promise<HolderKey>;
  readonly seal: () => Promise<Seal>;
  readonly sandbox: Pick<SandboxColumns, 'sums'>;
  /** The vector from the rows, where this holder still has them: what the sums are compared with. */
  readonly exact?: (plan: Plan, deadline: Date) => Promise<BigInt64Array | undefined>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
};

/** Plans whose sums wait to be opened; each is up to 31 MB. */
const MOST_PREPARED = 4;

export class EncryptedCohort implements Cohort {
  readonly #options: EncryptedCohortOptions;
  /** Fetched and not opened, by table and query. */
  readonly #prepared = new Map<string, readonly Uint8Array[]>();

  constructor(options: EncryptedCohortOptions) {
    this.#options = options;
  }

  async epoch(study: Digest): Promise<Digest> {
    return (await this.#ready(study)).epoch;
  }

  /** Refuses with DEPTH what these columns do not give; fetches the sums of a plan. */
  async prepare(plan: Plan, deadline: Date): Promise<void> {
    const table = await this.#ready(plan.study);
    check(!table.retired, 'COHORT_MISSING', 'encrypted columns are retired');
    const served = servedPlan(table.layout, plan, table.blocks);
    const results = await askSums(table, served, this.#options.sandbox, deadline);
    // Takes 0.4 s the first time, which no deadline of a plan has room for.
    await this.#options.seal();
    // Of runs that were refused after this: forgotten in the end, and fetched again should they come.
    for (const old of [...this.#prepared.keys()].slice(0, -MOST_PREPARED))
      this.#prepared.delete(old);
    this.#prepared.set(keyOf(table, plan), results);
  }

  async noisedVector(plan: Plan, noise: BigInt64Array, deadline: Date): Promise<BigInt64Array> {
    check(noise.length === plan.values, 'INVALID_PARAMETER', `noise of ${noise.length} values`);
    const table = await this.#ready(plan.study);
    const served = servedPlan(table.layout, plan, table.blocks);
    let values: readonly (readonly [number, bigint])[] = [];
    try {
      const vector = await this.#vector(table, plan, served, deadline);
      values = [...vector].map((value, index) => [index, value] as const);
    } catch (error) {
      const { code, detail } = asRefusal(error);
      this.#options.log.error(
        { study: plan.study, query: plan.queryKey, table: table.table, code, detail },
        'encrypted columns failed: this holder contributes zeros plus noise',
      );
    }
    for (const [index, value] of values) noise[index] = (noise[index] ?? 0n) + value;
    return noise;
  }

  async #vector(
    table: ReadyTable,
    plan: Plan,
    served: ServedPlan,
    deadline: Date,
  ): Promise<BigInt64Array> {
    const { clock, exact } = this.#options;
    const inTime = (): void => check(clock.now() < deadline, 'INTERNAL', 'deadline');
    // Of a run that went on after its table was retired: what it is answered must not differ.
    check(!table.retired, 'PROOF_REJECTED', 'encrypted columns are retired');
    const vector = new BigInt64Array(plan.values);
    const sums = await this.#open(table, plan, served, deadline);
    for (const [index, value] of readVector(served, sums)) vector[index] = value;
    inTime();
    const rows = await exact?.(plan, deadline);
    inTime();
    if (rows !== undefined && rows.some((value, i) => value !== vector[i])) {
      await this.#retire(table);
      check(false, 'PROOF_REJECTED', 'sums differ from the rows');
    }
    return vector;
  }

  /** The exact sums, checked; a result that is not the plan's ends the table. */
  async #open(
    table: ReadyTable,
    plan: Plan,
    { columns, ...served }: ServedPlan,
    deadline: Date,
  ): Promise<bigint[]> {
    const { sandbox, seal, key } = this.#options;
    const fetched = this.#prepared.get(keyOf(table, plan));
    const results = fetched ?? (await askSums(table, { columns, ...served }, sandbox, deadline));
    this.#prepared.delete(keyOf(table, plan));
    const { session, codec } = await seal();
    const own = await key(table);
    using _secret = own.secret;
    using _check = own.check;
    try {
      return openResult(session, codec, own, table.layout.schema, columns, results);
    } catch (error) {
      await this.#retire(table);
      throw error;
    }
  }

  async #retire({ table, study }: ReadyTable): Promise<void> {
    await this.#options.retire(table);
    this.#options.log.error({ study, table }, 'encrypted columns are retired: upload them again');
  }

  async #ready(study: Digest): Promise<ReadyTable> {
    const table = await this.#options.ready(study);
    check(table !== undefined, 'COHORT_MISSING', study);
    return table;
  }
}

const keyOf = ({ table }: ColumnTable, { queryKey }: Plan): string => `${table}/${queryKey}`;
