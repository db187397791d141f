/** The shipped parameter set is what its header says; a literal of another shape is refused. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  checkParameters,
  type ParametersLiteral,
  RLWE_4096,
} from '../../../src/he/ring/parameters.ts';
import { powModUnsafe } from '../../../src/kernels/modular.ts';
import { refusal } from '../../support/refusal.ts';

/** Trial division: a proof for numbers below 2^28. */
function isPrime(q: number): boolean {
  for (let d = 2; d * d <= q; d++) if (q % d === 0) return false;
  return q > 1;
}

describe('kakehashi-rlwe-4096-106-t32', () => {
  const { limbs, n, modulus, polynomialBytes } = RLWE_4096;

  test('the moduli are the two largest primes 1 mod 8192 below 2^27 and below 2^26', () => {
    const largest = (bits: number): number[] => {
      const primes: number[] = [];
      for (let q = 2 ** bits - 8191; primes.length < 2; q -= 8192) if (isPrime(q)) primes.push(q);
      return primes;
    };
    deepStrictEqual(
      limbs.map(({ q }) => q),
      [...largest(27), ...largest(26)],
    );
  });

  test('control: the primality proof refuses composites', () => {
    for (const composite of [1, 4, 134176769 - 2, 11587 * 11587]) equal(isPrime(composite), false);
  });

  test('q has 106 bits, a packed polynomial 54,272 bytes', () => {
    equal(modulus.toString(2).length, 106);
    equal(
      modulus,
      limbs.reduce((product, { q }) => product * BigInt(q), 1n),
    );
    deepStrictEqual(
      limbs.map(({ bits }) => bits),
      [27, 27, 26, 26],
    );
    equal(polynomialBytes, 54_272);
  });

  test('psi comes from the smallest candidate generator', () => {
    for (const { q, psi } of limbs) {
      let g = 2;
      while (powModUnsafe(g, (q - 1) / 2, q) !== q - 1) g += 1;
      equal(psi, powModUnsafe(g, (q - 1) / (2 * n), q));
    }
  });

  test('is frozen', () => {
    ok(Object.isFrozen(RLWE_4096) && Object.isFrozen(limbs) && limbs.every(Object.isFrozen));
  });
});

describe('refused literals', () => {
  const [first, second] = RLWE_4096.limbs;
  if (first === undefined || second === undefined) throw new Error('no limbs');
  const good: ParametersLiteral = { ...RLWE_4096, limbs: [first, second] };
  test('control: the literal they are made from is accepted', () => {
    equal(checkParameters(good).n, 4096);
  });
  for (const [name, change] of [
    ['an id with a capital', { id: 'RLWE' }],
    ['an empty id', { id: '' }],
    ['a dimension that is no power of two', { n: 4000 }],
    ['a dimension too large for the moduli', { n: 8192 }],
    ['a dimension below the kernel', { n: 8 }],
    ['another plaintext modulus', { plaintextBits: 16 as 32 }],
    ['no error', { errorEta: 0 }],
    ['an error wider than a word', { errorEta: 32 }],
    ['a fraction of an error', { errorEta: 2.5 }],
    ['no limb', { limbs: [] }],
    ['nine limbs', { limbs: new Array(9).fill(first) as (typeof first)[] }],
    ['a repeated modulus', { limbs: [first, first] }],
    ['a root of another modulus', { limbs: [{ ...first, psi: second.psi }] }],
    ['a root of unity of smaller order', { limbs: [{ ...first, psi: 1 }] }],
    ['a modulus of 29 bits', { limbs: [{ q: 2 ** 28 + 8193, psi: 3 }] }],
    ['a modulus that is not 1 mod 2n', { limbs: [{ q: first.q + 2, psi: first.psi }] }],
  ] as const) {
    test(name, () => {
      throws(() => checkParameters({ ...good, ...change }), refusal('INVALID_PARAMETER'));
    });
  }
});
