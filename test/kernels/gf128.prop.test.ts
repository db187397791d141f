/** GF(2^128): published products, and the kernel equals its twin. */
import { deepStrictEqual, equal } from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { FixedFactor } from '../../src/kernels/gf128.ts';
import { elements, fromBytes, multiply, toBytes } from '../../src/kernels/reference/gf128.ts';

const element = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 1n << 127n, (1n << 128n) - 1n, 0x87n, 1n << 64n, 1n << 63n),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
);

test('NIST SP 800-38D: GHASH test case 2, in GCM with its bits the other way round', () => {
  // H and X_1 of McGrew, Viega, "The Galois/Counter Mode of Operation", appendix B, case 2.
  const reflect = (hex: string): bigint =>
    BigInt(
      `0b${Array.from(BigInt(`0x${hex}`).toString(2).padStart(128, '0'))
        .reverse()
        .join('')}`,
    );
  const h = reflect('66e94bd4ef8a2c3b884cfa59ca342b2e');
  const c = reflect('0388dace60b6a392f328c2b971b2fe78');
  equal(multiply(c, h), reflect('5e2ec746917062882c85b0685353deb7'));
});

test('gf128: kernel equals its twin', () => {
  fc.assert(
    fc.property(element, fc.array(fc.tuple(element, element), { maxLength: 5 }), (f, pairs) => {
      const sums = new Uint8Array(pairs.flatMap(([sum]) => [...toBytes(sum)]));
      const x = new Uint8Array(pairs.flatMap(([, factor]) => [...toBytes(factor)]));
      const before = x.slice();
      using factor = new FixedFactor(toBytes(f));
      factor.addProduct(sums, x);
      deepStrictEqual(
        elements(sums),
        pairs.map(([sum, other]) => sum ^ multiply(other, f)),
      );
      deepStrictEqual(x, before);
    }),
    { numRuns: 60 },
  );
});

test('gf128: more than one batch', () => {
  const x = Uint8Array.from({ length: 16 * 4099 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  const sums = new Uint8Array(x.length);
  using factor = new FixedFactor(x.slice(0, 16));
  factor.addProduct(sums, x);
  for (const i of [0, 4095, 4096, 4098]) {
    const slot = (bytes: Uint8Array): bigint => fromBytes(bytes.slice(16 * i, 16 * i + 16));
    equal(slot(sums), multiply(slot(x), fromBytes(x.slice(0, 16))));
  }
});
