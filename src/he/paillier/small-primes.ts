/** The odd primes below 2^16, and their product: one gcd finds any of them in a modulus. @module */

const BOUND = 1 << 16;

/** Ascending (Eratosthenes). */
export function oddSmallPrimes(): number[] {
  const composite = new Uint8Array(BOUND);
  const primes: number[] = [];
  for (let i = 3; i < BOUND; i += 2) {
    if (composite[i] === 1) continue;
    primes.push(i);
    for (let j = i * i; j < BOUND; j += 2 * i) composite[j] = 1;
  }
  return primes;
}

/** Pairwise, for numbers of like length multiply faster. */
function product(factors: readonly bigint[]): bigint {
  if (factors.length < 2) return factors[0] ?? 1n;
  const half = factors.length >> 1;
  return product(factors.slice(0, half)) * product(factors.slice(half));
}

let all: bigint | undefined;

/** Their product, 94 thousand bits, made once. */
export function primorial(): bigint {
  all ??= product(oddSmallPrimes().map(BigInt));
  return all;
}
