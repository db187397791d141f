/**
 * A narrowing: an amendment in which every change allows less. Stewards of all holders have to sign it to become
 * the present version; until then it already binds every holder that hears of it, once as many stewards of one
 * holder as the study asks for have signed: any of them could as well stop the study alone.
 *
 * What it binds is what may be reserved from now on. The version in force stays what queries name.
 * @module
 */
import type { PublicKeyText } from '../base/sign.ts';
import type { Study } from './agreement.ts';
import { amendmentOf, narrows } from './amendment.ts';
import { approvals, type SignedVersion, verifiedKeys } from './signatures.ts';

/**
 * Whether a version behind `study` that some have signed narrows it at once. Refuses with SIGNATURE_REJECTED a wrong
 * signature.
 */
export function isNarrowing(
  signed: SignedVersion<unknown>,
  revoked: readonly PublicKeyText[] = [],
): boolean {
  const { previous } = signed.study;
  if (previous === undefined || !narrows(amendmentOf(signed.study))) return false;
  const seen = verifiedKeys(signed, revoked);
  return previous.holders.some(
    ({ stewards: { need, keys } }) => keys.filter((key) => seen.has(key)).length >= need,
  );
}

/** Whether what a run would show is what the narrower version shows as well. */
export const sameThresholds = (
  a: Pick<Study<unknown>, 'minimumCell' | 'rounding'>,
  b: Pick<Study<unknown>, 'minimumCell' | 'rounding'>,
): boolean => a.minimumCell === b.minimumCell && a.rounding === b.rounding;

/** Enough of every holder signed, so that it is more than a narrowing. */
export const isComplete = (
  signed: SignedVersion<unknown>,
  revoked: readonly PublicKeyText[] = [],
): boolean => approvals(signed, revoked).every(({ given, need }) => given >= need);
