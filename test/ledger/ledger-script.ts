/** A ledger that is written as a holder would: decide, append, fold. */
import type { Digest } from '../../src/base/hash.ts';
import { sha256Hex } from '../../src/base/hash.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { Rational } from '../../src/base/rational.ts';
import { append } from '../../src/ledger/chain.ts';
import type { Amount, Entry, EntryBody } from '../../src/ledger/entry.ts';
import {
  grantEntry,
  type Request,
  type ReserveDecision,
  reserveDecision,
  reserveEntry,
} from '../../src/ledger/filter.ts';
import { emptyState, fold, type LedgerState } from '../../src/ledger/state.ts';
import { abortEntry, settleEntry, touchEntry, vectorEntry } from '../../src/ledger/transition.ts';

export const id = (name: string): Digest => sha256Hex(utf8(name));

export const amount = (rho: string, delta = '0/1'): Amount => ({
  rho: Rational.parse(rho),
  delta: Rational.parse(delta),
});

export class LedgerScript {
  readonly entries: Entry[] = [];
  readonly limit: Amount | undefined;
  state: LedgerState;

  constructor(holder = 'lu', limit?: Amount) {
    this.state = emptyState(holder);
    this.limit = limit;
  }

  /** Appends `body`; returns false where there is nothing to append. */
  write(body: EntryBody | undefined): boolean {
    if (body === undefined) return false;
    const entry = append(this.state.head, '2026-03-01T12:00:00.000Z', body);
    this.state = fold(this.state, [entry]);
    this.entries.push(entry);
    return true;
  }

  grant(study: string, granted: Amount): boolean {
    return this.write(grantEntry(this.state, id(study), granted));
  }

  reserve(study: string, run: string, key: string, asked: Amount): ReserveDecision {
    const request: Request = {
      study: id(study),
      run: id(run),
      plan: id(`plan ${key}`),
      vectorKey: id(key),
      ...asked,
    };
    const decision = reserveDecision(this.state, request, this.limit);
    this.write(reserveEntry(decision, request, id(`seed ${run}`)));
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
