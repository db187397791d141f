/**
 * Durable steps: what a step returned once, it returns for ever.
 *
 * A result is stored by insert-or-return in one transaction, so of two computations of a step
 * (a crash, a second process) the first stored one wins and both callers get its bytes. The
 * name is published on diagnostics_channel('kakehashi:step') after the commit: a kill there
 * finds the step done.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Digest, DIGEST_PATTERN } from '../../base/hash.ts';
import type { Steps } from '../../flows/ports.ts';
import type { Migration } from './migrations.ts';
import { stepDone } from './step-channel.ts';
import type { Store } from './store.ts';

export type StepTables = {
  step: { run: Digest; name: string; result: Uint8Array };
};

export const STEP_MIGRATIONS: readonly Migration[] = [
  {
    name: 'step/1',
    sql: `CREATE TABLE step (
      run TEXT NOT NULL, name TEXT NOT NULL, result BLOB NOT NULL,
      PRIMARY KEY (run, name)
    ) STRICT`,
  },
];

/** What a holder signs once the keys of a run are gone (audit/erasure.ts). */
export const STATEMENT = 'erasure';

export class StoredSteps implements Steps {
  readonly #store: Store<StepTables>;
  /** Steps of this process that are looked for or computed: a second caller waits for the first. */
  readonly #running = new Map<string, Promise<Uint8Array>>();

  constructor(store: Store<StepTables>) {
    this.#store = store;
  }

  async once(run: Digest, name: string, compute: () => Promise<Uint8Array>): Promise<Uint8Array> {
    check(DIGEST_PATTERN.test(run), 'INVALID_PARAMETER', 'run is not a digest');
    check(name.length > 0, 'INVALID_PARAMETER', 'step without a name');
    // A run is 64 hexadecimal digits, so the two parts cannot run into each other.
    const key = `${run}/${name}`;
    let running = this.#running.get(key);
    if (running === undefined) {
      running = this.#finish(run, name, compute).finally(() => this.#running.delete(key));
      this.#running.set(key, running);
    }
    return (await running).slice();
  }

  /**
   * Deletes the steps of a run that has ended whose names match one of `patterns` (SQL LIKE). In the same
   * transaction `statement`, of the names that were deleted, becomes the step STATEMENT, where there were any.
   */
  async forget(
    run: Digest,
    patterns: readonly string[],
    statement?: (names: readonly string[]) => Uint8Array,
  ): Promise<void> {
    const { db } = this.#store;
    await this.#store.immediate(async (tx) => {
      const names: string[] = [];
      for (const pattern of patterns) {
        const of = db.selectFrom('step').select('name').where('run', '=', run);
        const found = await tx.all(of.where('name', 'like', pattern).orderBy('name'));
        names.push(...found.map(({ name }) => name));
        await tx.run(db.deleteFrom('step').where('run', '=', run).where('name', 'like', pattern));
      }
      if (names.length === 0 || statement === undefined) return;
      const row = { run, name: STATEMENT, result: statement(names) };
      await tx.run(
        db
          .insertInto('step')
          .values(row)
          .onConflict((conflict) => conflict.columns(['run', 'name']).doNothing()),
      );
    });
  }

  async #finish(
    run: Digest,
    name: string,
    compute: () => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const stored = await this.stored(run, name);
    if (stored !== undefined) return stored;
    const computed = await compute();
    const result = await this.#store.immediate(async (transaction) => {
      const earlier = await transaction.first(this.#query(run, name));
      if (earlier !== undefined) return earlier.result;
      await transaction.run(
        this.#store.db.insertInto('step').values({ run, name, result: computed }),
      );
      return computed;
    });
    stepDone(run, name);
    return result;
  }

  /** What a step returned, where it is done. */
  async stored(run: Digest, name: string): Promise<Uint8Array | undefined> {
    return (await this.#store.first(this.#query(run, name)))?.result;
  }

  #query(run: Digest, name: string) {
    return this.#store.db
      .selectFrom('step')
      .select('result')
      .where('run', '=', run)
      .where('name', '=', name);
  }
}
