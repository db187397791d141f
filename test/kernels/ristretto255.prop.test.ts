/** The kernel equals its twin, and @noble/curves where the twin would be slow; edges weigh half. */
import { deepStrictEqual, notDeepStrictEqual, throws } from 'node:assert/strict';
import { ristretto255 as noble } from '@noble/curves/ed25519.js';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { concat, toHex } from '../../src/base/bytes.ts';
import { fromLittleEndian, L, P, toLittleEndian } from '../../src/kernels/edwards25519.ts';
import * as reference from '../../src/kernels/reference/ristretto255.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../src/kernels/scalar25519.ts';
import { refusal } from '../support/refusal.ts';

const group = new Ristretto255();
const scalars = new Scalar25519();

/** Values of 255 bits where limbs of 29 bits carry, and where the field wraps. */
const EDGES = [
  ...[0n, 1n, 2n, 18n, 19n, 20n, 2n ** 255n - 1n, P - 1n, P, P + 1n, P >> 1n],
  ...[29n, 58n, 232n].flatMap((bit) => [2n ** bit, 2n ** bit - 1n, P - 2n ** bit]),
  ...[28n, 57n, 254n].flatMap((bit) => [2n ** bit, 2n ** bit - 1n]),
];
const half = fc.oneof(fc.constantFrom(...EDGES), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
const uniform = fc.tuple(half, half).map(([a, b]) => concat(toLittleEndian(a), toLittleEndian(b)));
const scalar = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 7n, 8n, 9n, 15n, 16n, 17n, L - 1n, L - 2n, L >> 1n, (L >> 1n) + 1n),
  fc.constantFrom(...[...Array(60).keys()].map((i) => 8n << BigInt(4 * i))),
  fc.bigInt({ min: 0n, max: L - 1n }),
);

