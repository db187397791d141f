/** Products with plaintexts at n = 8192: polynomials, inner products, what the owner gets, refusals. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { publicPolynomials } from '../../../src/he/collective/seed.ts';
import { splitPacked, unpack } from '../../../src/he/ring/pack.ts';
import { rlweParameters } from '../../../src/he/ring/parameters.ts';
import { coefficientsOf, ringOf } from '../../../src/he/ring/polynomial.ts';
import { drawTernary, loadSecret } from '../../../src/he/ring/ternary.ts';
import { floodingOver, InnerProduct, readColumn } from '../../../src/he/rlwe/inner-product.ts';
import { ownPublicKey } from '../../../src/he/rlwe/public-key.ts';
import { decryptOwn, encryptBlocks } from '../../../src/he/rlwe/symmetric.ts';
import { uniformSlots } from '../../../src/he/rlwe/uniform-slots.ts';
import { encodeMultiplier, encodeWeights } from '../../../src/he/rlwe/weights.ts';
import { negacyclicProduct } from '../../../src/kernels/reference/ntt.ts';
import { noiseRoom } from '../../../src/he/security.ts';
import { refusal } from '../../support/refusal.ts';
import {
  centredIntegers,
  chiSquare,
  chiSquareLimit,
  digest,
  seededRng,
  smallParameters,
} from '../support.ts';

/** The largest prime below 2^40, and a power of two. */
const MODULI = [2n ** 40n - 87n, 2n ** 40n];
const LENGTH = 8192 + 100;
const [key, run] = [digest('owner'), digest('linked run')];

describe.each(MODULI)('t = %s', (t) => {
  const P = rlweParameters(8192, t);
  const ring = ringOf(P);
  const owner = { parameters: P.id, secret: drawTernary(P, 'owner', seededRng('owner')) };
  const publicKey = ownPublicKey(P, owner, key, seededRng('owner/p'));
  const publics = publicPolynomials(ring, key, run);
  const encrypt = (values: BigUint64Array, first: number): Uint8Array =>
    encryptBlocks(ring, owner, publics, values, seededRng(`e/${first}`), first);

  // Shares a of a 0/1 mask are uniform mod t; weights are clamped values with a sign.
  const random = seededRng('vectors');
  const uniform = (): BigUint64Array => {
    const slots = [0, 1].flatMap(() => [...uniformSlots(P, random)]);
    return BigUint64Array.from(slots.slice(0, LENGTH), BigInt);
  };
  const [a, b] = [uniform(), uniform()];
  const indicator = BigInt64Array.from({ length: LENGTH }, (_, i) => BigInt(i % 3 === 0));
  const values = BigInt64Array.from({ length: LENGTH }, (_, i) => BigInt((i * i) % 2001) - 1000n);
  const dot = (x: BigUint64Array, y: BigInt64Array): bigint =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0n), 0n);
  const centred = (x: bigint): bigint => {
    const rest = ((x % t) + t) % t;
    return 2n * rest >= t ? rest - t : rest;
  };

  const columns = [a, b].map((column, i) => readColumn(P, encrypt(column, 2 * i), publics, 2 * i));
  const result = (noise: bigint): { open: BigInt64Array; product: InnerProduct } => {
    const product = new InnerProduct(P, 64);
    columns.forEach((column, i) => {
      const weights = i === 0 ? values : indicator;
      product.add(column, encodeWeights(P, weights, i === 0 ? 1000n : 1n));
    });
    const [c0, c1] = splitPacked(P, product.finish(publicKey, noise, seededRng('finish')), 2);
    return { open: decryptOwn(ring, owner, [c0 as Uint8Array, c1 as Uint8Array]), product };
  };

  test('⟨a, v⟩ + ⟨b, g⟩ + noise in the constant coefficient, uniform values in all others', () => {
    const { open } = result(-12_345n);
    equal(open[0], centred(dot(a, values) + dot(b, indicator) - 12_345n));
    const counts = new Array<number>(64).fill(0);
    for (const slot of open.subarray(1)) {
      const bin = Number(((slot + t / 2n) * 64n) / t);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    ok(chiSquare(counts, new Array<number>(64).fill(1 / 64)) < chiSquareLimit(63));
  });

  test('the noise before flooding is within its bound and not zero', () => {
    const product = new InnerProduct(P, 64);
    const [column] = columns as [(typeof columns)[number]];
    const weights = encodeWeights(P, values, 1000n);
    product.add(column, weights);
    // Σ c0 r + s Σ c1 r of the same products, by hand.
    const { machine } = ring;
    machine.clear(0, 1);
    column.forEach(({ c0, c1 }, index) => {
      machine.load(3, weights.blocks[index]?.limbs ?? []);
      for (const [register, half] of [c0, c1].entries()) {
        machine.load(2, half.limbs);
        machine.multiplyAdd(register, 2, 3);
      }
    });
    loadSecret(ring, owner, 2);
    machine.multiplyAdd(0, 1, 2);
    machine.inverse(0);
    const constant = centredIntegers(P, coefficientsOf(machine.read(0)))[0] ?? 0n;
    const exact = (P.modulus * centred(dot(a, values))) / t;
    const rest = (constant - exact + P.modulus + P.modulus / 2n) % P.modulus;
    const noise = rest - P.modulus / 2n;
    ok(Rational.of(noise < 0n ? -noise : noise).atMost(product.noise));
    ok(noise > 10n || noise < -10n);
    machine.wipe(0, 1, 2);
  });

  test('refusals', () => {
    const product = new InnerProduct(P, 64);
    const [column] = columns as [(typeof columns)[number]];
    const short = encodeWeights(P, values.subarray(0, 5), 1000n);
    throws(() => product.add(column, short), refusal('INVALID_PARAMETER'));
    // A bound so large that flooding no longer fits is refused before the product.

    const few = encodeWeights(P, values, 2n ** 62n);

    const big = floodingOver(P, Rational.of(2n ** 100n), 1);
    ok(big.wordBits > 122);
    throws(() => floodingOver(P, Rational.of(2n ** 124n), 1), refusal('ENCRYPTION_PARAMETERS'));
    throws(() => new InnerProduct(P, 0).add(column, few), refusal('ENCRYPTION_PARAMETERS'));

    product.finish(publicKey, 0n, seededRng('x'));
    throws(() => product.finish(publicKey, 0n, seededRng('x')), refusal('PROTOCOL_STATE'));
    throws(() => encodeWeights(P, new BigInt64Array(0), 1n), refusal('INVALID_PARAMETER'));
    throws(() => encodeWeights(P, values, 0n), refusal('INVALID_PARAMETER'));
    throws(() => readColumn(P, new Uint8Array(7), publics), refusal('MALFORMED_MESSAGE'));
  });
});

