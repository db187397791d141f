/**
 * A holder's ledger in its store (rulings 16 to 18): the adapter of the `Ledger` port.
 *
 * What is decided is decided by src/ledger, on the state folded from the stored entries, inside
 * one transaction that also appends the entry and is alone in writing: two processes on one store
 * can not both spend what is left. The folded state is kept between calls and brought up to the
 * last stored entry inside each transaction; what does not continue it is LEDGER_CORRUPT.
 *
 * A method returns after the commit is on disk. A crash before that leaves the ledger as it
 * was, a crash after it leaves the entry: every method may be called again.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Clock, Ledger, NoiseTicket, Reserved, ReserveRequest } from '../../flows/ports.ts';
import { append, verifyChain } from '../../ledger/chain.ts';
import type { Amount, Entry, EntryBody, LedgerHead } from '../../ledger/entry.ts';
import type { Limits } from '../../ledger/ceilings.ts';
import { amendEntry, type Versions } from '../../ledger/amendment.ts';
import { grantEntry, raiseEntry, reserveDecision, reserveEntry } from '../../ledger/filter.ts';
import { fold, readLedger } from '../../ledger/fold.ts';
import { loadEntry, type NewCohort, unloadEntry } from '../../ledger/people.ts';
import { restoreEntries, type RestoreSources } from '../../ledger/restore.ts';
import type { Account, LedgerState } from '../../ledger/state.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../ledger/transition.ts';
import { entriesAfter, insertEntry, type LedgerTables } from './ledger-rows.ts';
import { stepDone } from './step-channel.ts';
import type { Statements, Store } from './store.ts';

export type LedgerOptions = {
  readonly store: Store<LedgerTables>;
  readonly holder: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Cap what this holder's people bear over all studies. */
  readonly limits?: Limits;
};

type Refuse = (state: LedgerState) => void;

export class StoredLedger implements Ledger {
  readonly #store: Store<LedgerTables>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: Limits;
  /** Folded up to some stored entry; entries behind it may have been added by another process. */
  #state: LedgerState;

  /** The whole chain is verified at the first use, which refuses with LEDGER_CORRUPT. */
  constructor({ store, holder, clock, limits = {} }: LedgerOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#state = readLedger(holder, []);
  }

  /** With the chain verified already. */
  static async open(options: LedgerOptions): Promise<StoredLedger> {
    const ledger = new StoredLedger(options);
    await ledger.state();
    return ledger;
  }

  async grant(study: Digest, amount: Amount): Promise<void> {
    await this.#decide((state) => grantEntry(state, study, amount));
  }

  /** Adds what a signed grant allows; once for each. */
  async raise(study: Digest, grant: Digest, amount: Amount): Promise<void> {
    await this.#decide((state) => raiseEntry(state, study, grant, amount));
  }

  /** From here on version `to` of the study is in force, and nothing is reserved under an earlier one. */
  async amend(study: Digest, versions: Versions, amount: Amount): Promise<void> {
    await this.#decide((state) => amendEntry(state, study, versions, amount));
  }

  /** From here on queries of the study count these people. `refuse` throws where that is not to be. */
  async load(study: Digest, cohort: NewCohort, refuse?: Refuse): Promise<void> {
    await this.#decide((state) => loadEntry(state, study, cohort), refuse);
  }

  /** Nothing is counted for the study until another load. */
  async unload(study: Digest, refuse?: Refuse): Promise<void> {
    await this.#decide((state) => unloadEntry(state, study), refuse);
  }

  async reserve(request: ReserveRequest): Promise<Reserved> {
    const { planDigest: plan, ticket } = request;
    const asked = { ...request, plan };
    const [reserved, next] = await this.#store.immediate<[Reserved, LedgerState]>(
      async (transaction) => {
        // Asked for at once: everybody else waits meanwhile.
        const [state, used] = await Promise.all([
          this.#current(transaction),
          this.#sealed(transaction, ticket.commitment),
        ]);
        const decision = reserveDecision(state, asked, this.#limits);
        const entry = reserveEntry(decision, asked, ticket.commitment);
        if (decision.kind === 'charge') {
          // A seed serves one reservation (rulings 20): the same noise twice would cancel out.
          check(used === undefined, 'CONFLICT', 'noise ticket of another run');
          await this.#keepTicket(transaction, ticket);
        }
        const after = entry === undefined ? state : await this.#append(transaction, state, entry);
        const { head } = after;
        if (decision.kind === 'charge') return [{ charged: true, head, ticket }, after];
        const charged = decision.kind === 'known' && decision.charged;
        const standing = await this.#ticket(transaction, decision.commitment);
        return [{ charged, head, ticket: standing }, after];
      },
    );
    this.#advance(next);
    stepDone(request.run, 'ledger/reserve');
    return reserved;
  }

  async touch(run: Digest): Promise<void> {
    await this.#decide((state) => touchEntry(state, run));
    stepDone(run, 'ledger/touch');
  }

