/** The kernel against @noble/curves on many random elements and scalars: rare carries. */
import { deepStrictEqual } from 'node:assert/strict';
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js';
import { test } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { systemRng } from '../../src/base/rng.ts';
import { fromLittleEndian } from '../../src/kernels/edwards25519.ts';
import { Ristretto255 } from '../../src/kernels/ristretto255.ts';
import { Scalar25519 } from '../../src/kernels/scalar25519.ts';

const group = new Ristretto255();
const scalars = new Scalar25519();
const { Point } = ristretto255;
const at = (bytes: Uint8Array, i: number): Uint8Array => bytes.subarray(32 * i, 32 * (i + 1));

test('5000 derivations', () => {
  const uniform = systemRng(5000 * 64);
  const elements = group.derive(uniform);
  for (let i = 0; i < 5000; i++) {
    const point = ristretto255_hasher.deriveToCurve?.(uniform.subarray(64 * i, 64 * (i + 1)));
    deepStrictEqual(toHex(at(elements, i)), toHex(point!.toBytes()));
  }
});

test('3000 products of each kind, sums, and a combination of all', () => {
  const n = 3000;
  const elements = group.derive(systemRng(n * 64));
  const factors = scalars.reduce(systemRng(n * 64));
  const [products, bases] = [group.multiply(elements, factors), group.multiplyBase(factors)];
  const sums = group.add(products, bases);
  let sum = Point.ZERO;
  for (let i = 0; i < n; i++) {
    const factor = fromLittleEndian(at(factors, i));
    const product = Point.fromBytes(at(elements, i)).multiply(factor);
    const base = Point.BASE.multiply(factor);
    deepStrictEqual(toHex(at(products, i)), toHex(product.toBytes()));
    deepStrictEqual(toHex(at(bases, i)), toHex(base.toBytes()));
    deepStrictEqual(toHex(at(sums, i)), toHex(product.add(base).toBytes()));
    sum = sum.add(product);
  }
  deepStrictEqual(toHex(group.combine(elements, factors)), toHex(sum.toBytes()));
});
