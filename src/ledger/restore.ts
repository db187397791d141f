/**
 * How a ledger goes on that came back from a backup (rulings 19): its own end is missing, and other
 * holders saw some of it.
 *
 *     own entries      1 … b                          what the backup has
 *     others saw               b+1 … m                this holder's own signed reservations
 *     goes on                             m+1 …       restore, then a recover for each study
 *
 * The restore entry names the last own entry and has the last seen one as its predecessor, so that who
 * saw that one sees a ledger that continues it. What it cannot tell apart it counts as spent: every
 * run that was under way, and, in each study, the largest sum of spent and reserved that anybody was
 * told. Over-counting is allowed, under-counting never (rulings 18).
 *
 * What is spent beyond what the own entries say falls on the people that the study counts now, on
 * every epoch that is opened later (its people may have been loaded after the backup), and, for the
 * share of one analyst, on each of them.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { append } from './chain.ts';
import {
  type Amount,
  amountText,
  checkBody,
  checkTime,
  type Entry,
  type EntryBody,
  entryHash,
  type LedgerHead,
} from './entry.ts';
import { fold } from './fold.ts';
import { missing } from './lost.ts';
import type { LedgerState } from './state.ts';

/**
 * The restore entry behind `own`, the head of a backup; `seen` is the largest head that anybody was shown.
 * Refuses with LEDGER_ROLLBACK where that is another entry in the place of an own one: the ledger was forked.
 */
export function appendRestore(own: LedgerHead, seen: LedgerHead | undefined, time: string): Entry {
  const forked = seen?.sequence === own.sequence && seen.hash !== own.hash;
  check(!forked, 'LEDGER_ROLLBACK', `two entries ${own.sequence}`);
  const last = seen !== undefined && seen.sequence > own.sequence ? seen : own;
  const body: EntryBody = { type: 'restore', own: own.hash };
  checkTime(time);
  checkBody(body);
  const entry = { sequence: last.sequence + 1, previous: last.hash, time, body };
  return { ...entry, hash: entryHash(entry) };
}

/** A restore entry, and a recover entry for each study with a grant where `used` is more than is known. */
export function restoreEntries(
  state: LedgerState,
  seen: LedgerHead | undefined,
  used: ReadonlyMap<Digest, Amount>,
  time: string,
): Entry[] {
  const entries = [appendRestore(state.head, seen, time)];
  let after = fold(state, entries);
  for (const [study, amount] of used) {
    const body = after.studies.has(study) ? recoverEntry(after, study, amount) : undefined;
    if (body === undefined) continue;
    const entry = append(after.head, time, body);
    entries.push(entry);
    after = fold(after, [entry]);
  }
  return entries;
}

/** The entry that counts `seen`, or undefined where the ledger counts as much. */
export function recoverEntry(
  { studies }: Pick<LedgerState, 'studies'>,
  study: Digest,
  seen: Amount,
): EntryBody | undefined {
  const account = studies.get(study);
  check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
  const { rho, delta } = missing(account, seen);
  if (rho.sign() === 0 && delta.sign() === 0) return undefined;
  return { type: 'recover', study, ...amountText(seen) };
}
