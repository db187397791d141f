/**
 * Residues as bytes: for each limb a plane of n residues of `bits` bits, little endian, residue j
 * at bits [j bits, (j + 1) bits) of its plane; planes follow each other on byte boundaries.
 *
 * As n is a multiple of 16, a plane fills its bytes and there is no padding: RLWE_4096 takes
 * 4096 x (27 + 27 + 26 + 26) bits = 54,272 bytes. Packing is canonical: every polynomial has one form,
 * and the decoder refuses every other as MALFORMED_MESSAGE: another length, trailing bytes, a
 * residue that is not below its modulus.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Parameters } from './parameters.ts';
import { type Coefficients, coefficientsOf, type Ring, ringOf } from './polynomial.ts';

/** `parameters.polynomialBytes` bytes. */
export function pack(parameters: Parameters, { limbs }: Coefficients): Uint8Array {
  const { machine } = ringOf(parameters);
  machine.load(0, limbs);
  const out = new Uint8Array(parameters.polynomialBytes);
  machine.pack(0, out);
  return out;
}

/** Into a register. Refuses what `pack` could not have written with MALFORMED_MESSAGE. */
export function unpackInto(ring: Ring, register: number, bytes: Uint8Array): void {
  const { polynomialBytes } = ring.parameters;
  check(
    bytes.length === polynomialBytes,
    'MALFORMED_MESSAGE',
    `packed polynomial of ${bytes.length} bytes`,
  );
  const reduced = ring.machine.unpack(register, bytes);
  check(reduced, 'MALFORMED_MESSAGE', 'residue not below its modulus');
}

/** The inverse of `pack`. Refuses what `pack` could not have written with MALFORMED_MESSAGE. */
export function unpack(parameters: Parameters, bytes: Uint8Array): Coefficients {
  const ring = ringOf(parameters);
  unpackInto(ring, 0, bytes);
  return coefficientsOf(ring.machine.read(0));
}

/**
 * Splits a concatenation of packed polynomials without decoding them. Refuses an empty one, a
 * length that is no multiple, and, where given, another count than `expected`.
 */
export function splitPacked(
  parameters: Parameters,
  bytes: Uint8Array,
  expected?: number,
): Uint8Array[] {
  const size = parameters.polynomialBytes;
  const count = bytes.length / size;
  check(
    Number.isInteger(count) && count > 0 && (expected === undefined || count === expected),
    'MALFORMED_MESSAGE',
    `${bytes.length} bytes of packed polynomials`,
  );
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
