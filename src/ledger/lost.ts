/** How a restore (restore.ts) is folded in: what was under way is spent, and what others saw is counted. @module */
import { Rational } from '../base/rational.ts';
import { minus, plus, roundedUp, ZERO } from './amount.ts';
import { type Draft, legal, move, withLeft } from './booking.ts';
import { type Amount, type EntryBody, parseAmount } from './entry.ts';
import { moveInEpochs, NO_COHORT } from './people.ts';
import type { Account } from './state.ts';

const atLeastZero = (value: Rational): Rational => (value.sign() < 0 ? Rational.ZERO : value);

/** What `seen` is above what an account has as spent or reserved, part by part. */
export function missing(account: Account, seen: Amount): Amount {
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
  const extra = missing(account, parseAmount(body));
  const spent = roundedUp(plus(account.spent, extra));
  draft.studies.set(body.study, withLeft({ ...account, spent }));
  const { epochs } = draft.cohorts.get(body.study) ?? NO_COHORT;
  moveInEpochs(draft.epochs, epochs, extra, { to: 'spent' });
  draft.recovered.set(body.study, roundedUp(plus(draft.recovered.get(body.study) ?? ZERO, extra)));
}
