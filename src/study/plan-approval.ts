/**
 * A steward's word on one plan: let it run, or not. It names the plan digest and the price, so that
 * approving plan A lets no plan B run; and the holder, so that it counts for that one only.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Digest } from '../base/hash.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import type { Study } from './agreement.ts';

export type Verdict = 'approve' | 'deny';

export type PlanApproval = {
  readonly format: 'kakehashi/plan-approval/1';
  readonly study: Digest;
  readonly plan: Digest;
  /** What the plan charges. */
  readonly rho: string;
  readonly holder: string;
  readonly verdict: Verdict;
};

export const planApproval = (about: Omit<PlanApproval, 'format'>): PlanApproval => ({
  format: 'kakehashi/plan-approval/1',
  study: about.study,
  plan: about.plan,
  rho: about.rho,
  holder: about.holder,
  verdict: about.verdict,
});

export const signPlanApproval = (approval: PlanApproval, key: SigningKey): string =>
  key.signObject(DOMAIN.planApproval, approval);

/** Refuses with FORBIDDEN a key of no steward of that holder, with SIGNATURE_REJECTED a bad signature. */
export function checkPlanApproval(
  study: Study<unknown>,
  approval: PlanApproval,
  key: PublicKeyText,
  signature: string,
): void {
  const holder = study.holders.find(({ name }) => name === approval.holder);
  check(holder?.stewards.keys.includes(key) === true, 'FORBIDDEN', 'not a steward key');
  let valid = false;
  try {
    valid = verifyObject(key, DOMAIN.planApproval, approval, signature);
  } catch {
    valid = false; // a signature that is not base64url of 64 bytes
  }
  check(valid, 'SIGNATURE_REJECTED', 'approval of a plan');
}
