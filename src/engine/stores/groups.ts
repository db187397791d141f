/**
 * Group commit: what is asked for while a transaction is under way waits, and goes together into the next one.
 *
 *     asked    a ──▶ b, c, d ────────────▶ e ───────▶
 *     store    [ a: decide, commit ][ b, c, d: decide, commit ][ e …
 *
 * A group is open until `serve` closes it, which it does once it has the lock of the store: who comes before
 * that still goes with it, also while another process has the lock. Nobody is answered before `serve`
 * resolves, so where that is after the commit, what anybody was answered is durable.
 * @module
 */
import { setImmediate } from 'node:timers/promises';

/** Of one group: a transaction is not to keep everybody else waiting for long. */
const MOST = 64;

/**
 * Serves those whom `close` gives, whose answers it returns in the same order; where it rejects, it does so for all of
 * them. `close` may be called again, by a transaction that is tried again, and gives the same.
 */
type Serve<Ask, Answer> = (
  close: () => readonly Ask[],
) => Promise<readonly PromiseSettledResult<Answer>[]>;

type Member<Ask, Answer> = {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
};

export class Groups<Ask, Answer> {
  readonly #serve: Serve<Ask, Answer>;
  /** The group that may still be joined. */
  #open: Member<Ask, Answer>[] | undefined;

  constructor(serve: Serve<Ask, Answer>) {
    this.#serve = serve;
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const member = { ask, resolve, reject };
      if (this.#open !== undefined && this.#open.length < MOST) {
        this.#open.push(member);
        return;
      }
      const group = [member];
      this.#open = group;
      void this.#run(group);
    });
  }

  async #run(group: Member<Ask, Answer>[]): Promise<void> {
    const close = (): readonly Ask[] => {
      if (this.#open === group) this.#open = undefined;
      return group.map(({ ask }) => ask);
    };
    try {
      // What came in at the same time as the first goes with it: SQLite lets nobody in while it commits.
      await setImmediate();
      const outcomes = await this.#serve(close);
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') group[i]?.resolve(outcome.value);
        else group[i]?.reject(outcome.reason);
      }
    } catch (error) {
      close();
      for (const { reject } of group) reject(error);
    }
  }
}