  async touched(run: Digest): Promise<boolean> {
    const known = (await this.state()).runs.get(run);
    if (known === undefined || known.of !== undefined) return false;
    return known.status === 'touched' || known.status === 'settled' || known.status === 'lost';
  }

  async keepVector(run: Digest, vector: Digest): Promise<void> {
    await this.#decide((state) => vectorEntry(state, run, vector));
    stepDone(run, 'ledger/vector');
  }

  async vector(run: Digest): Promise<Digest | undefined> {
    return (await this.state()).runs.get(run)?.vector;
  }

  async settle(run: Digest, release: Digest): Promise<void> {
    await this.#decide((state) => settleEntry(state, run, release));
    stepDone(run, 'ledger/settle');
  }

  async abort(run: Digest): Promise<void> {
    // A run that never got as far as this ledger has nothing to give back.
    await this.#decide((state) => (state.runs.has(run) ? abortEntry(state, run) : undefined));
    stepDone(run, 'ledger/abort');
  }

  async account(study: Digest): Promise<Account> {
    const account = (await this.state()).studies.get(study);
    check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
    return account;
  }

  /** Goes on behind what was seen, grants and counts (ledger/restore.ts); returns the new head. */
  async restore(sources: RestoreSources) {
    const after = await this.#store.immediate(async (transaction) => {
      const state = await this.#current(transaction);
      const entries = restoreEntries(state, sources, this.#clock.now().toISOString());
      for (const entry of entries) await insertEntry(this.#store, transaction, entry);
      return fold(state, entries);
    });
    return this.#advance(after).head;
  }

  async head(): Promise<LedgerHead> {
    return (await this.state()).head;
  }

  /** Every entry, verified; for the holder's own staff and for mirrors. */
  async entries(): Promise<readonly Entry[]> {
    const entries = await entriesAfter(this.#store, this.#store, 0);
    readLedger(this.#state.holder, entries);
    return entries;
  }

  /** What all runs and studies stand at now. */
  state(): Promise<LedgerState> {
    return this.#current(this.#store);
  }

  async #decide(
    entryFor: (state: LedgerState) => EntryBody | undefined,
    refuse?: Refuse,
  ): Promise<void> {
    const after = await this.#store.immediate(async (transaction) => {
      const state = await this.#current(transaction);
      refuse?.(state);
      const entry = entryFor(state);
      return entry === undefined ? state : this.#append(transaction, state, entry);
    });
    this.#advance(after);
  }

  /** The state at the last stored entry. Inside a transaction nothing can follow it. */
  async #current(statements: Statements): Promise<LedgerState> {
    const known = this.#state;
    const { head } = known;
    // The entry of the cached head is read again: one that is gone or another is a rollback.
    const [seen, added] = await this.#entriesFrom(statements, head);
    check(seen, 'LEDGER_CORRUPT', `entry ${head.sequence} is not the one seen before`);
    if (added.length === 0) return known;
    verifyChain(head, added);
    return this.#advance(fold(known, added));
  }

  /** Keeps what is stored and read; a slower reader does not set it back. */
  #advance(state: LedgerState): LedgerState {
    if (state.head.sequence > this.#state.head.sequence) this.#state = state;
    return state;
  }

  async #entriesFrom(statements: Statements, head: LedgerHead): Promise<[boolean, Entry[]]> {
    if (head.sequence === 0) return [true, await entriesAfter(this.#store, statements, 0)];
    const [first, ...rest] = await entriesAfter(this.#store, statements, head.sequence - 1);
    return [first?.sequence === head.sequence && first.hash === head.hash, rest];
  }

  /** Appends inside the transaction; the state behind it is kept only after the commit. */
  async #append(
    transaction: Statements,
    state: LedgerState,
    body: EntryBody,
  ): Promise<LedgerState> {
    const entry = append(state.head, this.#clock.now().toISOString(), body);
    // Legal by the same rules that will read it, or it is not written.
    const after = fold(state, [entry]);
    await insertEntry(this.#store, transaction, entry);
    return after;
  }

  async #keepTicket(
    transaction: Statements,
    { commitment, sealedSeed: sealed }: NoiseTicket,
  ): Promise<void> {
    const row = { commitment, sealed };
    await transaction.run(this.#store.db.insertInto('noise_seed').values(row));
  }

  async #ticket(statements: Statements, commitment: Digest): Promise<NoiseTicket> {
    const sealedSeed = await this.#sealed(statements, commitment);
    check(sealedSeed !== undefined, 'LEDGER_CORRUPT', 'a reservation lost its noise ticket');
    return { commitment, sealedSeed };
  }

  async #sealed(statements: Statements, commitment: Digest): Promise<Uint8Array | undefined> {
    const row = await statements.first(
      this.#store.db.selectFrom('noise_seed').select('sealed').where('commitment', '=', commitment),
    );
    return row?.sealed;
  }
}
