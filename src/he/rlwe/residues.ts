/**
 * Integers that do not fit one plaintext modulus, as slots modulo several coprime ones (rulings 7): each
 * residue is encrypted in its own ciphertexts, sums stay sums modulo each t, and the Chinese remainder
 * theorem joins what was decrypted. A residue alone is masked and noised like any slot.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Slots } from '../../kernels/rlwe.ts';
import { plaintextBits } from '../ring/parameters.ts';
import { reduceToSlots } from '../ring/plaintext.ts';

const mod = (x: bigint, t: bigint): bigint => ((x % t) + t) % t;

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

/** The product of moduli that are coprime in pairs; INVALID_PARAMETER for others. */
export function productOf(moduli: readonly bigint[]): bigint {
  check(moduli.length > 0, 'INVALID_PARAMETER', 'no plaintext modulus');
  return moduli.reduce((product, t) => {
    check(t > 1n && gcd(product, t) === 1n, 'INVALID_PARAMETER', 'moduli that are not coprime');
    return product * t;
  }, 1n);
}

/** The slots of `values` modulo each t, in the words that t asks for. */
export const splitResidues = (values: readonly bigint[], moduli: readonly bigint[]): Slots[] =>
  moduli.map((t) => {
    const residues = values.map((value) => mod(value, t));
    return t <= 2n ** 32n ? Uint32Array.from(residues, Number) : BigUint64Array.from(residues);
  });

/** The slots of 64-bit values modulo one t. The values are secret: no branch looks at one. */
export function residuesOf(values: BigInt64Array, t: bigint): Slots {
  if (t === 2n ** 32n) return reduceToSlots(values);
  const bits = plaintextBits(t);
  const out = new BigUint64Array(values.length);
  // BigInt division takes its time from the operands; what of it shows is behind the plan's deadline.
  for (let i = 0; i < out.length; i++) {
    const value = values[i] as bigint;
    out[i] = bits > 0 ? BigInt.asUintN(bits, value) : mod(value, t);
  }
  return t < 2n ** 32n ? Uint32Array.from(out, Number) : out;
}

/** The integers in [−Πt/2, Πt/2) with these residues. The values are public by now. */
export function joinResidues(
  residues: readonly BigInt64Array[],
  moduli: readonly bigint[],
): bigint[] {
  const product = productOf(moduli);
  const length = residues[0]?.length ?? 0;
  const same = residues.length === moduli.length && residues.every((r) => r.length === length);
  check(same, 'INVALID_PARAMETER', 'residues of different lengths');
  const weights = moduli.map((t) => {
    const rest = product / t;
    return rest * inverse(rest % t, t);
  });
  return Array.from({ length }, (_, j) => {
    const sum = weights.reduce((s, weight, i) => s + weight * (residues[i]?.[j] ?? 0n), 0n);
    const joined = mod(sum, product);
    return 2n * joined >= product ? joined - product : joined;
  });
}

/** 1/a mod t for coprime a and t, by Euclid; on public numbers. */
function inverse(a: bigint, t: bigint): bigint {
  let [r0, r1, s0, s1] = [t, a, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return mod(s0, t);
}
