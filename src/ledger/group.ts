/**
 * Several requests to one ledger, decided together: in their order, each on the state that those before it
 * leave, as if each had come alone. One that is refused appends nothing, and the others never know.
 * @module
 */
import { append } from './chain.ts';
import type { Entry, EntryBody } from './entry.ts';
import { fold } from './fold.ts';
import type { LedgerState } from './state.ts';

/** What a request appends in this state; undefined where it is done already. Throws where it is refused. */
export type Decide = (state: LedgerState) => EntryBody | undefined;

/** The state behind a request, and the entry that it appended. */
export type Decided = { readonly state: LedgerState; readonly entry: Entry | undefined };

export type Group = {
  /** Behind all of them. */
  readonly state: LedgerState;
  /** Of those that append one, in the order of the ledger. */
  readonly entries: readonly Entry[];
  /** One for each request: what it led to, or why it is refused. */
  readonly outcomes: readonly PromiseSettledResult<Decided>[];
};

/** Nothing is in the ledger before the entries are durable, all of them or none. */
export function decideEach(before: LedgerState, time: string, requests: readonly Decide[]): Group {
  let state = before;
  const entries: Entry[] = [];
  const outcomes = requests.map((decide): PromiseSettledResult<Decided> => {
    try {
      const body = decide(state);
      if (body === undefined) {
        return { status: 'fulfilled', value: { state, entry: undefined } };
      }
      const entry = append(state.head, time, body);
      // Legal by the same rules that will read it, or it is not written.
      state = fold(state, [entry]);
      entries.push(entry);
      return { status: 'fulfilled', value: { state, entry } };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  return { state, entries, outcomes };
}
