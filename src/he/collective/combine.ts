/**
 * The result of a run, from the sum and one share of every holder.
 *
 *     Σ c0_i + Σ h_i = round(q m / t) + noise,   m = Σ m_i mod t     →  m = round(t x / q) mod t
 *
 * with |noise| ≤ h tail + E < q / 2t by security.ts, so that the result is exact. The masks of the
 * holders have cancelled and m is the sum of their noised vectors; everything here is public once
 * the shares are.
 *
 * Limits     integrity is not checked and cannot be here: a missing, doubled or altered share gives
 *            other numbers, not an error. Signatures, the recomputed sum and the promise of one
 *            share a run are what stands around it. Equal shares are refused (rulings 2).
 * @module
 */
import { check } from '../../base/errors.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import { splitPacked } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { decodeRegister } from '../ring/plaintext.ts';
import { ringOf } from '../ring/polynomial.ts';
import { MIN_HOLDERS } from '../security.ts';
import { ciphertextsFor } from './encrypt.ts';
import { checkDistinct, SUM, sumInto } from './sum.ts';

/**
 * `slots` integers in [−t/2, t/2): the sums modulo t, centred.
 *
 * @param sum packed, of sumCiphertexts.
 * @param shares packed, one of every holder, in any order; 2 to 16.
 * Refuses with MALFORMED_MESSAGE what is not packed, has another length, or equals another share.
 */
export function combineShares(
  parameters: Parameters,
  sum: Uint8Array,
  shares: readonly Uint8Array[],
  slots: number,
): BigInt64Array {
  check(
    shares.length >= MIN_HOLDERS && shares.length <= MAX_HOLDERS,
    'INVALID_PARAMETER',
    `${shares.length} shares`,
  );
  const count = ciphertextsFor(parameters, slots);
  const split = [sum, ...shares].map((bytes) => splitPacked(parameters, bytes, count));
  checkDistinct(shares);
  const ring = ringOf(parameters);
  const out = new BigInt64Array(count * parameters.n);
  for (let index = 0; index < count; index++) {
    sumInto(
      ring,
      split.map((of) => of[index] as Uint8Array),
    );
    out.set(decodeRegister(ring, SUM), index * parameters.n);
  }
  return out.slice(0, slots);
}
