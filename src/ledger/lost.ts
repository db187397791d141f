/**
 * How a restore (restore.ts) is folded in: what was under way is spent, and what others saw is counted.
 *
 * Of a study others saw a sum, and not which people it was for. With s spent in the backup, l reserved in it (which is
 * counted as spent now) and u the largest sum that was seen behind it:
 *
 *     the study        spent what it spent: at most max(s + l, u)
 *     an epoch         bore, behind the backup, at most u − s, for what was touched then is part of u. Of that the share
 *                      of l that was reserved for it is counted: the rest is added, in every epoch, since the people
 *                      that the study counted behind the backup may be of any
 *     later epochs     u − s: people who are new to this ledger may have been loaded, and charged, behind the backup
 *     an analyst       u − s, likewise
 *     disclosures      all that were seen behind the backup
 *
 * u − s, and not u − (s + l): a reservation of the backup may have been given back behind it, and what it had set aside
 * spent for other people, by another analyst.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { atLeastZero, minus, plus, roundedUp, ZERO } from './amount.ts';
import { type Draft, legal, move, withLeft } from './booking.ts';
import { type Amount, type EntryBody, parseAmount } from './entry.ts';
import { moveInEpochs } from './people.ts';
import { type Account, type LedgerState, NOTHING_RECOVERED } from './state.ts';

type Known = Pick<LedgerState, 'studies' | 'runs' | 'ended'>;

/** What `seen` is above what an account has as spent or reserved, part by part. */
export function missing(account: Account, seen: Amount): Amount {
  return atLeastZero(minus(seen, plus(account.spent, account.reserved)));
}

/** What `seen` is above what was spent before the last restore, part by part: u − s. */
export function sinceBackup({ studies, runs, ended }: Known, study: Digest, seen: Amount): Amount {
  const account = studies.get(study);
  check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
  const before = minus(account.spent, chargesOf({ runs, ended }, study));
  return atLeastZero(minus(seen, before));
}

/** Of runs of a study that were reserved, and no more, when the last restore ended them; for people of `epoch` only. */
function chargesOf({ runs, ended }: Pick<Known, 'runs' | 'ended'>, study: Digest, epoch?: number) {
  let sum = ZERO;
  for (const id of ended) {
    const run = runs.get(id);
    if (run?.study !== study) continue;
    if (epoch === undefined || run.cohort.epochs.includes(epoch)) sum = plus(sum, run.charge);
  }
  return sum;
}

/** Every run that was under way is over: what it reserved is spent, and it takes no further step. */
export function endLost(draft: Draft): void {
  draft.ended.clear();
  for (const [id, run] of draft.runs) {
    if (run.status === 'replayed') draft.runs.set(id, { ...run, status: 'aborted' });
    if (run.status !== 'reserved' && run.status !== 'touched') continue;
    if (run.status === 'reserved') {
      move(draft, run.study, 'reserved', 'spent', run.charge);
      moveInEpochs(draft.epochs, run.cohort.epochs, run.charge, { from: 'reserved', to: 'spent' });
      draft.ended.add(id);
    }
    draft.runs.set(id, { ...run, status: 'lost' });
  }
}

export function recover(draft: Draft, body: EntryBody & { readonly type: 'recover' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  const seen = parseAmount(body);
  const since = sinceBackup(draft, body.study, seen);
  for (const epoch of draft.epochs.keys()) {
    const extra = atLeastZero(minus(since, chargesOf(draft, body.study, epoch)));
    moveInEpochs(draft.epochs, [epoch], extra, { to: 'spent' });
  }
  const spent = roundedUp(plus(account.spent, missing(account, seen)));
  draft.studies.set(body.study, withLeft({ ...account, spent }));
  const known = draft.recovered.get(body.study) ?? NOTHING_RECOVERED;
  draft.recovered.set(body.study, {
    amount: roundedUp(plus(known.amount, since)),
    disclosures: known.disclosures + Number(body.disclosures ?? '0'),
  });
}