test('a product of polynomials is the schoolbook product modulo t', () => {
  const t = 65_537n;
  const P = smallParameters(16, t);
  const ring = ringOf(P);
  const m = Uint32Array.from({ length: 16 }, (_, i) => (i * 40_503) % 65_537);
  const w = BigInt64Array.from({ length: 16 }, (_, i) => BigInt(i * i) - 100n);
  const own = { parameters: P.id, secret: drawTernary(P, 'own', seededRng('own')) };
  const publics = publicPolynomials(ring, key, run);
  const packed = encryptBlocks(ring, own, publics, m, seededRng('small'));
  const [block] = readColumn(P, packed, publics);
  const [weights] = encodeMultiplier(P, w, 200n).blocks;
  ok(block !== undefined && weights !== undefined);
  const { machine } = ring;
  [block.c0, block.c1].forEach((half, register) => {
    machine.load(2, half.limbs);
    machine.load(3, weights.limbs);
    machine.multiply(register, 2, 3);
    machine.inverse(register);
  });
  const pair = [new Uint8Array(P.polynomialBytes), new Uint8Array(P.polynomialBytes)] as const;
  pair.forEach((out, register) => machine.pack(register, out));
  ok(unpack(P, pair[0]).limbs.length === 4);
  const expected = negacyclicProduct(
    m,
    Uint32Array.from(w, (x) => Number(((x % t) + t) % t)),
    Number(t),
  );
  deepStrictEqual(
    [...decryptOwn(ring, own, pair)],
    Array.from(expected, (x) => (2n * BigInt(x) >= t ? BigInt(x) - t : BigInt(x))),
  );
  ok(noiseRoom(P).compare(Rational.of(16 * 200 * 22)) > 0);
});
