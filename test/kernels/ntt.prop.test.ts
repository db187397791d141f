/** The kernel equals its twin: every function, small dimensions, moduli of 13 to 28 bits. */
import { deepStrictEqual, notDeepStrictEqual, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { mulModUnsafe, powModUnsafe } from '../../src/kernels/modular.ts';
import { Ntt } from '../../src/kernels/ntt.ts';
import * as reference from '../../src/kernels/reference/ntt.ts';
import { refusal } from '../support/refusal.ts';

/** Primes 1 mod 32768, or as far as small ones go: both sides of the kernel's case at 2^27. */
const PRIMES = [268369921, 134176769, 133857281, 67043329, 12289];

/** g^((q−1)/2n) for the first g where its n-th power is −1. */
function rootOf(n: number, q: number): number {
  for (let g = 2; ; g++) {
    const root = powModUnsafe(g, (q - 1) / (2 * n), q);
    if (powModUnsafe(root, n, q) === q - 1) return root;
  }
}

const transforms = new Map<string, Ntt>();
function transform(n: number, q: number): Ntt {
  const name = `${n}/${q}`;
  const known = transforms.get(name) ?? new Ntt(n, q, rootOf(n, q));
  transforms.set(name, known);
  return known;
}

/** Residues mod q, half of them from where carries and reductions go wrong. */
const residue = (q: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constantFrom(0, 1, 2, (q - 1) / 2, (q + 1) / 2, q - 2, q - 1),
    fc.integer({ min: 0, max: q - 1 }),
  );

const lanes = (n: number, value: fc.Arbitrary<number>): fc.Arbitrary<Uint32Array> =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.array(value, { minLength: n, maxLength: n }) },
      { weight: 1, arbitrary: value.map((x) => new Array<number>(n).fill(x)) },
    )
    .map((values) => Uint32Array.from(values));

const operands = fc
  .record({ q: fc.constantFrom(...PRIMES), n: fc.constantFrom(16, 32, 64, 128) })
  .chain(({ q, n }) =>
    fc.record({
      ntt: fc.constant(transform(n, q)),
      a: lanes(n, residue(q)),
      b: lanes(n, residue(q)),
      c: lanes(n, residue(q)),
      words: lanes(n, fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat(2 ** 32 - 1))),
      w: residue(q),
    }),
  );

const RUNS = { numRuns: 60 };

describe('wasm/ntt equals its twin', () => {
  test('forward, inverse, and back', () => {
    fc.assert(
      fc.property(operands, ({ ntt, a }) => {
        const values = ntt.forward(a);
        deepStrictEqual(values, reference.forward(a, ntt.q, ntt.psi));
        deepStrictEqual(ntt.inverse(a), reference.inverse(a, ntt.q, ntt.psi));
        deepStrictEqual(ntt.inverse(values), a);
      }),
      RUNS,
    );
  });

  test('multiply, multiply and add, scale', () => {
    fc.assert(
      fc.property(operands, ({ ntt, a, b, c, words, w }) => {
        deepStrictEqual(ntt.multiply(a, b), reference.multiply(a, b, ntt.q));
        deepStrictEqual(ntt.multiplyAdd(c, a, b), reference.multiplyAdd(c, a, b, ntt.q));
        deepStrictEqual(ntt.scale(words, w), reference.scale(words, w, ntt.q));
      }),
      { numRuns: 150 },
    );
  });

  test('a product of transforms is the schoolbook product modulo X^n + 1', () => {
    fc.assert(
      fc.property(operands, ({ ntt, a, b }) => {
        const product = ntt.multiplyInverse(ntt.forward(a), ntt.forward(b));
        deepStrictEqual(product, reference.negacyclicProduct(a, b, ntt.q));
      }),
      RUNS,
    );
  });

  test('inputs survive, operands may alias, nothing is left for the next call', () => {
    fc.assert(
      fc.property(operands, ({ ntt, a, b }) => {
        const before = a.slice();
        deepStrictEqual(ntt.multiply(a, a), reference.multiply(before, before, ntt.q));
        ntt.forward(a);
        ntt.multiplyAdd(a, a, a);
        deepStrictEqual(a, before);
        const first = ntt.multiply(a, b);
        const kept = first.slice();
        ntt.multiply(b, b);
        deepStrictEqual(first, kept);
      }),
      RUNS,
    );
  });

  test('control: the comparison tells one root of unity from another', () => {
    const ntt = transform(16, 12289);
    const other = powModUnsafe(ntt.psi, 3, 12289);
    const a = Uint32Array.from({ length: 16 }, (_, i) => i);
    notDeepStrictEqual(ntt.forward(a), reference.forward(a, 12289, other));
  });
});

describe('dimensions up to 16384', () => {
  const wide = (n: number, q: number): Uint32Array =>
    Uint32Array.from({ length: n }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 0) % q);

  for (const n of [256, 1024, 2048, 4096, 8192, 16384]) {
    test(`n = ${n}: single values by Horner's rule, and back`, () => {
      for (const q of [268369921, 134176769 % (2 * n) === 1 ? 134176769 : 133857281]) {
        const ntt = transform(n, q);
        const bits = Math.log2(n);
        for (const a of [wide(n, q), new Uint32Array(n).fill(q - 1), new Uint32Array(n)]) {
          const values = ntt.forward(a);
          for (const k of [0, 1, n / 2, n - 1]) {
            let reversed = 0;
            for (let i = 0; i < bits; i++) reversed |= ((k >> i) & 1) << (bits - 1 - i);
            const root = powModUnsafe(ntt.psi, 2 * reversed + 1, q);
            const value = a.reduceRight((sum, x) => (mulModUnsafe(sum, root, q) + x) % q, 0);
            deepStrictEqual(values[k], value);
          }
          deepStrictEqual(ntt.inverse(values), a);
        }
      }
    });
  }
});

describe('refusals', () => {
  const invalid = refusal('INVALID_PARAMETER');
  const ntt = transform(16, 12289);
  for (const [name, n, q, psi] of [
    ['a length that is no power of two', 24, 12289, 7],
    ['a length below the vector pass', 8, 12289, 7],
    ['a length above the maximum', 32768, 268369921, 3],
    ['a modulus of 2^28', 16, 2 ** 28, 3],
    ['a modulus that is not 1 mod 2n', 16, 12291, 3],
    ['a modulus that is no integer', 16, 12289.5, 3],
    ['a root of smaller order', 16, 12289, 1],
    ['a root that is no residue', 16, 12289, 12289 + 3],
    ['a root of larger order', 16, 12289, rootOf(64, 12289)],
  ] as const) {
    test(name, () => throws(() => new Ntt(n, q, psi), invalid));
  }
  test('operands of another length', () => {
    const [short, right] = [new Uint32Array(15), new Uint32Array(16)];
    throws(() => ntt.forward(short), invalid);
    throws(() => ntt.inverse(new Uint32Array(17)), invalid);
    throws(() => ntt.multiply(right, short), invalid);
    throws(() => ntt.multiplyAdd(short, right, right), invalid);
    throws(() => ntt.scale(new Uint32Array(0), 1), invalid);
  });
  test('scale factors outside [0, q)', () => {
    for (const w of [-1, 12289, 0.5, Number.NaN]) {
      throws(() => ntt.scale(new Uint32Array(16), w), invalid);
    }
  });
});
