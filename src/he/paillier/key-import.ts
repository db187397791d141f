/**
 * A private key from the numbers that other libraries keep: n and λ.
 *
 * paillier-bigint (`generateRandomKeys(bits, true)`) and python-paillier store λ = (p − 1)(q − 1) or
 * lcm(p − 1, q − 1). The lcm is (p − 1)(q − 1) / g for a small g, and (p − 1)(q − 1) < n < 2 of it, so
 * g = ⌊n / λ⌋ while g(p + q) < n; then p and q are the roots of x² − (n + 1 − φ) x + n.
 * @module
 */
import { check } from '../../base/errors.ts';
import { inverse } from './integers.ts';
import { PrivateKey } from './private-key.ts';

/** ⌊√value⌋ by Newton's method. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** p and q, the larger first. Refuses with KEY_FILE_INVALID where λ is not of n. */
export function factors(n: bigint, lambda: bigint): readonly [bigint, bigint] {
  check(lambda > 0n && lambda < n, 'KEY_FILE_INVALID', 'lambda outside (0, n)');
  const sum = n + 1n - lambda * (n / lambda);
  const discriminant = sum * sum - 4n * n;
  check(discriminant > 0n, 'KEY_FILE_INVALID', 'lambda does not belong to n');
  const root = squareRoot(discriminant);
  const [p, q] = [(sum + root) / 2n, (sum - root) / 2n];
  check(p * q === n, 'KEY_FILE_INVALID', 'lambda does not belong to n');
  return [p, q];
}

type ForeignNumbers = {
  readonly n: bigint;
  /** The generator; n + 1 only. */
  readonly g: bigint;
  readonly lambda: bigint;
  readonly mu: bigint;
};

/** Refuses with KEY_FILE_INVALID another generator, and numbers that contradict each other. */
export function importPrivateKey({ n, g, lambda, mu }: ForeignNumbers): PrivateKey {
  check(g === n + 1n, 'KEY_FILE_INVALID', 'generator is not n + 1');
  const [p, q] = factors(n, lambda);
  check(mu === inverse(lambda, n), 'KEY_FILE_INVALID', 'mu does not belong to lambda');
  return PrivateKey.fromPrimes(p, q);
}
