/** What a holder signs when a run is released (rulings 37). @module */
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalJson, parseStrict } from '../../base/canonical-json.ts';
import { check, refuseAs } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import { DOMAIN, type PublicKeyText, verifyObject } from '../../base/sign.ts';
import { runsOf } from '../../cohort/blocks.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { LedgerHead } from '../../ledger/entry.ts';
import type { CompiledRun } from './compile-run.ts';
import type { AccountText, Reservation } from './reservation.ts';

export type Receipt = {
  readonly format: 'kakehashi/receipt/2';
  readonly study: Digest;
  readonly run: Digest;
  readonly plan: Digest;
  readonly holder: string;
  /**
   * Every holder added a discrete Gaussian to each of its values: the variance of each run of the
   * plan, in the order of the vector.
   */
  readonly law: { readonly name: 'discrete-gaussian'; readonly variances: readonly string[] };
  readonly rho: string;
  readonly charged: boolean;
  readonly head: LedgerHead;
  readonly account: AccountText;
  /** SHA-256 of the canonical bytes of the release body. */
  readonly released: Digest;
};

export type SignedReceipt = {
  readonly receipt: Receipt;
  readonly key: PublicKeyText;
  readonly signature: string;
};

/** What `law` names of a plan. */
export const noiseVariances = (plan: Plan): string[] =>
  runsOf(plan).map(({ variance }) => variance.toString());

export const receiptOf = (
  run: CompiledRun,
  holder: string,
  own: Reservation,
  released: Digest,
): Receipt => ({
  format: 'kakehashi/receipt/2',
  study: run.study,
  run: run.run,
  plan: run.planDigest,
  holder,
  law: { name: 'discrete-gaussian', variances: noiseVariances(run.plan) },
  rho: own.rho,
  charged: own.charged,
  head: own.head,
  account: own.account,
  released,
});

/** True when `identity` signed exactly this receipt. */
export const receiptSignedBy = (signed: SignedReceipt, identity: PublicKeyText): boolean =>
  signed.key === identity &&
  verifyObject(identity, DOMAIN.receipt, signed.receipt, signed.signature);

/**
 * Reads the receipt of `holder` for this run and checks that it attests `released`. The holder's
 * own numbers (head, account, charged) are as it says; the rest must be what everybody computes.
 */
export function checkReceipt(
  body: Uint8Array,
  run: CompiledRun,
  holder: string,
  identity: PublicKeyText,
  released: Digest,
): SignedReceipt {
  const signed = refuseAs('MALFORMED_MESSAGE', 'receipt', () => {
    const value = parseStrict(fromUtf8(body)) as unknown as SignedReceipt;
    const { head, account, charged } = value.receipt;
    const own = { rho: run.plan.rho.toString(), head, account, charged } as Reservation;
    check(
      canonicalJson(value.receipt) === canonicalJson(receiptOf(run, holder, own, released)),
      'PROOF_REJECTED',
      `receipt of ${holder} for another release`,
    );
    return value;
  });
  check(receiptSignedBy(signed, identity), 'SIGNATURE_REJECTED', `receipt of ${holder}`);
  return signed;
}
