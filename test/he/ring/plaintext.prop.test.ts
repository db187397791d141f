/** Encoding and decoding against bigint arithmetic, and the noise that each encoding leaves. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import {
  centreSlots,
  DECODING_LOSS_BITS,
  decode,
  encode,
  reduceToSlots,
} from '../../../src/he/ring/plaintext.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { refusal } from '../../support/refusal.ts';
import { centredIntegers, residuesOf, roundDivide, smallParameters } from '../support.ts';

const parameters = smallParameters(16);
const ring = ringOf(parameters);
const T = 2n ** 32n;
const { modulus: q } = parameters;

const slot = fc.oneof(
  fc.constantFrom(0, 1, 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2, 2 ** 32 - 1),
  fc.nat(2 ** 32 - 1),
);
const slots = fc
  .array(slot, { minLength: 16, maxLength: 16 })
  .map((values) => Uint32Array.from(values));

const centred = (x: bigint): bigint => {
  const rest = ((x % q) + q) % q;
  return rest >= q - q / 2n ? rest - q : rest;
};

test('encode is round(q m / t), and centring m changes nothing', () => {
  fc.assert(
    fc.property(slots, (m) => {
      const integers = centredIntegers(parameters, encode(ring, m));
      integers.forEach((code, j) => {
        const value = BigInt(m[j] ?? 0);
        equal(centred(code - roundDivide(q * value, T)), 0n);
        equal(centred(code - roundDivide(q * BigInt.asIntN(32, value), T)), 0n);
      });
    }),
  );
});

test('decode is round(t x / q) mod t up to the stated loss at the edge', () => {
  // The largest noise that decoding promises to remove: (q / 2t)(1 − limbs / 2^17).
  const limit =
    (q * (2n ** BigInt(DECODING_LOSS_BITS) - BigInt(parameters.limbs.length))) /
    (2n * T * 2n ** BigInt(DECODING_LOSS_BITS));
  const noise = fc.oneof(
    fc.constantFrom(0n, 1n, -1n, limit - 1n, 1n - limit),
    fc.bigInt(1n - limit, limit - 1n),
  );
  const noises = fc.array(noise, { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(slots, noises, (m, e) => {
      const noised = centredIntegers(parameters, encode(ring, m)).map((x, j) => x + (e[j] ?? 0n));
      // encode itself rounds by up to 1/2, hence the 1 taken off above.
      deepStrictEqual(decode(ring, residuesOf(parameters, noised)), m);
    }),
  );
});

test('control: noise a little above q / 2t decodes to a neighbour', () => {
  const m = new Uint32Array(16).fill(5);
  const above = q / (2n * T) + q / (T * 2n ** 16n);
  const beyond = centredIntegers(parameters, encode(ring, m)).map((x) => x + above);
  deepStrictEqual(decode(ring, residuesOf(parameters, beyond)), new Uint32Array(16).fill(6));
});

describe('the error of an encoding does not depend on the plaintext (rulings 5)', () => {
  /** |t code − q m| / t, rounded up: the distance from the exact q m / t. */
  const errorOf = (code: bigint, m: bigint): bigint => {
    const distance = T * code - q * m;
    return ((distance < 0n ? -distance : distance) + T - 1n) / T;
  };
  const extremes = [0n, 1n, -1n, 2n ** 31n - 1n, -(2n ** 31n) + 1n, 2n ** 30n + 7n];

  test('rounded: at most one half for every plaintext', () => {
    const m = new Uint32Array(16);
    m.set(extremes.map((x) => Number(BigInt.asUintN(32, x))));
    const integers = centredIntegers(parameters, encode(ring, m));
    extremes.forEach((value, j) => {
      ok(errorOf(integers[j] ?? 0n, value) <= 1n);
      ok(2n * (T * (integers[j] ?? 0n) - q * value) <= T);
    });
  });

  test('control: floor(q / t) m leaves 2^28 and more for large plaintexts', () => {
    const naive = (m: bigint): bigint => (q / T) * m;
    equal(errorOf(naive(0n), 0n), 0n);
    ok(errorOf(naive(2n ** 31n - 1n), 2n ** 31n - 1n) > 2n ** 28n);
  });
});

test('slots and integers', () => {
  const values = fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), { maxLength: 8 });
  fc.assert(
    fc.property(values, (integers) => {
      const array = BigInt64Array.from(integers);
      deepStrictEqual(
        centreSlots(reduceToSlots(array)),
        BigInt64Array.from(integers, (x) => BigInt.asIntN(32, x)),
      );
    }),
  );
  const part = BigInt64Array.from([7n, -1n, 2n]).subarray(1);
  deepStrictEqual(reduceToSlots(part), Uint32Array.from([2 ** 32 - 1, 2]));
});

test('another number of slots is refused', () => {
  throws(() => encode(ring, new Uint32Array(15)), refusal('INVALID_PARAMETER'));
});
