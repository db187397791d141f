/** Every step of the machine equals its specification, on edge-weighted inputs and small rings. */
import { deepStrictEqual, equal, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { powModUnsafe } from '../../src/kernels/modular.ts';
import * as specification from '../../src/kernels/reference/rlwe.ts';
import { forward, inverse, multiply } from '../../src/kernels/reference/ntt.ts';
import { RlweMachine } from '../../src/kernels/rlwe.ts';
import { refusal } from '../support/refusal.ts';

const N = 16;
/** Moduli of 7 to 28 bits; 12289 rejects a quarter of all draws. */
const LIMBS = [97, 12289, 67043329, 134176769, 268369921].map((q) => {
  let g = 2;
  while (powModUnsafe(g, (q - 1) / 2, q) !== q - 1) g += 1;
  return { q, psi: powModUnsafe(g, (q - 1) / (2 * N), q) };
});
const machine = new RlweMachine(N, LIMBS);

const residues = (q: number): fc.Arbitrary<Uint32Array> =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 1, q >> 1, q - 2, q - 1), fc.nat(q - 1)), {
      minLength: N,
      maxLength: N,
    })
    .map((values) => Uint32Array.from(values));
const polynomial = fc.tuple(...LIMBS.map(({ q }) => residues(q)));
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.constantFrom(0, 0x55, 0xff).map((value) => new Uint8Array(length).fill(value)),
    fc.uint8Array({ minLength: length, maxLength: length }),
  );
const words = (raw: Uint8Array): Uint32Array => new Uint32Array(raw.slice().buffer);
const at = (limbs: readonly Uint32Array[], i: number): Uint32Array =>
  limbs[i] ?? new Uint32Array(0);
const each = (make: (q: number, index: number) => Uint32Array): Uint32Array[] =>
  LIMBS.map(({ q }, i) => make(q, i));

describe('arithmetic', () => {
  test('transforms, products, sums, differences; operands survive', () => {
    fc.assert(
      fc.property(polynomial, polynomial, (a, b) => {
        machine.load(0, a);
        machine.load(1, b);
        machine.multiply(2, 0, 1);
        deepStrictEqual(
          machine.read(2),
          each((q, i) => multiply(at(a, i), at(b, i), q)),
        );
        machine.multiplyAdd(2, 0, 1);
        machine.add(3, 0, 1);
        deepStrictEqual(
          machine.read(3),
          each((q, i) => specification.addIntegers(at(a, i), Array.from(at(b, i), BigInt), q)),
        );
        machine.subtract(3, 3, 1);
        deepStrictEqual(machine.read(3), a);
        deepStrictEqual([machine.read(0), machine.read(1)], [a, b]);
        machine.forward(0);
        deepStrictEqual(
          machine.read(0),
          each((q, i) => forward(at(a, i), q, LIMBS[i]?.psi ?? 0)),
        );
        machine.inverse(1);
        deepStrictEqual(
          machine.read(1),
          each((q, i) => inverse(at(b, i), q, LIMBS[i]?.psi ?? 0)),
        );
      }),
      { numRuns: 30 },
    );
  });
});

describe('samplers', () => {
  test('uniform: rejection, continued over two pieces', () => {
    fc.assert(
      fc.property(bytes(64), bytes(128), (first, second) => {
        LIMBS.forEach(({ q }, i) => {
          machine.clear(0);
          const filled = machine.uniform(0, i, 0, first);
          equal(filled, specification.uniform(words(first), q, N).length);
          const most = machine.uniform(0, i, filled, second);
          const expected = specification.uniform(words(Uint8Array.of(...first, ...second)), q, N);
          equal(most, expected.length);
          deepStrictEqual(machine.read(0)[i]?.slice(0, most), expected);
        });
      }),
    );
  });
  test('ternary, continued', () => {
    fc.assert(
      fc.property(bytes(3), bytes(8), (first, second) => {
        const filled = machine.ternary(first, 0);
        const most = machine.ternary(second, filled);
        const expected = specification.ternary(Uint8Array.of(...first, ...second), N);
        equal(most, expected.length);
        deepStrictEqual(machine.readSmall().slice(0, most), expected);
      }),
    );
  });
  test('binomial, and its sum with residues', () => {
    fc.assert(
      fc.property(bytes(8 * N), fc.integer({ min: 1, max: 31 }), polynomial, (stream, eta, a) => {
        machine.binomial(stream, eta);
        const expected = specification.binomial(words(stream), eta);
        deepStrictEqual(machine.readSmall(), expected);
        machine.load(0, a);
        machine.addSmall(0);
        deepStrictEqual(
          machine.read(0),
          each((q, i) => specification.addIntegers(at(a, i), Array.from(expected, BigInt), q)),
        );
      }),
    );
  });
  test('smudging words, in two pieces, and their sum with residues', () => {
    const base = (q: number): number => Math.min(5, q - 1);
    fc.assert(
      fc.property(bytes(64 * N), fc.integer({ min: 1, max: 61 }), polynomial, (stream, bits, a) => {
        machine.smudge(stream.subarray(0, 64 * 4), 0, bits);
        machine.smudge(stream.subarray(64 * 4), 4, bits);
        machine.load(0, a);
        machine.addWords(
          0,
          LIMBS.map(({ q }) => ({ base: base(q), wl: 1, wh: 2 ** 32 % q })),
        );
        const sums = specification.smudge(new BigUint64Array(stream.slice().buffer), bits);
        deepStrictEqual(
          machine.read(0),
          each((q, i) => {
            const terms = sums.map((sum) => sum + BigInt(base(q)));
            return specification.addIntegers(at(a, i), terms, q);
          }),
        );
      }),
    );
  });
});

