/** A ledger that is written as a holder would: decide, append, fold. */
import type { Digest } from '../../src/base/hash.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { append } from '../../src/ledger/chain.ts';
import type { Amount, Entry, EntryBody } from '../../src/ledger/entry.ts';
import {
  grantEntry,
  raiseEntry,
  type Request,
  type ReserveDecision,
  reserveDecision,
  reserveEntry,
} from '../../src/ledger/filter.ts';
import { fold } from '../../src/ledger/fold.ts';
import type { Limits } from '../../src/ledger/ceilings.ts';
import { loadEntry } from '../../src/ledger/people.ts';
import { emptyState, type LedgerState } from '../../src/ledger/state.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../src/ledger/transition.ts';

export const TIME = '2026-03-01T12:00:00.000Z';

export const id = (name: string): Digest => sha256Hex(utf8(name));

export const amount = (rho: string, delta = '0/1'): Amount => ({
  rho: Rational.parse(rho),
  delta: Rational.parse(delta),
});

/** A state as what can be compared: layers of a map are no part of it. */
export const plain = (state: LedgerState) => ({
  ...state,
  runs: new Map(state.runs),
  vectors: new Map(state.vectors),
  seeds: new Map(state.seeds),
});

export class LedgerScript {
  readonly entries: Entry[] = [];
  readonly limits: Limits;
  state: LedgerState;

  constructor(holder = 'lu', limits: Limits = {}) {
    this.state = emptyState(holder);
    this.limits = limits;
  }

  /** Appends `body`; returns false where there is nothing to append. */
  write(body: EntryBody | undefined): boolean {
    if (body === undefined) return false;
    const entry = append(this.state.head, TIME, body);
    this.state = fold(this.state, [entry]);
    this.entries.push(entry);
    return true;
  }

  grantOnly(study: string, granted: Amount): boolean {
    return this.write(grantEntry(this.state, id(study), granted));
  }

  /** Grants, and loads people of the first epoch where nothing is loaded yet. */
  grant(study: string, granted: Amount): boolean {
    const written = this.grantOnly(study, granted);
    if (!this.state.cohorts.has(id(study))) this.load(study, [1], this.state.epochs.size === 0);
    return written;
  }

  load(study: string, epochs: readonly number[], opens: boolean, version = 'version'): boolean {
    const people = opens ? id(`people ${String(epochs.at(-1))}`) : undefined;
    const cohort = { version: id(version), epochs, people };
    return this.write(loadEntry(this.state, id(study), cohort));
  }

  raise(study: string, grant: string, added: Amount): boolean {
    return this.write(raiseEntry(this.state, id(study), id(grant), added));
  }

  request(study: string, run: string, key: string, asked: Amount): Request {
    return {
      study: id(study),
      run: id(run),
      plan: id(`plan ${key}`),
      vectorKey: id(key),
      ...asked,
      commitment: id(`seed ${run}`),
      version: this.state.cohorts.get(id(study))?.version ?? id('version'),
    };
  }

  reserve(
    study: string,
    run: string,
    key: string,
    asked: Amount,
    extra: Partial<Request> = {},
  ): ReserveDecision {
    const request = { ...this.request(study, run, key, asked), ...extra };
    const decision = reserveDecision(this.state, request, this.limits);
    this.write(reserveEntry(decision, request));
    return decision;
  }

  touch = (run: string): boolean => this.write(touchEntry(this.state, id(run)));
  vector = (run: string, digest = `vector ${run}`): boolean =>
    this.write(vectorEntry(this.state, id(run), id(digest)));
  settle = (run: string, release = `release ${run}`): boolean =>
    this.write(settleEntry(this.state, id(run), id(release)));
  abort = (run: string): boolean => this.write(abortEntry(this.state, id(run)));

  left(study: string): string {
    const account = this.state.studies.get(id(study));
    return account === undefined ? 'none' : account.left.rho.toString();
  }
}
