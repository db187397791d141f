/**
 * Seeded symmetric encryption of a vector, block by block of n slots, without leaving the kernel's memory.
 *
 *     c1 = polynomial `index` of a public seed      e ← centred binomial (eta), fresh
 *     c0 = −c1 s + e + round(q m / t)                packed; c1 is never sent
 *
 * Papers     symmetric RLWE encryption after Brakerski, ePrint 2012/078, and Fan, Vercauteren, ePrint
 *            2012/144; seeded c1 as in common practice. Assumption: RLWE, c1 from a random oracle.
 * Adversary  whoever sees c0 and not s learns the number of blocks.
 * Limits     one vector for one seed, for ever: the caller binds the seed to a key and a run.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rng } from '../../base/rng.ts';
import { Secret } from '../../base/secret.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import { unpackInto } from '../ring/pack.ts';
import type { Parameters } from '../ring/parameters.ts';
import { addErrorsAndCode, decodeRegister } from '../ring/plaintext.ts';
import type { Ring } from '../ring/polynomial.ts';
import { BinomialErrors, type UniformPolynomials } from '../ring/sample.ts';
import { loadSecret, type TernaryKey } from '../ring/ternary.ts';
import { MAX_CIPHERTEXTS } from '../security.ts';

/** Registers: the secret, the ciphertext in the making, its c1. */
const [SECRET, WORK, OTHER] = [0, 1, 2];

/** Ciphertexts for a vector of `slots` slots. */
export function ciphertextsFor(parameters: Parameters, slots: number): number {
  const count = Math.ceil(slots / parameters.n);
  check(
    Number.isInteger(slots) && slots > 0 && count <= MAX_CIPHERTEXTS,
    'INVALID_PARAMETER',
    `${slots} slots`,
  );
  return count;
}

/** Bytes of one packed polynomial for each n slots. */
const packedLength = (parameters: Parameters, slots: number): number =>
  ciphertextsFor(parameters, slots) * parameters.polynomialBytes;

/** Slots [index n, (index + 1) n), zeros behind the end. */
export function block(values: Slots, index: number, n: number): Slots {
  if (values instanceof Uint32Array) {
    const part = values.subarray(index * n, (index + 1) * n);
    if (part.length === n) return part;
    const filled = new Uint32Array(n);
    filled.set(part);
    return filled;
  }
  const part = values.subarray(index * n, (index + 1) * n);
  if (part.length === n) return part;
  const filled = new BigUint64Array(n);
  filled.set(part);
  return filled;
}

/**
 * Packed c0 of ceil(values.length / n) ciphertexts, one behind the other.
 *
 * @param values slots below t, 32-bit words where t ≤ 2^32 and 64-bit words above.
 * @param first index of the first c1, where workers encrypt parts of one vector.
 * @param rng 32 bytes are drawn and expanded by AES-256-CTR.
 * @param out where the bytes go and which is returned; fresh memory by default.
 */
export function encryptBlocks(
  ring: Ring,
  key: TernaryKey,
  publics: UniformPolynomials,
  values: Slots,
  rng: Rng,
  first = 0,
  out: Uint8Array = new Uint8Array(packedLength(ring.parameters, values.length)),
): Uint8Array {
  const { machine, parameters } = ring;
  const count = ciphertextsFor(parameters, values.length);
  check(first >= 0 && first + count <= MAX_CIPHERTEXTS, 'INVALID_PARAMETER', 'ciphertext index');
  checkSlots(parameters, values);
  const { n, polynomialBytes } = parameters;
  using seed = new Secret('encryption error seed', rng(32));
  const errors = new BinomialErrors(ring, seed);
  check(out.length === count * polynomialBytes, 'INVALID_PARAMETER', 'room for ciphertexts');
  loadSecret(ring, key, SECRET, -1);
  for (let index = 0; index < count; index++) {
    publics.take(WORK, first + index);
    machine.multiply(WORK, WORK, SECRET);
    machine.inverse(WORK);
    errors.draw();
    addErrorsAndCode(ring, WORK, block(values, index, n));
    machine.pack(WORK, out, index * polynomialBytes);
  }
  machine.wipe(SECRET, WORK);
  return out;
}

/** Words of the right width for t. Their values are secret and are not looked at. */
export function checkSlots({ plaintextModulus: t }: Parameters, values: Slots): void {
  const narrow = values instanceof Uint32Array;
  check(narrow === t <= 2n ** 32n, 'INVALID_PARAMETER', 'width of the slots');
}

/**
 * The n centred slots of packed (c0, c1) under a key of our own.
 * Refuses with MALFORMED_MESSAGE what is not two packed polynomials.
 */
export function decryptOwn(
  ring: Ring,
  key: TernaryKey,
  [c0, c1]: readonly [Uint8Array, Uint8Array],
): BigInt64Array {
  const { machine } = ring;
  unpackInto(ring, WORK, c0);
  unpackInto(ring, OTHER, c1);
  machine.forward(OTHER);
  loadSecret(ring, key, SECRET);
  machine.multiply(OTHER, OTHER, SECRET);
  machine.inverse(OTHER);
  machine.add(WORK, WORK, OTHER);
  const slots = decodeRegister(ring, WORK);
  machine.wipe(SECRET, WORK, OTHER);
  return slots;
}
