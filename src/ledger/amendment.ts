/** What another version of a study appends to the ledger; what it does there is in booking.ts. @module */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { type Amount, amountText, type EntryBody } from './entry.ts';
import type { LedgerState } from './state.ts';

/** Digests of two versions, the one in force and the one behind it. */
export type Versions = { readonly from: Digest; readonly to: Digest };

/**
 * Undefined where version `to` is in force already. Refuses with AMENDMENT_CONFLICT where the one in force is not
 * `from`: of two amendments of one version the first that is booked wins.
 */
export function amendEntry(
  state: LedgerState,
  study: Digest,
  { from, to }: Versions,
  amount: Amount,
): EntryBody | undefined {
  const account = state.studies.get(study);
  check(account !== undefined, 'STUDY_UNKNOWN', 'study without grant');
  if (account.agreement === to) return undefined;
  check(account.agreement === from, 'AMENDMENT_CONFLICT', 'another version is in force');
  return { type: 'amend', study, from, to, ...amountText(amount) };
}
