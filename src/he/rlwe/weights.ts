/**
 * Plaintext polynomials to multiply ciphertexts by, as values at the roots.
 *
 * A vector v against a vector w in one coefficient: with m = Σ v_i X^i and
 *
 *     r = w_0 − Σ_{i>0} w_i X^(n−i)      (X^n = −1)      the constant coefficient of m r is Σ v_i w_i,
 *
 * so that an inner product needs neither a batching encoder nor rotations. Longer vectors are blocks
 * of n, the last one filled up with zeros, and the products are added.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Parameters } from '../ring/parameters.ts';
import { type Ring, ringOf, type Values, valuesOf } from '../ring/polynomial.ts';

/** Weights in NTT form, and a bound on their absolute values for the noise. */
export type Weights = { readonly blocks: readonly Values[]; readonly bound: bigint };

/** Register 0 = integers in [−2^63, 2^63) as values. */
function loadIntegers({ machine, parameters }: Ring, integers: BigInt64Array): void {
  // x + 2^63 has the bits of x with the topmost one turned.
  const words = new BigUint64Array(integers.buffer.slice(0), integers.byteOffset, integers.length);
  const halves = new Uint32Array(words.buffer);
  for (let j = 1; j < halves.length; j += 2) halves[j] = (halves[j] as number) ^ 0x80000000;
  machine.loadWords(words);
  machine.clear(0);
  machine.addWords(
    0,
    parameters.limbs.map(({ q }) => {
      const centre = Number(2n ** 63n % BigInt(q));
      return { base: (q - centre) % q, wl: 1, wh: 2 ** 32 % q };
    }),
  );
  machine.forward(0);
  words.fill(0n);
}

function encodeBlocks(
  parameters: Parameters,
  integers: BigInt64Array,
  bound: bigint,
  arrange: (block: BigInt64Array) => BigInt64Array,
): Weights {
  const { n } = parameters;
  check(integers.length > 0, 'INVALID_PARAMETER', 'no weights');
  check(bound >= 1n && bound < 2n ** 63n, 'INVALID_PARAMETER', 'bound on the weights');
  const ring = ringOf(parameters);
  const blocks = Array.from({ length: Math.ceil(integers.length / n) }, (_, index) => {
    const block = new BigInt64Array(n);
    block.set(integers.subarray(index * n, (index + 1) * n));
    const arranged = arrange(block);
    loadIntegers(ring, arranged);
    block.fill(0n);
    arranged.fill(0n);
    return valuesOf(ring.machine.read(0));
  });
  ring.machine.wipe(0);
  return { blocks, bound };
}

/** r of the header for each block of n weights, so that products are inner products. */
export const encodeWeights = (
  parameters: Parameters,
  weights: BigInt64Array,
  bound: bigint,
): Weights =>
  encodeBlocks(parameters, weights, bound, (block) => {
    const reversed = new BigInt64Array(block.length);
    reversed[0] = block[0] as bigint;
    for (let i = 1; i < block.length; i++) reversed[block.length - i] = -(block[i] as bigint);
    return reversed;
  });

/**
 * Σ v_i X^i for each block of n coefficients, for products of polynomials.
 *
 * @param bound public bound on |v_i|. It is not compared with them, as they may be secret: a larger
 *   one makes the result wrong and the flooding too small.
 */
export const encodeMultiplier = (
  parameters: Parameters,
  coefficients: BigInt64Array,
  bound: bigint,
): Weights => encodeBlocks(parameters, coefficients, bound, (block) => block.slice());
