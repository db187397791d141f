/**
 * The sum of the holders' ciphertexts: what the sandbox computes, and what every holder recomputes
 * from the signed inputs before it gives a share (rulings 4).
 *
 * Packing is canonical, so that "the same sum" is equality of bytes. The sum adds one input of every
 * holder, in any order; whose input is whose is settled by the signatures around it.
 *
 * Refused, as MALFORMED_MESSAGE: a packed residue that is not below its modulus, another length,
 * inputs of different lengths, two equal inputs. Two honest holders send equal bytes with
 * probability below 2^-400000; a copy would add a vector twice.
 * @module
 */
import { Buffer } from 'node:buffer';
import { check } from '../../base/errors.ts';
import { MAX_HOLDERS } from '../../base/limits.ts';
import { splitPacked, unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Ring, ringOf } from '../ring/polynomial.ts';
import { MIN_HOLDERS } from '../security.ts';

/** Refuses two equal byte strings among `inputs` with MALFORMED_MESSAGE. */
export function checkDistinct(inputs: readonly Uint8Array[]): void {
  inputs.forEach((input, i) => {
    // They are public, so that a comparison may stop at the first difference.
    const copy = inputs.findIndex((other, j) => j < i && Buffer.compare(other, input) === 0);
    check(copy < 0, 'MALFORMED_MESSAGE', `input ${i} equals input ${copy}`);
  });
}

/**
 * Refuses bytes that are not `ciphertexts` packed polynomials with MALFORMED_MESSAGE; for a message
 * just received, contribution or share.
 */
export function checkPacked(parameters: Parameters, bytes: Uint8Array, ciphertexts: number): void {
  const ring = ringOf(parameters);
  for (const part of splitPacked(parameters, bytes, ciphertexts)) unpackInto(ring, SUM, part);
}

/** Registers: the sum so far, and the next term. */
export const SUM = 0;
const TERM = 1;

/** Σ of one packed polynomial each, in register `SUM`. */
export function sumInto(ring: Ring, parts: readonly Uint8Array[]): void {
  parts.forEach((part, i) => {
    unpackInto(ring, i === 0 ? SUM : TERM, part);
    if (i > 0) ring.machine.add(SUM, SUM, TERM);
  });
}

/** The packed sum of 2 to 16 packed contributions of equal length. */
export function sumCiphertexts(
  parameters: Parameters,
  contributions: readonly Uint8Array[],
): Uint8Array {
  check(
    contributions.length >= MIN_HOLDERS && contributions.length <= MAX_HOLDERS,
    'INVALID_PARAMETER',
    `${contributions.length} contributions`,
  );
  const { polynomialBytes } = parameters;
  const count = (contributions[0]?.length ?? 0) / polynomialBytes;
  const split = contributions.map((bytes) => splitPacked(parameters, bytes, count));
  checkDistinct(contributions);
  const ring = ringOf(parameters);
  const out = new Uint8Array(count * polynomialBytes);
  for (let index = 0; index < count; index++) {
    sumInto(
      ring,
      split.map((of) => of[index] as Uint8Array),
    );
    ring.machine.pack(SUM, out, index * polynomialBytes);
  }
  return out;
}