test('errors and code in one pass, for every t = 2^bits of 32-bit slots', () => {
  const slots = fc.uint8Array({ minLength: 4 * N, maxLength: 4 * N });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8 * N, maxLength: 8 * N }),
      slots,
      fc.integer({ min: 1, max: 32 }),
      fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
      polynomial,
      (stream, drawn, bits, quotient, a) => {
        const t = 2n ** BigInt(bits);
        const qt = quotient % t;
        const values = new Uint32Array(drawn.slice().buffer).map((word) =>
          bits === 32 ? word : word % 2 ** bits,
        );
        machine.binomial(stream, 21);
        machine.encode(values, { t, bits, qt });
        machine.load(0, a);
        const factors = LIMBS.map(({ q }) => ({ base: q - 1, wl: q - 2, wh: 0 }));
        machine.addSmallWords(0, factors);
        const errors = specification.binomial(new Uint32Array(stream.slice().buffer), 21);
        const code = specification.encode(Array.from(values, BigInt), qt, t);
        deepStrictEqual(
          machine.read(0),
          each((q, i) =>
            specification.addIntegers(
              at(a, i),
              code.map((word, j) => BigInt(errors[j] ?? 0) + BigInt(q - 1) + word * BigInt(q - 2)),
              q,
            ),
          ),
        );
      },
    ),
  );
  const high = LIMBS.map(() => ({ base: 0, wl: 1, wh: 1 }));
  throws(() => machine.addSmallWords(0, high), refusal('INVALID_PARAMETER'));
});

describe('packing', () => {
  test('bit by bit, and back', () => {
    fc.assert(
      fc.property(polynomial, (a) => {
        machine.load(0, a);
        const planes = LIMBS.map(({ q }, i) => specification.pack(at(a, i), 32 - Math.clz32(q)));
        const expected = Uint8Array.from(planes.flatMap((plane) => [...plane]));
        const out = new Uint8Array(expected.length + 3).fill(0xee);
        machine.pack(0, out, 2);
        deepStrictEqual(out, Uint8Array.of(0xee, 0xee, ...expected, 0xee));
        equal(machine.unpack(1, expected), true);
        deepStrictEqual(machine.read(1), a);
      }),
    );
  });
  test('a residue that is not below its modulus is seen wherever it is', () => {
    fc.assert(
      fc.property(
        polynomial,
        fc.nat(LIMBS.length - 1),
        fc.nat(N - 1),
        fc.nat(2 ** 28),
        (a, i, j, more) => {
          const { q } = LIMBS[i] ?? { q: 1 };
          const limbs = a.map((limb) => limb.slice());
          const bits = 32 - Math.clz32(q);
          limbs[i]?.fill(q + (more % (2 ** bits - q)), j, j + 1);
          machine.load(0, limbs);
          const out = new Uint8Array((N * (7 + 14 + 26 + 27 + 28)) / 8);
          machine.pack(0, out);
          equal(machine.unpack(1, out), false);
          const planes = limbs.map((limb, k) =>
            specification.pack(limb, 32 - Math.clz32(LIMBS[k]?.q ?? 1)),
          );
          equal(specification.unpack(planes[i] ?? new Uint8Array(0), bits, q), undefined);
        },
      ),
    );
  });
});

test('lengths, registers and factors outside their ranges are refused', () => {
  const invalid = refusal('INVALID_PARAMETER');
  const limbs = machine.read(0);
  throws(() => machine.load(8, limbs), invalid);
  throws(() => machine.load(-1, limbs), invalid);
  throws(() => machine.load(0, limbs.slice(1)), invalid);
  throws(
    () =>
      machine.load(
        0,
        limbs.map((limb) => limb.slice(1)),
      ),
    invalid,
  );
  throws(() => machine.uniform(0, 5, 0, new Uint8Array(16)), invalid);
  throws(() => machine.uniform(0, 0, 17, new Uint8Array(16)), invalid);
  throws(() => machine.uniform(0, 0, 0, new Uint8Array(15)), invalid);
  throws(() => machine.uniform(0, 0, 0, new Uint8Array(1 << 20)), invalid);
  throws(() => machine.ternary(new Uint8Array(4), 17), invalid);
  throws(() => machine.binomial(new Uint8Array(8 * N - 1), 21), invalid);
  for (const eta of [0, 32, 1.5])
    throws(() => machine.binomial(new Uint8Array(8 * N), eta), invalid);
  throws(() => machine.smudge(new Uint8Array(64), N, 40), invalid);
  throws(() => machine.smudge(new Uint8Array(64), 0, 62), invalid);
  throws(() => machine.smudge(new Uint8Array(63), 0, 40), invalid);
  throws(() => machine.loadSmall(new Int32Array(N - 1)), invalid);
  throws(() => machine.addWords(0, []), invalid);
  throws(() => machine.encode(new Uint32Array(N + 1), { t: 2n, bits: 1, qt: 1n }), invalid);
  throws(() => machine.pack(0, new Uint8Array(8)), invalid);
  throws(() => machine.unpack(0, new Uint8Array(8)), invalid);
  throws(() => machine.decode(0, [], { t: 2n, bits: 1 }), invalid);
  throws(() => new RlweMachine(24, LIMBS), invalid);
  throws(() => new RlweMachine(N, [{ q: 97, psi: 1 }]), invalid);
  throws(() => new RlweMachine(N, [{ q: 2 ** 28 + 1, psi: 3 }]), invalid);
});
