/**
 * Shares on a sum of ciphertexts under the collective public key: to everybody, or switched to the key
 * of a recipient who alone can read the result.
 *
 *     decrypt   h_i = c1 s_i + smudging                                  c0 + Σ h_i = round(q m / t) + small
 *     switch    (a_i, b_i) = Enc_recipient(0) + (h_i, 0)                 (c0 + Σ a_i, Σ b_i) under s_recipient
 *
 * Papers     Asharov et al., ePrint 2011/613; Mouchet et al., ePrint 2020/304 (public key switching).
 * Adversary  **a share on a c1 of the adversary's choice gives away s_i**: c1 = (a large constant) shows
 *            every coefficient (rulings 2, run). Between holders this mode is therefore semi-honest,
 *            and a holder shares only on the sum that it has computed itself from the signed inputs
 *            of a run, once for a run. Who deviates can learn another holder's key share.
 * Leakage    decrypt: the sum, to whoever has all shares. Switch: the sum, to the recipient alone; the
 *            smudging hides from it the noise that the inputs left.
 * Limits     smudging for noise of 2^22 and more fits under n = 8192, not under n = 4096 (rulings 6).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { publicNoise, publicZeroNoise, sumNoise } from '../noise.ts';
import { splitPacked, unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Ring, ringOf } from '../ring/polynomial.ts';
import { loadSecret } from '../ring/ternary.ts';
import { type PublicKey, PublicZeros } from '../rlwe/public-key.ts';
import { checkHolders, type Smudging, smudgingOver } from '../security.ts';
import { combineShares } from './combine.ts';
import type { KeyShare } from './key.ts';
import { SmudgingNoise } from '../ring/smudging.ts';
import { checkDistinct, SUM, sumInto } from './sum.ts';

/** Registers: the share in the making, an encryption of zero, the secret. */
const [WORK, ZERO0, ZERO1, SECRET] = [0, 1, 2, 3];

/** What smudging has to cover: `terms` fresh ciphertexts added, and zeros for a recipient or none. */
export function publicSmudging(
  parameters: Parameters,
  holders: number,
  terms: number,
  recipient: boolean,
): Smudging {
  checkHolders(holders);
  check(Number.isSafeInteger(terms) && terms >= 1, 'INVALID_PARAMETER', `${terms} ciphertexts`);
  const zeros = sumNoise(publicZeroNoise(parameters, 1), holders);
  return smudgingOver(parameters, {
    noise: sumNoise(publicNoise(parameters, holders), terms),
    terms: holders,
    further: recipient ? zeros : Rational.ZERO,
  });
}

/** The pairs (c0, c1) of a packed sum. */
function pairsOf(parameters: Parameters, sum: Uint8Array): [Uint8Array, Uint8Array][] {
  const parts = splitPacked(parameters, sum);
  check(parts.length % 2 === 0, 'MALFORMED_MESSAGE', 'half a ciphertext');
  return Array.from({ length: parts.length / 2 }, (_, i) => [
    parts[2 * i] as Uint8Array,
    parts[2 * i + 1] as Uint8Array,
  ]);
}

/** Register WORK = c1 s_i + smudging; SECRET holds the transform of s_i. */
function shareInto(ring: Ring, c1: Uint8Array, noise: SmudgingNoise): void {
  unpackInto(ring, WORK, c1);
  ring.machine.forward(WORK);
  ring.machine.multiply(WORK, WORK, SECRET);
  ring.machine.inverse(WORK);
  noise.addTo(WORK);
}

/**
 * Packed h_i for each ciphertext of a sum.
 *
 * @param sum packed (c0, c1) pairs, computed by this holder from the signed inputs.
 * @param terms how many fresh ciphertexts were added into each.
 */
export function publicDecryptionShare(
  parameters: Parameters,
  share: KeyShare,
  sum: Uint8Array,
  terms: number,
  rng: Rng,
): Uint8Array {
  const smudging = publicSmudging(parameters, share.holders, terms, false);
  const pairs = pairsOf(parameters, sum);
  const ring = ringOf(parameters);
  using seed = new Secret('smudging seed', rng(32));
  const noise = new SmudgingNoise(ring, smudging, seed);
  const out = new Uint8Array(pairs.length * parameters.polynomialBytes);
  loadSecret(ring, share, SECRET);
  pairs.forEach(([, c1], index) => {
    shareInto(ring, c1, noise);
    ring.machine.pack(WORK, out, index * parameters.polynomialBytes);
  });
  ring.machine.wipe(WORK, SECRET);
  return out;
}

/** The centred sums modulo t of `slots` slots; refuses as combineShares does. */
export function combinePublic(
  parameters: Parameters,
  sum: Uint8Array,
  shares: readonly Uint8Array[],
  slots: number,
): BigInt64Array {
  const c0 = pairsOf(parameters, sum).map(([first]) => first);
  const joined = new Uint8Array(c0.length * parameters.polynomialBytes);
  c0.forEach((part, index) => {
    joined.set(part, index * parameters.polynomialBytes);
  });
  return combineShares(parameters, joined, shares, slots);
}

/** Packed (a_i, b_i) for each ciphertext of a sum, for the owner of `recipient`. */
export function keySwitchShare(
  parameters: Parameters,
  share: KeyShare,
  recipient: PublicKey,
  sum: Uint8Array,
  terms: number,
  rng: Rng,
): Uint8Array {
  check(recipient.holders === 1, 'INVALID_PARAMETER', 'recipient with several holders');
  const smudging = publicSmudging(parameters, share.holders, terms, true);
  const pairs = pairsOf(parameters, sum);
  const ring = ringOf(parameters);
  const { machine } = ring;
  using seed = new Secret('smudging seed', rng(32));
  const noise = new SmudgingNoise(ring, smudging, seed);
  const zeros = new PublicZeros(ring, recipient, rng);
  const out = new Uint8Array(2 * pairs.length * parameters.polynomialBytes);
  loadSecret(ring, share, SECRET);
  pairs.forEach(([, c1], index) => {
    shareInto(ring, c1, noise);
    zeros.into(ZERO0, ZERO1);
    machine.add(WORK, WORK, ZERO0);
    machine.pack(WORK, out, 2 * index * parameters.polynomialBytes);
    machine.pack(ZERO1, out, (2 * index + 1) * parameters.polynomialBytes);
  });
  zeros.wipe(WORK, ZERO0, ZERO1, SECRET);
  return out;
}

/**
 * The packed (c0, c1) pairs under the recipient's key: what it opens with `decryptOwn`.
 *
 * @param shares one of every holder. Equal ones are refused.
 */
export function combineSwitched(
  parameters: Parameters,
  sum: Uint8Array,
  shares: readonly Uint8Array[],
): Uint8Array {
  const own = pairsOf(parameters, sum);
  const switched = shares.map((bytes) => pairsOf(parameters, bytes));
  const equal = switched.every((pairs) => pairs.length === own.length);
  check(equal && shares.length >= 2, 'MALFORMED_MESSAGE', 'number of switched shares');
  checkDistinct(shares);
  const ring = ringOf(parameters);
  const out = new Uint8Array(2 * own.length * parameters.polynomialBytes);
  own.forEach(([c0], index) => {
    const of = (half: 0 | 1): Uint8Array[] =>
      switched.map((pairs) => pairs[index]?.[half] ?? new Uint8Array(0));
    sumInto(ring, [c0, ...of(0)]);
    ring.machine.pack(SUM, out, 2 * index * parameters.polynomialBytes);
    sumInto(ring, of(1));
    ring.machine.pack(SUM, out, (2 * index + 1) * parameters.polynomialBytes);
  });
  return out;
}
