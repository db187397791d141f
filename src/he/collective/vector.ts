/**
 * A vector of integers under the parameter sets of a run: one set, or several over one ring whose
 * plaintext moduli are coprime (choose.ts; rulings 7). Each set has its own key, its own public
 * polynomials and its own masks; sums are joined by the Chinese remainder theorem once they are open.
 *
 *     bytes    [ ciphertexts of set 0 | of set 1 | ... ], packed polynomials of one length
 *     value    Σ over holders, in [−Πt/2, Πt/2): what security.ts proves of a set holds of each
 *
 * Item i of a vector is polynomial i of that row: what workers do, they do by ranges of items.
 * Papers, adversary and limits are those of encrypt.ts, share.ts, masks.ts and combine.ts.
 * @module
 */
import { concat } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import type { Digest } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import type { Secret } from '../../base/secret.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import type { Parameters } from '../ring/parameters.ts';
import { joinResidues, residuesOf } from '../rlwe/residues.ts';
import { combineShares } from './combine.ts';
import { ciphertextsFor, encryptSeeded } from './encrypt.ts';
import type { KeyShare } from './key.ts';
import { applyMask, applyMaskModulo, zeroSumMask, zeroSumMaskModulo } from './masks.ts';
import { decryptionShare } from './share.ts';
import { sumCiphertexts } from './sum.ts';

/** At least one set; all of one ring, as chooseParameters gives them. */
export type Sets = readonly Parameters[];

/** The ring that all sets have: sums and lengths do not depend on the plaintext modulus. */
export function ringSetOf(sets: Sets): Parameters {
  const [first] = sets;
  check(
    first !== undefined &&
      sets.every(({ n, modulus }) => n === first.n && modulus === first.modulus),
    'INVALID_PARAMETER',
    'parameter sets of one ring',
  );
  return first;
}

/** Ciphertexts of a vector of `slots` integers, all sets together. */
export const vectorCiphertexts = (sets: Sets, slots: number): number =>
  sets.length * ciphertextsFor(ringSetOf(sets), slots);

/** Length of a contribution, a share and a sum. */
export const vectorBytes = (sets: Sets, slots: number): number =>
  vectorCiphertexts(sets, slots) * ringSetOf(sets).polynomialBytes;

export type MaskContext = {
  readonly holder: string;
  readonly peers: ReadonlyMap<string, Secret>;
  readonly run: Digest;
  readonly planDigest: Digest;
};

/** The residues of `values`, masked set by set. The caller wipes `values`; masks are wiped here. */
export function maskVector(sets: Sets, values: BigInt64Array, context: MaskContext): Slots[] {
  const { holder, peers, run, planDigest } = context;
  return sets.map(({ plaintextModulus: t }) => {
    const residues = residuesOf(values, t);
    if (residues instanceof Uint32Array) {
      const mask = zeroSumMask(holder, peers, run, planDigest, residues.length);
      const masked = applyMask(residues, mask);
      mask.fill(0);
      residues.fill(0);
      return masked;
    }
    const mask = zeroSumMaskModulo(holder, peers, run, planDigest, residues.length, t);
    const masked = applyMaskModulo(residues, mask, t);
    mask.fill(0n);
    residues.fill(0n);
    return masked;
  });
}

const keyOf = (keys: readonly KeyShare[], set: number): KeyShare => {
  const key = keys[set];
  check(key !== undefined, 'INVALID_PARAMETER', 'a key for each parameter set');
  return key;
};

/** @param keys one for each set, in order; masked as `maskVector` gives it. */
export const encryptVector = (
  sets: Sets,
  keys: readonly KeyShare[],
  run: Digest,
  masked: readonly Slots[],
  rng: Rng,
): Uint8Array =>
  concat(
    ...sets.map((set, i) => {
      const slots = masked[i];
      check(slots !== undefined, 'INVALID_PARAMETER', 'slots for each parameter set');
      return encryptSeeded(set, keyOf(keys, i), run, slots, rng);
    }),
  );

/** The decryption share of a vector of `slots` integers. */
export const vectorShare = (
  sets: Sets,
  keys: readonly KeyShare[],
  run: Digest,
  slots: number,
  rng: Rng,
): Uint8Array =>
  concat(
    ...sets.map((set, i) =>
      decryptionShare(set, keyOf(keys, i), run, ciphertextsFor(set, slots), rng),
    ),
  );

/** The sum of 2 to 16 contributions. */
export const sumVectors = (sets: Sets, contributions: readonly Uint8Array[]): Uint8Array =>
  sumCiphertexts(ringSetOf(sets), contributions);

/** The sums of all holders' values, from the sum and one share of every holder. */
export function combineVector(
  sets: Sets,
  sum: Uint8Array,
  shares: readonly Uint8Array[],
  slots: number,
): BigInt64Array {
  const each = vectorBytes(sets, slots) / sets.length;
  const of = (bytes: Uint8Array, set: number): Uint8Array =>
    bytes.subarray(set * each, (set + 1) * each);
  const whole = [sum, ...shares].every(({ length }) => length === each * sets.length);
  check(whole, 'MALFORMED_MESSAGE', 'length of a sum or share');
  const residues = sets.map((set, i) =>
    combineShares(
      set,
      of(sum, i),
      shares.map((share) => of(share, i)),
      slots,
    ),
  );
  const [only] = residues;
  if (only !== undefined && residues.length === 1) return only;
  const moduli = sets.map(({ plaintextModulus }) => plaintextModulus);
  return BigInt64Array.from(joinResidues(residues, moduli));
}