describe('group', () => {
  test('derive, encode, decode', () => {
    fc.assert(
      fc.property(uniform, (bytes) => {
        const point = reference.derive(bytes);
        const encoded = group.derive(bytes);
        deepStrictEqual(toHex(encoded), toHex(reference.encode(point)));
        const back = reference.decode(encoded)!;
        deepStrictEqual(reference.equal(back, point), true);
        deepStrictEqual([...group.valid(encoded)], [1]);
      }),
      { numRuns: 40 },
    );
  });

  test('multiply, multiplyDerived, multiplyBase equal the twin', () => {
    fc.assert(
      fc.property(uniform, scalar, (bytes, s) => {
        const factor = toLittleEndian(s);
        const expected = toHex(reference.encode(reference.multiply(reference.derive(bytes), s)));
        deepStrictEqual(toHex(group.multiplyDerived(bytes, factor)), expected);
        deepStrictEqual(toHex(group.multiply(group.derive(bytes), factor)), expected);
        const base = reference.decode(group.multiplyBase(toLittleEndian(1n)))!;
        deepStrictEqual(
          toHex(group.multiplyBase(factor)),
          toHex(reference.encode(reference.multiply(base, s))),
        );
      }),
      { numRuns: 3 },
    );
  });

  test('multiply and multiplyBase equal @noble/curves', () => {
    fc.assert(
      fc.property(uniform, scalar, (bytes, s) => {
        const encoded = group.derive(bytes);
        const point = noble.Point.fromBytes(encoded);
        const times = (p: typeof point) => (s === 0n ? noble.Point.ZERO : p.multiply(s)).toBytes();
        deepStrictEqual(toHex(group.multiply(encoded, toLittleEndian(s))), toHex(times(point)));
        deepStrictEqual(
          toHex(group.multiplyBase(toLittleEndian(s))),
          toHex(times(noble.Point.BASE)),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('add, subtract, combine, equal', () => {
    fc.assert(
      fc.property(uniform, uniform, scalar, scalar, (u, v, s, t) => {
        const [a, b] = [group.derive(u), group.derive(v)];
        const [x, y] = [reference.derive(u), reference.derive(v)];
        const encode = (p: reference.Point) => toHex(reference.encode(p));
        deepStrictEqual(toHex(group.add(a, b)), encode(reference.add(x, y)));
        deepStrictEqual(toHex(group.subtract(a, b)), encode(reference.add(x, reference.negate(y))));
        deepStrictEqual([...group.equal(a, b)], [Number(reference.equal(x, y))]);
        deepStrictEqual([...group.equal(a, a)], [1]);
        const factors = [toLittleEndian(s), toLittleEndian(t)] as const;
        deepStrictEqual(
          toHex(group.combine(concat(a, b), concat(...factors))),
          toHex(group.add(group.multiply(a, factors[0]), group.multiply(b, factors[1]))),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('batches: more than one, one scalar for all, identities in between, inputs survive', () => {
    const n = 1030;
    const one = group.derive(new Uint8Array(64).fill(3));
    const elements = new Uint8Array(n * 32);
    for (let i = 0; i < n; i++) if (i % 5 !== 2) elements.set(one, i * 32);
    const before = elements.slice();
    const factor = toLittleEndian(L - 3n);
    const product = toHex(group.multiply(one, factor));
    const all = group.multiply(elements, factor);
    for (let i = 0; i < n; i++) {
      const expected = i % 5 === 2 ? '0'.repeat(64) : product;
      deepStrictEqual(toHex(all.subarray(i * 32, (i + 1) * 32)), expected);
    }
    deepStrictEqual(elements, before);
    const times = BigInt(n - elements.filter((_, i) => i % 32 === 0).filter((b) => b === 0).length);
    deepStrictEqual(
      toHex(
        group.combine(elements, concat(...Array.from({ length: n }, () => toLittleEndian(1n)))),
      ),
      toHex(group.multiply(one, toLittleEndian(times))),
    );
    deepStrictEqual(group.multiply(new Uint8Array(0), factor).length, 0);
    deepStrictEqual(toHex(group.combine(new Uint8Array(0), new Uint8Array(0))), '0'.repeat(64));
    throws(() => group.combine(elements, factor), refusal('INVALID_PARAMETER'));
  });

  test('control: the comparison tells one scalar from the next', () => {
    const element = group.derive(new Uint8Array(64).fill(9));
    notDeepStrictEqual(
      group.multiply(element, toLittleEndian(L >> 1n)),
      group.multiply(element, toLittleEndian((L >> 1n) + 1n)),
    );
  });

  test('refusals: other numbers of scalars, scalars of l and more', () => {
    const [invalid, element] = [
      refusal('INVALID_PARAMETER'),
      group.multiplyBase(toLittleEndian(5n)),
    ];
    throws(() => group.multiply(concat(element, element, element), new Uint8Array(64)), invalid);
    throws(() => group.multiply(element, new Uint8Array(31)), invalid);
    for (const bad of [L, L + 1n, 2n ** 255n, 2n ** 256n - 1n]) {
      throws(() => group.multiply(element, toLittleEndian(bad)), invalid);
      throws(() => group.multiplyBase(toLittleEndian(bad)), invalid);
      deepStrictEqual(scalars.canonical(toLittleEndian(bad)), false);
    }
    throws(() => group.add(element, concat(element, element)), invalid);
    deepStrictEqual(scalars.canonical(toLittleEndian(L - 1n)), true);
  });
});

describe('scalars', () => {
  const int = (bytes: Uint8Array): bigint => fromLittleEndian(bytes);
  test('reduce, multiply, add, subtract, invert', () => {
    fc.assert(
      fc.property(uniform, scalar, scalar, (wide, a, b) => {
        deepStrictEqual(int(scalars.reduce(wide)), int(wide) % L);
        const [x, y] = [toLittleEndian(a), toLittleEndian(b)];
        deepStrictEqual(int(scalars.multiply(x, y)), (a * b) % L);
        deepStrictEqual(int(scalars.add(x, y)), (a + b) % L);
        deepStrictEqual(int(scalars.subtract(x, y)), (a - b + L) % L);
        if (a > 0n) deepStrictEqual(int(scalars.invert(x)), reference.invertScalar(a));
      }),
      { numRuns: 200 },
    );
  });

  test('batches of inverses, and zero among them', () => {
    const list = Array.from({ length: 700 }, (_, i) => BigInt(i + 1) * 0x9e3779b97f4a7c15n);
    const inverses = scalars.invert(concat(...list.map(toLittleEndian)));
    list.forEach((value, i) => {
      deepStrictEqual((int(inverses.subarray(i * 32, i * 32 + 32)) * value) % L, 1n);
    });
    const withZero = concat(toLittleEndian(1n), toLittleEndian(0n));
    throws(() => scalars.invert(withZero), refusal('INVALID_PARAMETER'));
    deepStrictEqual(
      [scalars.hasZero(withZero), scalars.hasZero(toLittleEndian(1n))],
      [true, false],
    );
    throws(() => scalars.invert(toLittleEndian(L)), refusal('INVALID_PARAMETER'));
    throws(() => scalars.add(withZero, new Uint8Array(96)), refusal('INVALID_PARAMETER'));
  });
});
