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
import { Rational } from '../base/rational.ts';
import { minus, plus, roundedUp, ZERO } from './amount.ts';
import { type Draft, legal, move, withLeft } from './booking.ts';
import { checkBody, checkTime } from './entry.ts';
import {
  type Amount,
  type Entry,
  amountText,
  type EntryBody,
  entryHash,
  type LedgerHead,
} from './entry.ts';
import { moveInEpochs, NO_COHORT } from './people.ts';
import type { Account, LedgerState } from './state.ts';

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

const atLeastZero = (value: Rational): Rational => (value.sign() < 0 ? Rational.ZERO : value);

/** What `seen` is above what an account has as spent or reserved, part by part. */
function missing(account: Account, seen: Amount): Amount {
  const { rho, delta } = minus(seen, plus(account.spent, account.reserved));
  return { rho: atLeastZero(rho), delta: atLeastZero(delta) };
}

/** Every run that was under way is over: what it reserved is spent, and it takes no further step. */
export function endLost(draft: Draft): void {
  for (const [id, run] of draft.runs) {
    if (run.status === 'replayed') draft.runs.set(id, { ...run, status: 'aborted' });
    if (run.status !== 'reserved' && run.status !== 'touched') continue;
    if (run.status === 'reserved') {
      move(draft, run.study, 'reserved', 'spent', run.charge);
      moveInEpochs(draft.epochs, run.cohort.epochs, run.charge, { from: 'reserved', to: 'spent' });
    }
    draft.runs.set(id, { ...run, status: 'lost' });
  }
}

export function recover(draft: Draft, body: EntryBody & { readonly type: 'recover' }): void {
  const account = draft.studies.get(body.study);
  legal(account !== undefined, body, 'study without grant');
  const extra = missing(account, {
    rho: Rational.parse(body.rho),
    delta: Rational.parse(body.delta),
  });
  const spent = roundedUp(plus(account.spent, extra));
  draft.studies.set(body.study, withLeft({ ...account, spent }));
  const { epochs } = draft.cohorts.get(body.study) ?? NO_COHORT;
  moveInEpochs(draft.epochs, epochs, extra, { to: 'spent' });
  draft.recovered.set(body.study, roundedUp(plus(draft.recovered.get(body.study) ?? ZERO, extra)));
}
