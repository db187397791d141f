/**
 * A holder's ledger in its store (rulings 16 to 18): the adapter of the `Ledger` port.
 *
 * What is decided is decided by src/ledger, on the state folded from the stored entries, inside
 * one transaction that also appends the entry and is alone in writing: two processes on one store
 * can not both spend what is left. The folded state is kept between calls and brought up to the
 * last stored entry inside each transaction; what does not continue it is LEDGER_CORRUPT.
 *
 * A ledger is a chain, so a commit ends before the next one begins; what is asked for meanwhile is decided in one
 * transaction, each request on what those before it leave (groups.ts, ledger/group.ts). So under load a flush of
 * the disk is shared by as many as wait for it.
 *
 * A method returns after the commit is on disk. A crash before that leaves the ledger as it
 * was, a crash after it leaves the entry: every method may be called again.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Clock, Ledger, NoiseTicket, Reserved, ReserveRequest } from '../../flows/ports.ts';
import { verifyChain } from '../../ledger/chain.ts';
import { type Amount, emptyHead, type Entry, type LedgerHead } from '../../ledger/entry.ts';
import type { Limits } from '../../ledger/ceilings.ts';
import { amendEntry, type Versions } from '../../ledger/amendment.ts';
import { grantEntry, raiseEntry, reserveDecision, reserveEntry } from '../../ledger/filter.ts';
import { fold, readLedger } from '../../ledger/fold.ts';
import { type Decide, type Decided, decideEach, type Group } from '../../ledger/group.ts';
import { loadEntry, type NewCohort, unloadEntry } from '../../ledger/people.ts';
import { restoreEntries, type RestoreSources } from '../../ledger/restore.ts';
import type { Account, LedgerState } from '../../ledger/state.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../ledger/transition.ts';
import { Groups } from './groups.ts';
import { entriesBehind, insertEntries, type LedgerTables } from './ledger-rows.ts';
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

/** `ticket` is kept where the entry is a reservation. */
type Ask = { readonly decide: Decide; readonly ticket?: NoiseTicket };

export class StoredLedger implements Ledger {
  readonly #store: Store<LedgerTables>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: Limits;
  /** Folded up to some stored entry; entries behind it may have been added by another process. */
  #state: LedgerState;
  readonly #groups = new Groups<Ask, Decided>((close) => this.#book(close));

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
    await this.#decide((state) => {
      refuse?.(state);
      return loadEntry(state, study, cohort);
    });
  }

  /** Nothing is counted for the study until another load. */
  async unload(study: Digest, refuse?: Refuse): Promise<void> {
    await this.#decide((state) => {
      refuse?.(state);
      return unloadEntry(state, study);
    });
  }

  async reserve(request: ReserveRequest): Promise<Reserved> {
    const { run, planDigest: plan, ticket } = request;
    const asked = { ...request, plan, commitment: ticket.commitment };
    const decide: Decide = (state) =>
      reserveEntry(reserveDecision(state, asked, this.#limits), asked);
    const { state, entry } = await this.#ask({ decide, ticket });
    stepDone(run, 'ledger/reserve');
    const { head } = state;
    if (entry?.body.type === 'reserve') return { charged: true, head, ticket };
    const standing = state.runs.get(run);
    check(standing !== undefined, 'INTERNAL', 'a reservation that is not in the state behind it');
    // Kept for ever, so that it may be read when the transaction is over.
    const first = await this.#ticket(standing.commitment);
    return { charged: standing.of === undefined, head, ticket: first };
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
      await insertEntries(this.#store, transaction, entries);
      return fold(state, entries);
    });
    return this.#advance(after).head;
  }

  async head(): Promise<LedgerHead> {
    return (await this.state()).head;
  }

  /** Every entry, verified; for the holder's own staff and for mirrors. */
  async entries(): Promise<readonly Entry[]> {
    const { holder } = this.#state;
    const entries = await entriesBehind(this.#store, this.#store, emptyHead(holder));
    readLedger(holder, entries);
    return entries;
  }

  /** What all runs and studies stand at now. */
  state(): Promise<LedgerState> {
    return this.#current(this.#store);
  }

  async #decide(decide: Decide): Promise<void> {
    await this.#ask({ decide });
  }

  #ask(ask: Ask): Promise<Decided> {
    // Within a transaction it would wait for a group that waits for that transaction.
    this.#store.checkOutside();
    return this.#groups.ask(ask);
  }

  async #book(close: () => readonly Ask[]): Promise<Group['outcomes']> {
    const { state, outcomes } = await this.#store.immediate(async (transaction) => {
      const before = await this.#current(transaction);
      const asks = close();
      const time = this.#clock.now().toISOString();
      const group = decideEach(
        before,
        time,
        asks.map(({ decide }) => decide),
      );
      await this.#keepTickets(transaction, asks, group);
      await insertEntries(this.#store, transaction, group.entries);
      return group;
    });
    this.#advance(state);
    return outcomes;
  }

  /** The state at the last stored entry. Inside a transaction nothing can follow it. */
  async #current(statements: Statements): Promise<LedgerState> {
    const known = this.#state;
    const added = await entriesBehind(this.#store, statements, known.head);
    if (added.length === 0) return known;
    verifyChain(known.head, added);
    return this.#advance(fold(known, added));
  }

  /** Keeps what is stored and read; a slower reader does not set it back. */
  #advance(state: LedgerState): LedgerState {
    if (state.head.sequence > this.#state.head.sequence) this.#state = state;
    return state;
  }

  /** The seeds of those that were charged, with their reservations. */
  async #keepTickets(
    transaction: Statements,
    asks: readonly Ask[],
    { outcomes }: Group,
  ): Promise<void> {
    const rows = asks.flatMap(({ ticket }, i) => {
      const outcome = outcomes[i];
      const entry = outcome?.status === 'fulfilled' ? outcome.value.entry : undefined;
      if (ticket === undefined || entry?.body.type !== 'reserve') return [];
      return [{ commitment: ticket.commitment, sealed: ticket.sealedSeed }];
    });
    if (rows.length === 0) return;
    await transaction.run(this.#store.db.insertInto('noise_seed').values(rows));
  }

  async #ticket(commitment: Digest): Promise<NoiseTicket> {
    const { db } = this.#store;
    const query = db.selectFrom('noise_seed').select('sealed').where('commitment', '=', commitment);
    const row = await this.#store.first(query);
    check(row !== undefined, 'LEDGER_CORRUPT', 'a reservation lost its noise ticket');
    return { commitment, sealedSeed: row.sealed };
  }
}
