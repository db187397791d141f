/**
 * The reservation that a holder shows to the others: what it is for, what it costs, and the
 * ledger head that holds it. Signed by the frame around it.
 * @module
 */
import { fromUtf8 } from '../../base/bytes.ts';
import { canonicalBytes, parseStrict } from '../../base/canonical-json.ts';
import { check, Refusal, refuseAs } from '../../base/errors.ts';
import { DIGEST_PATTERN, type Digest } from '../../base/hash.ts';
import { Rational } from '../../base/rational.ts';
import { amountText, type LedgerHead } from '../../ledger/entry.ts';
import type { Account } from '../../ledger/state.ts';
import type { CompiledRun } from './compile-run.ts';

export type AmountText = { readonly rho: string; readonly delta: string };

/** A holder's account after this reservation, as it shows it to the study. */
export type AccountText = { readonly spent: AmountText; readonly left: AmountText };

export type Reservation = {
  readonly run: Digest;
  readonly plan: Digest;
  readonly rho: string;
  /** False when an earlier noised vector is used again, free. */
  readonly charged: boolean;
  readonly head: LedgerHead;
  /** A disclosure by agreement that was booked with it. */
  readonly discloses?: string;
  readonly account: AccountText;
};

/** What is reserved is not free any more: it is shown as spent. */
export const accountText = (account: Account): AccountText => ({
  spent: amountText({
    rho: account.spent.rho.plus(account.reserved.rho),
    delta: account.spent.delta.plus(account.reserved.delta),
  }),
  left: amountText(account.left),
});

/** Refuses with MALFORMED_MESSAGE what a peer shows as an amount and is none. */
export function checkAmounts(...amounts: readonly string[]): void {
  try {
    for (const amount of amounts) Rational.parse(amount);
  } catch (cause) {
    throw new Refusal('MALFORMED_MESSAGE', 'amount', undefined, { cause });
  }
}

export const encodeReservation = (reservation: Reservation): Uint8Array =>
  canonicalBytes(reservation);

/** The shape of a reservation; MALFORMED_MESSAGE for anything else. */
export function readReservation(body: Uint8Array): Reservation {
  return refuseAs('MALFORMED_MESSAGE', 'reservation', () => {
    const value = parseStrict(fromUtf8(body)) as unknown as Reservation;
    const { head, account, discloses } = value;
    const fields = Object.keys(value).filter((name) => name !== 'discloses');
    check(
      fields.sort().join() === 'account,charged,head,plan,rho,run' &&
        Object.keys(head).sort().join() === 'hash,sequence',
      'MALFORMED_MESSAGE',
      'reservation fields',
    );
    check(
      DIGEST_PATTERN.test(value.run) && DIGEST_PATTERN.test(value.plan),
      'MALFORMED_MESSAGE',
      'reservation ids',
    );
    check(
      typeof value.charged === 'boolean' &&
        Number.isSafeInteger(head.sequence) &&
        head.sequence >= 1 &&
        DIGEST_PATTERN.test(head.hash),
      'MALFORMED_MESSAGE',
      'reservation head',
    );
    const named = discloses === undefined || /^[a-z]{1,31}$/.test(discloses);
    check(named, 'MALFORMED_MESSAGE', 'reservation disclosure');
    checkAmounts(value.rho);
    for (const { rho, delta } of [account.spent, account.left]) checkAmounts(rho, delta);
    return value;
  });
}

/** A reservation for exactly this run and plan, or MALFORMED_MESSAGE. */
export function decodeReservation(body: Uint8Array, run: CompiledRun): Reservation {
  const value = readReservation(body);
  const own = value.run === run.run && value.plan === run.planDigest;
  check(own, 'MALFORMED_MESSAGE', 'reservation of another run');
  check(value.rho === run.plan.rho.toString(), 'MALFORMED_MESSAGE', 'reservation amount');
  const told = run.plan.link?.disclose?.output;
  check(value.discloses === told, 'MALFORMED_MESSAGE', 'reservation disclosure');
  return value;
}
