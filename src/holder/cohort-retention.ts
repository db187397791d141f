/**
 * Retention: the rows of a cohort are deleted when its last day is over, or when the holder's staff says
 * so, with a signed statement. What it bore stays in the ledger, and the keyed hashes of its people
 * stay in the register: without them the same people could be loaded again with a fresh budget.
 * @module
 */
import { dayOf, endOfDay } from '../base/calendar.ts';
import { asRefusal, check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { DOMAIN } from '../base/sign.ts';
import { removeFile } from '../engine/remove-file.ts';
import type { CohortShelf } from './cohort-shelf.ts';
import type { DisclosedDesk } from './disclosed-desk.ts';

/** Signed: rows of a cohort are gone. Keyed hashes of its people stay, so that what they bore does. */
export type Deletion = {
  readonly format: 'kakehashi/cohort-deletion/1';
  readonly holder: string;
  readonly study: Digest;
  readonly version: Digest;
  readonly at: string;
};

export type SignedDeletion = {
  readonly deletion: Deletion;
  readonly key: string;
  readonly signature: string;
};

/** Deleted because its last day was over, or because a deletion of it was cut off; and the studies still being read. */
export type Expired = {
  readonly deleted: readonly SignedDeletion[];
  readonly finished: readonly SignedDeletion[];
  readonly busy: readonly Digest[];
};

export class CohortRetention {
  readonly #shelf: CohortShelf;
  readonly #disclosed: Pick<DisclosedDesk, 'forget'>;

  constructor(shelf: CohortShelf, disclosed: Pick<DisclosedDesk, 'forget'>) {
    this.#shelf = shelf;
    this.#disclosed = disclosed;
  }

  /**
   * Deletes the rows of a study and what linked runs told about their people, and signs that it did; goes on where that
   * was cut off. Refuses with COHORT_MISSING, and with FILE_NOT_REMOVED once nothing reads the rows any more.
   */
  async delete(study: Digest): Promise<SignedDeletion> {
    const { configuration, key, ledger, people, clock } = this.#shelf.options;
    return this.#shelf.alone(async () => {
      const booked = await this.#shelf.booked(study);
      const version = booked ?? (await this.#unfinished()).get(study);
      check(version !== undefined, 'COHORT_MISSING', study);
      await ledger.unload(study, await this.#shelf.checkIdle(study));
      await this.#shelf.retireColumns(study);
      await removeFile(this.#shelf.file(study));
      await removeFile(`${this.#shelf.file(study)}.wal`);
      await this.#disclosed.forget(study);
      const at = clock.now().toISOString();
      const { name: holder } = configuration;
      const format = 'kakehashi/cohort-deletion/1' as const;
      const deletion: Deletion = { format, holder, study, version, at };
      const signature = key.signObject(DOMAIN.cohortDeletion, deletion);
      const signed = { deletion, key: key.publicText, signature };
      await people.keepDeletion({ study, version, at, statement: JSON.stringify(signed) });
      return signed;
    });
  }

  /**
   * By study, the version that is out of the ledger without a statement that its rows are gone. Of rows that others took
   * the place of nothing is left to say.
   */
  async #unfinished(): Promise<ReadonlyMap<Digest, Digest>> {
    const { ledger, people } = this.#shelf.options;
    const said = await people.deletions();
    const unfinished = new Map<Digest, Digest>();
    for (const [study, { version, unloaded }] of (await ledger.state()).cohorts) {
      if (version !== '' || unloaded === undefined) continue;
      const statements = said.filter((one) => one.study === study).length;
      if (statements < unloaded.times) unfinished.set(study, unloaded.version);
    }
    return unfinished;
  }

  /** Loaded, and kept longer than its last day. */
  async #over(): Promise<Digest[]> {
    const { runs, people, clock } = this.#shelf.options;
    const over: Digest[] = [];
    for (const { id } of await runs.studies()) {
      const day = dayOf((await people.keptUntil(id)) ?? '');
      const isOver = day !== undefined && endOfDay(day) <= clock.now();
      if (isOver && (await this.#shelf.booked(id)) !== undefined) over.push(id);
    }
    return over;
  }

  /**
   * Deletes every cohort whose last day is over, and ends deletions that were cut off. One that a query is being
   * answered from is left for the next time. What fails with one keeps no other from it, and is thrown at the end.
   */
  async deleteExpired(): Promise<Expired> {
    const deleted: SignedDeletion[] = [];
    const finished: SignedDeletion[] = [];
    const busy: Digest[] = [];
    const failed: unknown[] = [];
    const unfinished = [...(await this.#unfinished()).keys()];
    for (const id of [...unfinished, ...(await this.#over())]) {
      try {
        (unfinished.includes(id) ? finished : deleted).push(await this.delete(id));
      } catch (error) {
        const { code } = asRefusal(error);
        if (code === 'CONFLICT') busy.push(id);
        // Its staff deleted it meanwhile.
        else if (code !== 'COHORT_MISSING') failed.push(error);
      }
    }
    for (const error of failed) throw error;
    return { deleted, finished, busy };
  }
}
