/** The shipped parameter sets are what their headers say; a literal of another shape is refused. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  checkParameters,
  parametersOf,
  type ParametersLiteral,
  RLWE_4096,
  rlweParameters,
} from '../../../src/he/ring/parameters.ts';
import { powModUnsafe } from '../../../src/kernels/modular.ts';
import { refusal } from '../../support/refusal.ts';

/** Trial division: a proof for numbers below 2^28. */
function isPrime(q: number): boolean {
  for (let d = 2; d * d <= q; d++) if (q % d === 0) return false;
  return q > 1;
}

/** The `count` largest primes 1 mod 2n below 2^bits. */
function largest(bits: number, count: number, n: number): number[] {
  const primes: number[] = [];
  for (let q = 2 ** bits - 2 * n + 1; primes.length < count; q -= 2 * n) {
    if (isPrime(q)) primes.push(q);
  }
  return primes;
}

test('control: the primality proof refuses composites', () => {
  for (const composite of [1, 4, 134176769 - 2, 11587 * 11587]) equal(isPrime(composite), false);
});

describe.each([
  { parameters: RLWE_4096, wide: 2, modulusBits: 106, bytes: 54_272 },
  { parameters: rlweParameters(8192, 2n ** 40n), wide: 6, modulusBits: 214, bytes: 219_136 },
])('$parameters.id', ({ parameters, wide, modulusBits, bytes }) => {
  const { limbs, n, modulus, polynomialBytes } = parameters;

  test('the moduli are the largest primes 1 mod 2n below 2^27 and below 2^26', () => {
    deepStrictEqual(
      limbs.map(({ q }) => q),
      [...largest(27, wide, n), ...largest(26, 2, n)],
    );
    deepStrictEqual(
      limbs.map((limb) => limb.bits),
      [...new Array<number>(wide).fill(27), 26, 26],
    );
  });
  test('q is the product, of the size that the table allows', () => {
    equal(
      modulus,
      limbs.reduce((product, { q }) => product * BigInt(q), 1n),
    );
    equal(modulus.toString(2).length, modulusBits);
    equal(polynomialBytes, bytes);
  });
  test('psi comes from the smallest candidate generator', () => {
    for (const { q, psi } of limbs) {
      let g = 2;
      while (powModUnsafe(g, (q - 1) / 2, q) !== q - 1) g += 1;
      equal(psi, powModUnsafe(g, (q - 1) / (2 * n), q));
    }
  });
  test('is frozen', () => {
    ok(Object.isFrozen(parameters) && Object.isFrozen(limbs) && limbs.every(Object.isFrozen));
  });
});

describe('ids', () => {
  test('name ring and plaintext modulus, and lead back', () => {
    equal(RLWE_4096.id, 'kakehashi-rlwe-4096-106-t32');
    for (const parameters of [RLWE_4096, rlweParameters(8192, 2n ** 40n - 87n)]) {
      equal(parametersOf(parameters.id), parameters);
    }
    equal(rlweParameters(8192, 2n ** 40n - 87n).id, 'kakehashi-rlwe-8192-214-m1099511627689');
  });
  for (const id of [
    '',
    'kakehashi-rlwe-4096-214-t32',
    'kakehashi-rlwe-4096-106-t032',
    'kakehashi-rlwe-4096-106-t99',
    'kakehashi-rlwe-4096-106-m12',
    'kakehashi-rlwe-4096-106-m4096',
    'kakehashi-rlwe-4096-106-t32 ',
  ]) {
    test(`refused: '${id}'`, () => {
      throws(() => parametersOf(id), refusal('INVALID_PARAMETER'));
    });
  }
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
    ['a plaintext modulus of 1', { plaintextModulus: 1n }],
    ['an even plaintext modulus that is no power of two', { plaintextModulus: 12n }],
    ['a plaintext modulus of 2^61', { plaintextModulus: 2n ** 61n }],
    ['an odd plaintext modulus above 2^48', { plaintextModulus: 2n ** 48n + 1n }],
    ['a plaintext modulus that shares a factor', { plaintextModulus: BigInt(second.q) }],
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
