/**
 * The epoch of each study's collective key that the sandbox proposes (flows/pooled/key-epoch.ts): the one
 * in which the ciphertexts of a further run have room, as far as the sandbox has seen.
 * @module
 */
import type { Digest } from '../../base/hash.ts';
import type { SandboxStore } from './sandbox-store.ts';
import type { Statements } from './store.ts';

/** Without a word of a holder, epochs are counted from here. */
const FIRST = 1;

export class SandboxEpochs {
  readonly #store: SandboxStore;
  /** Ciphertexts of one epoch. */
  readonly #limit: number;

  constructor(store: SandboxStore, limit: number) {
    this.#store = store;
    this.#limit = limit;
  }

  /** The epoch of a further run of `ciphertexts`, which `take` would count. */
  async next(study: Digest, ciphertexts: number, on: Statements = this.#store): Promise<number> {
    const { epoch, used } = await this.#now(study, on);
    return used + ciphertexts > this.#limit ? epoch + 1 : epoch;
  }

  /** Counts a run that is begun in `epoch`. */
  async take(tx: Statements, study: Digest, epoch: number, ciphertexts: number): Promise<void> {
    const now = await this.#now(study, tx);
    await this.#set(tx, study, epoch, ciphertexts + (now.epoch === epoch ? now.used : 0));
  }

  /** A holder said that it would be in `epoch`. */
  async raise(study: Digest, epoch: number): Promise<void> {
    await this.#store.immediate(async (tx) => {
      if (epoch > (await this.#now(study, tx)).epoch) await this.#set(tx, study, epoch, 0);
    });
  }

  async #now(study: Digest, on: Statements): Promise<{ epoch: number; used: number }> {
    const row = await on.first(
      this.#store.db.selectFrom('key_epoch').selectAll().where('study', '=', study),
    );
    return { epoch: Number(row?.epoch ?? FIRST), used: Number(row?.ciphertexts ?? 0) };
  }

  async #set(tx: Statements, study: Digest, epoch: number, ciphertexts: number): Promise<void> {
    await tx.run(
      this.#store.db
        .insertInto('key_epoch')
        .values({ study, epoch, ciphertexts })
        .onConflict((conflict) => conflict.column('study').doUpdateSet({ epoch, ciphertexts })),
    );
  }
}
