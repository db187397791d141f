/**
 * Additive shares of the match mask m modulo t: m = a + b, a the expansion of a seed for A, b for B.
 * Either alone is uniform, so that neither holder sees who matched. Whoever deals them knows m.
 * @module
 */
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import { type Residues, subtractResidues, uniformResidues } from './prime-field.ts';

export const SHARE_SEED_BYTES = 32;

export type MaskShares = {
  readonly seed: Uint8Array;
  /** b, by position of A's list. */
  readonly rest: Residues;
};

/** a of `length` positions. */
export const expandMaskShare = (seed: Secret, length: number): Residues =>
  uniformResidues(seed, 'kakehashi/mask-share/1', length);

/** @param mask one weight for each position of A's list: 0 or 1 of whoever follows the protocol. */
export function shareMask(mask: ArrayLike<number>, rng: Rng): MaskShares {
  const seed = rng(SHARE_SEED_BYTES);
  using secret = new Secret('mask share seed', seed.slice());
  const a = expandMaskShare(secret, mask.length);
  const rest = a.map((share, i) => subtractResidues(mask[i] as number, share));
  a.fill(0);
  return { seed, rest };
}
