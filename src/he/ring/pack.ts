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
import type { Limb, Parameters } from './parameters.ts';
import { type Coefficients, coefficientsOf } from './polynomial.ts';
import { wordsOf } from './words.ts';

const planeBytes = (n: number, bits: number): number => (n * bits) / 8;

/** Writes one plane into `out`. Every residue is below 2^bits, bits at most 28. */
function packPlane(residues: Uint32Array, bits: number, out: Uint8Array): void {
  const words = new Uint32Array(Math.ceil(out.length / 4) + 1);
  let pending = 0;
  let filled = 0;
  let at = 0;
  for (let j = 0; j < residues.length; j++) {
    const residue = residues[j] as number;
    pending |= residue << filled;
    filled += bits;
    if (filled >= 32) {
      words[at++] = pending;
      filled -= 32;
      // The bits of this residue that did not fit; bits − filled is 1 to 31 here.
      pending = residue >>> (bits - filled);
    }
  }
  words[at] = pending;
  out.set(new Uint8Array(words.buffer, 0, out.length));
}

function unpackPlane(bytes: Uint8Array, n: number, { q, bits }: Limb): Uint32Array {
  // Two spare words, as the last residue is read with the word behind its own.
  const padded = new Uint8Array(4 * (Math.ceil(bytes.length / 4) + 2));
  padded.set(bytes);
  const words = wordsOf(padded);
  const mask = 2 ** bits - 1;
  const out = new Uint32Array(n);
  let invalid = 0;
  for (let j = 0, bit = 0; j < n; j++, bit += bits) {
    const at = bit >>> 5;
    const shift = bit & 31;
    // Two shifts, as a shift by 32 would be one by 0.
    const high = ((words[at + 1] as number) << 1) << (31 - shift);
    const residue = (((words[at] as number) >>> shift) | high) & mask;
    out[j] = residue;
    invalid |= (q - 1 - residue) >> 31;
  }
  check(invalid === 0, 'MALFORMED_MESSAGE', 'residue not below its modulus');
  return out;
}

/** `parameters.polynomialBytes` bytes. */
export function pack(parameters: Parameters, { limbs }: Coefficients): Uint8Array {
  const out = new Uint8Array(parameters.polynomialBytes);
  let at = 0;
  parameters.limbs.forEach(({ bits }, i) => {
    const limb = limbs[i];
    check(limb?.length === parameters.n, 'INVALID_PARAMETER', `limb ${i}`);
    const length = planeBytes(parameters.n, bits);
    packPlane(limb, bits, out.subarray(at, at + length));
    at += length;
  });
  return out;
}

/** The inverse of `pack`. Refuses what `pack` could not have written with MALFORMED_MESSAGE. */
export function unpack(parameters: Parameters, bytes: Uint8Array): Coefficients {
  check(
    bytes.length === parameters.polynomialBytes,
    'MALFORMED_MESSAGE',
    `packed polynomial of ${bytes.length} bytes`,
  );
  let at = 0;
  return coefficientsOf(
    parameters.limbs.map((limb) => {
      const length = planeBytes(parameters.n, limb.bits);
      const plane = unpackPlane(bytes.subarray(at, at + length), parameters.n, limb);
      at += length;
      return plane;
    }),
  );
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
