/**
 * A holder's ledger in SQLite (rulings 16 to 18): the adapter of the `Ledger` port.
 *
 * What is decided is decided by src/ledger, on the state folded from the stored entries, inside
 * one BEGIN IMMEDIATE transaction that also appends the entry: two processes on one file can
 * not both spend what is left. The folded state is kept between calls and brought up to the
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
import { grantEntry, raiseEntry, reserveDecision, reserveEntry } from '../../ledger/filter.ts';
import { fold, readLedger } from '../../ledger/fold.ts';
import { loadEntry, type NewCohort, unloadEntry } from '../../ledger/people.ts';
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

export class SqliteLedger implements Ledger {
  readonly #store: Store<LedgerTables>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: Limits;
  /** Folded up to some stored entry; entries behind it may have been added by another process. */
  #state: LedgerState;

  /** Verifies the whole chain; refuses with LEDGER_CORRUPT. */
  constructor({ store, holder, clock, limits = {} }: LedgerOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
    this.#state = readLedger(holder, entriesAfter(store, store, 0));
  }

  async grant(study: Digest, amount: Amount): Promise<void> {
    this.#decide((state) => grantEntry(state, study, amount));
  }

  /** Adds what a signed grant allows; once for each. */
  async raise(study: Digest, grant: Digest, amount: Amount): Promise<void> {
    this.#decide((state) => raiseEntry(state, study, grant, amount));
  }

  /** From here on queries of the study count these people. */
  load(study: Digest, cohort: NewCohort): void {
    this.#decide((state) => loadEntry(state, study, cohort));
  }

  /** Nothing is counted for the study until another load. */
  unload(study: Digest): void {
    this.#decide((state) => unloadEntry(state, study));
  }

  async reserve(request: ReserveRequest): Promise<Reserved> {
    const { planDigest: plan, ticket } = request;
    const asked = { ...request, plan };
    const [reserved, next] = this.#store.immediate((transaction): [Reserved, LedgerState] => {
      const state = this.#current(transaction);
      const decision = reserveDecision(state, asked, this.#limits);
      const entry = reserveEntry(decision, asked, ticket.commitment);
      if (decision.kind === 'charge') this.#keepTicket(transaction, ticket);
      const after = entry === undefined ? state : this.#append(transaction, state, entry);
      const { head } = after;
      if (decision.kind === 'charge') return [{ charged: true, head, ticket }, after];
      const charged = decision.kind === 'known' && decision.charged;
      const standing = this.#ticket(transaction, decision.commitment);
      return [{ charged, head, ticket: standing }, after];
    });
    this.#state = next;
    stepDone(request.run, 'ledger/reserve');
    return reserved;
  }

  async touch(run: Digest): Promise<void> {
    this.#decide((state) => touchEntry(state, run));
    stepDone(run, 'ledger/touch');
  }

  async touched(run: Digest): Promise<boolean> {
    const known = this.#current(this.#store).runs.get(run);
    if (known === undefined || known.of !== undefined) return false;
    return known.status === 'touched' || known.status === 'settled' || known.status === 'lost';
  }

  async keepVector(run: Digest, vector: Digest): Promise<void> {
    this.#decide((state) => vectorEntry(state, run, vector));
    stepDone(run, 'ledger/vector');
  }

  async vector(run: Digest): Promise<Digest | undefined> {
    return this.#current(this.#store).runs.get(run)?.vector;
  }

  async settle(run: Digest, release: Digest): Promise<void> {
    this.#decide((state) => settleEntry(state, run, release));
    stepDone(run, 'ledger/settle');
  }

  async abort(run: Digest): Promise<void> {
    // A run that never got as far as this ledger has nothing to give back.
    this.#decide((state) => (state.runs.has(run) ? abortEntry(state, run) : undefined));
    stepDone(run, 'ledger/abort');
  }

  async account(study: Digest): Promise<Account> {
    const account = this.#current(this.#store).studies.get(study);
    check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
    return account;
  }

  async head(): Promise<LedgerHead> {
    return this.#current(this.#store).head;
  }

  /** Every entry, verified; for the holder's own staff and for mirrors. */
  entries(): readonly Entry[] {
    const entries = entriesAfter(this.#store, this.#store, 0);
    readLedger(this.#state.holder, entries);
    return entries;
  }

  /** What all runs and studies stand at now. */
  state(): LedgerState {
    return this.#current(this.#store);
  }

  #decide(entryFor: (state: LedgerState) => EntryBody | undefined): void {
    this.#state = this.#store.immediate((transaction) => {
      const state = this.#current(transaction);
      const entry = entryFor(state);
      return entry === undefined ? state : this.#append(transaction, state, entry);
    });
  }

  /** The state at the last stored entry. Inside a transaction nothing can follow it. */
  #current(statements: Statements): LedgerState {
    const { head } = this.#state;
    // The entry of the cached head is read again: one that is gone or another is a rollback.
    const [seen, added] = this.#entriesFrom(statements, head);
    check(seen, 'LEDGER_CORRUPT', `entry ${head.sequence} is not the one seen before`);
    if (added.length > 0) {
      verifyChain(head, added);
      this.#state = fold(this.#state, added);
    }
    return this.#state;
  }

  #entriesFrom(statements: Statements, head: LedgerHead): [boolean, Entry[]] {
    if (head.sequence === 0) return [true, entriesAfter(this.#store, statements, 0)];
    const [first, ...rest] = entriesAfter(this.#store, statements, head.sequence - 1);
    return [first?.sequence === head.sequence && first.hash === head.hash, rest];
  }

  /** Appends inside the transaction; the state behind it is kept only after the commit. */
  #append(transaction: Statements, state: LedgerState, body: EntryBody): LedgerState {
    const entry = append(state.head, this.#clock.now().toISOString(), body);
    // Legal by the same rules that will read it, or it is not written.
    const after = fold(state, [entry]);
    insertEntry(this.#store, transaction, entry);
    return after;
  }

  /** A seed serves one reservation (rulings 20): the same noise twice would cancel out. */
  #keepTicket(transaction: Statements, { commitment, sealedSeed }: NoiseTicket): void {
    const { db } = this.#store;
    const used = transaction.first(
      db.selectFrom('noise_seed').select('commitment').where('commitment', '=', commitment),
    );
    check(used === undefined, 'CONFLICT', 'noise ticket of another run');
    transaction.run(db.insertInto('noise_seed').values({ commitment, sealed: sealedSeed }));
  }

  #ticket(statements: Statements, commitment: Digest): NoiseTicket {
    const row = statements.first(
      this.#store.db.selectFrom('noise_seed').select('sealed').where('commitment', '=', commitment),
    );
    check(row !== undefined, 'LEDGER_CORRUPT', 'a reservation lost its noise ticket');
    return { commitment, sealedSeed: row.sealed };
  }
}
