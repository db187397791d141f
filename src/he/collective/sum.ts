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
import { equalBytes } from '../../base/bytes.ts';
import { check } from '../../base/errors.ts';
import { pack, splitPacked, unpack } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Coefficients, ringOf } from '../ring/polynomial.ts';
import { MAX_HOLDERS, MIN_HOLDERS } from '../security.ts';

/** Refuses two equal byte strings among `inputs` with MALFORMED_MESSAGE. */
export function checkDistinct(inputs: readonly Uint8Array[]): void {
  inputs.forEach((input, i) => {
    const copy = inputs.findIndex((other, j) => j < i && equalBytes(other, input));
    check(copy < 0, 'MALFORMED_MESSAGE', `input ${i} equals input ${copy}`);
  });
}

/**
 * Refuses bytes that are not `ciphertexts` packed polynomials with MALFORMED_MESSAGE; for a message
 * just received, contribution or share.
 */
export function checkPacked(parameters: Parameters, bytes: Uint8Array, ciphertexts: number): void {
  for (const part of splitPacked(parameters, bytes, ciphertexts)) unpack(parameters, part);
}

/** Σ of one packed polynomial each. */
export function sumOne(parameters: Parameters, parts: readonly Uint8Array[]): Coefficients {
  const ring = ringOf(parameters);
  return parts
    .map((part) => unpack(parameters, part))
    .reduce((sum, polynomial) => ring.add(sum, polynomial));
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
  const count = (contributions[0]?.length ?? 0) / parameters.polynomialBytes;
  const split = contributions.map((bytes) => splitPacked(parameters, bytes, count));
  checkDistinct(contributions);
  const out = new Uint8Array(count * parameters.polynomialBytes);
  for (let index = 0; index < count; index++) {
    const parts = split.map((of) => of[index] as Uint8Array);
    out.set(pack(parameters, sumOne(parameters, parts)), index * parameters.polynomialBytes);
  }
  return out;
}
