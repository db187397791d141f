/**
 * Bounds on the noise of a ciphertext that always hold: |noise| ≤ bound for every key, plaintext and draw,
 * coefficient by coefficient. They depend on public numbers only.
 *
 * A ciphertext (c0, c1) of m under s has c0 + c1 s = round(q m / t) + e, and its noise is the distance
 * to q m / t, so that the rounding of at most 1/2 counts. With ternary u and a key s = Σ s_i of h
 * holders, |s| ≤ h; a product of polynomials of n coefficients bounded by A and B is bounded by n A B:
 *
 *     seeded             e                            eta + 1/2
 *     public key         e_pk u + e0 + e1 s           n h eta + eta + n h eta + 1/2
 *     encryption of 0    the same without 1/2
 *     plain product      n W (noise), |w| ≤ W         reduction of m w mod t adds multiples of q only
 *
 * Decryption is right while the sum of bounds is below q / 2t (security.ts), which makes the failure
 * probability zero, where 2^-128 is what failure-based key recovery asks for (ePrint 2024/116, 2024/127).
 * @module
 */
import { Rational } from '../base/rational.ts';
import type { Parameters } from './ring/parameters.ts';

const HALF = Rational.of(1, 2);

/** A fresh ciphertext of the seeded symmetric mode. */
export const freshNoise = ({ errorEta }: Parameters): Rational => Rational.of(errorEta).plus(HALF);

/** An encryption of zero under the collective public key of `holders` holders, 1 for a single key. */
export const publicZeroNoise = ({ n, errorEta }: Parameters, holders: number): Rational =>
  Rational.of((2 * n * holders + 1) * errorEta);

/** A fresh ciphertext under a public key. */
export const publicNoise = (parameters: Parameters, holders: number): Rational =>
  publicZeroNoise(parameters, holders).plus(HALF);

/** A ciphertext of noise `noise` times a plaintext polynomial with coefficients of at most `weight`. */
export const productNoise = ({ n }: Parameters, noise: Rational, weight: bigint): Rational =>
  noise.times(Rational.of(BigInt(n) * weight));

/** The sum of `count` ciphertexts of noise `noise` each. */
export const sumNoise = (noise: Rational, count: number): Rational =>
  noise.times(Rational.of(count));
