/**
 * The noise ledger: a bound on what a ciphertext decrypts to, before reduction mod t, that holds
 * always. An operation that would pass q/2 is refused before it is done, so that a wrong decryption
 * is not improbable but impossible: the 2^-128 asked for of failure-based attacks (ePrint 2024/116,
 * 2024/127) is reached with probability 0. That speaks of honest evaluation; what a deviating sandbox
 * returns is another matter (open-result.ts).
 *
 * w is c0 + c1 s (+ c2 s²) mod q, centred; m = w mod t, up to a public factor. |s| ≤ 1, |e| ≤ 21:
 *
 *     fresh, symmetric   w = m + t e                                          t + 21 t
 *     sum                                                                     Σ
 *     product            N coefficients of products                           N w w'
 *     relinearise        t (Σ_i d_i e_i) / P, digits d_i < q_i, and rounding  w + t (21 N Σ q_i / P + N + 1)
 *     modulus switch     w / q_last, rounding to a multiple of t              w / q_last + t (N + 1)
 *
 * Largest: 2^14 blocks of products come to 2^136 of 2^159.
 * @module
 */
import { check } from '../../base/errors.ts';
import { DATA_PRIMES, ERROR_BOUND, N, PRIMES, RESULT_PRIMES, T } from './parameters.ts';

/** A ciphertext as the ledger knows it. */
export type Noise = {
  readonly bound: bigint;
  /** Primes of its modulus. */
  readonly primes: number;
  /** Products behind it. */
  readonly depth: number;
};

const n = BigInt(N);

const modulus = (primes: number): bigint =>
  PRIMES.slice(0, primes).reduce((product, prime) => product * prime, 1n);

/** Refuses with ENCRYPTION_PARAMETERS what may not decrypt. */
function within(noise: Noise): Noise {
  check(
    2n * noise.bound < modulus(noise.primes),
    'ENCRYPTION_PARAMETERS',
    'noise would pass the modulus',
  );
  return noise;
}

export const freshNoise: Noise = { bound: T + ERROR_BOUND * T, primes: DATA_PRIMES, depth: 0 };

/** Of the sum of `count` ciphertexts with this noise. */
export const sumNoise = (noise: Noise, count: number): Noise =>
  within({ ...noise, bound: noise.bound * BigInt(count) });

/** DEPTH: one product is what the parameters, and the plans, are made for. */
export function productNoise(a: Noise, b: Noise): Noise {
  check(a.depth + b.depth === 0, 'INVALID_PARAMETER', 'DEPTH: a product of products');
  return within({ ...a, bound: n * a.bound * b.bound, depth: 1 });
}

export function relinearisedNoise(noise: Noise): Noise {
  const special = PRIMES[DATA_PRIMES] ?? 1n;
  const digits = PRIMES.slice(0, DATA_PRIMES).reduce((sum, prime) => sum + prime, 0n);
  const added = (ERROR_BOUND * n * digits) / special + n + 2n;
  return within({ ...noise, bound: noise.bound + T * added });
}

export function switchedNoise(noise: Noise): Noise {
  const last = PRIMES[noise.primes - 1] ?? 1n;
  return within({
    ...noise,
    bound: noise.bound / last + 1n + T * (n + 1n),
    primes: noise.primes - 1,
  });
}

/** Of the result for one cell: `factors` columns multiplied, summed over blocks, made small. */
export function resultNoise(factors: number, blocks: number): Noise {
  check(factors === 1 || factors === 2, 'INVALID_PARAMETER', 'DEPTH: one product at most');
  const product = factors === 1 ? freshNoise : productNoise(freshNoise, freshNoise);
  const sum = sumNoise(product, blocks);
  // Each part of the blocks is relinearised by itself; no more parts than blocks.
  const partial = factors === 1 ? sum : sumNoise(relinearisedNoise(product), blocks);
  const larger = partial.bound > sum.bound ? partial : sum;
  return Array.from({ length: DATA_PRIMES - RESULT_PRIMES }).reduce<Noise>(switchedNoise, larger);
}
