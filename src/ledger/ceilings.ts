/**
 * Every ceiling that a charge must pass; the study's own budget is compared in filter.ts.
 *
 *     analyst   what one analyst may use of a study. Soft: it shares out, and protects nobody,
 *               for analysts may talk to each other (rulings: all of them are assumed to collude)
 *     country   what a person may bear who is at several holders of one country, for such a study:
 *               losses add up, so a charge counts once for each of its holders
 *     holder    the sum over all studies
 *     epoch     what each person may bear, over all studies: the hard limit
 *
 * A refusal says asked, spent and left where the asker may know them: those of its study. What
 * other studies spent is nobody's business here, so the last two say what was asked.
 * @module
 */
import { Refusal } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { fits, minus, plus, times, ZERO } from './amount.ts';
import type { Amount } from './entry.ts';
import { usedByEpoch } from './people.ts';
import { analystKey, type LedgerState, usedByAll } from './state.ts';

/** Of this holder, over all studies. */
export type Limits = { readonly holder?: Amount; readonly epoch?: Amount };

/** Signed in a study. */
export type Ceilings = {
  /** For the study in all, where stewards of one holder narrowed it (study/narrowing.ts). */
  readonly study?: Amount | undefined;
  /** For each analyst. */
  readonly analyst?: Amount | undefined;
  /** For the country of this holder; `holders` of the study are in it. */
  readonly country?: { readonly limit: Amount; readonly holders: number } | undefined;
};

export type Charge = Amount & {
  readonly study: Digest;
  readonly epochs: readonly number[];
  readonly analyst?: string | undefined;
  readonly ceilings?: Ceilings | undefined;
};

/** What of a charge is above a limit, and by what figures: rho, or delta where only that is. */
function excess(asked: Amount, limit: Amount, used: Amount) {
  const left = minus(limit, used);
  if (fits(asked, left)) return undefined;
  const part = asked.rho.atMost(left.rho) ? 'delta' : 'rho';
  return {
    part,
    asked: asked[part].toString(),
    limit: limit[part].toString(),
    spent: used[part].toString(),
    left: left[part].toString(),
  };
}

/** Refuses where `asked` does not fit. Open reservations count as spent, so `asked` is always above `left`. */
export function checkFits(
  code: 'BUDGET_EXHAUSTED' | 'ANALYST_LIMIT_EXHAUSTED' | 'COUNTRY_LIMIT_EXHAUSTED',
  holder: string,
  ...amounts: readonly [asked: Amount, limit: Amount, used: Amount]
): void {
  const above = excess(...amounts);
  if (above === undefined) return;
  const { part, asked, spent, left } = above;
  throw new Refusal(code, `${part} of ${holder}`, { holder, asked, spent, left });
}

function checkPrivate(
  code: 'HOLDER_LIMIT_EXHAUSTED' | 'EPOCH_LIMIT_EXHAUSTED',
  holder: string,
  ...amounts: readonly [asked: Amount, limit: Amount, used: Amount]
): void {
  const above = excess(...amounts);
  if (above === undefined) return;
  const { part, asked, spent, limit } = above;
  // The detail goes to the operator's log and to the holder's own staff.
  throw new Refusal(code, `${part}: ${spent} of ${limit} used`, { holder, asked });
}

const usedByStudy = ({ studies }: LedgerState, study: Digest): Amount => {
  const account = studies.get(study);
  return account === undefined ? ZERO : plus(account.reserved, account.spent);
};

export function checkCeilings(state: LedgerState, charge: Charge, limits: Limits): void {
  const { study, epochs, analyst, ceilings } = charge;
  const asked = { rho: charge.rho, delta: charge.delta };
  if (ceilings?.study !== undefined) {
    const account = state.studies.get(study);
    // Grants are added to what a version says, whichever it is.
    const added = account === undefined ? ZERO : minus(account.granted, account.signed);
    const limit = plus(ceilings.study, added);
    checkFits('BUDGET_EXHAUSTED', state.holder, asked, limit, usedByStudy(state, study));
  }
  if (ceilings?.analyst !== undefined) {
    const asOwn = state.analysts.get(analystKey(study, analyst ?? '')) ?? ZERO;
    // Nobody knows any more who asked what a restore found to be spent: each of them may have.
    const used = plus(asOwn, state.recovered.get(study)?.amount ?? ZERO);
    checkFits('ANALYST_LIMIT_EXHAUSTED', state.holder, asked, ceilings.analyst, used);
  }
  if (ceilings?.country !== undefined) {
    const { limit, holders } = ceilings.country;
    const [all, used] = [times(asked, holders), times(usedByStudy(state, study), holders)];
    checkFits('COUNTRY_LIMIT_EXHAUSTED', state.holder, all, limit, used);
  }
  if (limits.holder !== undefined) {
    checkPrivate('HOLDER_LIMIT_EXHAUSTED', state.holder, asked, limits.holder, usedByAll(state));
  }
  if (limits.epoch === undefined) return;
  for (const number of epochs) {
    const epoch = state.epochs.get(number);
    const used = epoch === undefined ? ZERO : usedByEpoch(epoch);
    checkPrivate('EPOCH_LIMIT_EXHAUSTED', state.holder, asked, limits.epoch, used);
  }
}
