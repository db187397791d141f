/** Encoding and decoding against bigint arithmetic, and the noise that each encoding leaves. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import {
  centreSlots,
  decodeRegister,
  encode,
  reduceToSlots,
} from '../../../src/he/ring/plaintext.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { noiseRoom } from '../../../src/he/security.ts';
import type { Slots } from '../../../src/kernels/rlwe.ts';
import { decode as specification } from '../../../src/kernels/reference/rlwe.ts';
import { refusal } from '../../support/refusal.ts';
import { centredIntegers, residuesOf, roundDivide, smallParameters } from '../support.ts';

const N = 16;

/** Powers of two on both sides of a word, primes of both kernels, the largest that are served. */
const MODULI = [2n, 2n ** 31n, 2n ** 32n, 2n ** 33n, 2n ** 42n, 2n ** 52n].concat([
  3n,
  65_537n,
  4_294_967_291n,
  1_099_511_627_689n,
  2n ** 48n - 59n,
]);

const slotsOf = (t: bigint, values: readonly bigint[]): Slots =>
  t <= 2n ** 32n ? Uint32Array.from(values, Number) : BigUint64Array.from(values);

describe.each(MODULI)('t = %s', (t) => {
  const parameters = smallParameters(N, t);
  const ring = ringOf(parameters);
  const { modulus: q } = parameters;
  const centred = (x: bigint): bigint => {
    const rest = ((x % q) + q) % q;
    return rest >= q - q / 2n ? rest - q : rest;
  };
  const value = fc.oneof(
    fc
      .constantFrom(0n, 1n, t / 2n - 1n, t / 2n, t / 2n + 1n, t - 2n, t - 1n)
      .map((m) => (m + t) % t),
    fc.bigInt(0n, t - 1n),
  );
  const values = fc.array(value, { minLength: N, maxLength: N });

  test('encode is round(q m / t), and centring m changes nothing', () => {
    fc.assert(
      fc.property(values, (m) => {
        const integers = centredIntegers(parameters, encode(ring, slotsOf(t, m)));
        integers.forEach((code, j) => {
          equal(centred(code - roundDivide(q * (m[j] ?? 0n), t)), 0n);
          equal(centred(code - roundDivide(q * ((m[j] ?? 0n) - t), t)), 0n);
        });
      }),
    );
  });

  test('decode is round(t x / q) mod t, centred, up to the stated loss at the edge', () => {
    // encode itself rounds by up to 1/2, hence the 1 taken off.
    const limit = noiseRoom(parameters).minus(Rational.ONE).floor();
    const noise = fc.oneof(fc.constantFrom(0n, 1n, -1n, limit, -limit), fc.bigInt(-limit, limit));
    fc.assert(
      fc.property(values, fc.array(noise, { minLength: N, maxLength: N }), (m, e) => {
        const code = centredIntegers(parameters, encode(ring, slotsOf(t, m)));
        const noised = code.map((x, j) => x + (e[j] ?? 0n));
        ring.machine.load(0, residuesOf(parameters, noised).limbs);
        const decoded = [...decodeRegister(ring, 0)];
        deepStrictEqual(
          decoded,
          m.map((x) => (2n * x >= t ? x - t : x)),
        );
        deepStrictEqual(decoded, specification(noised, q, t));
      }),
    );
  });

  test('control: noise a little above q / 2t decodes to a neighbour', () => {
    const above = q / (2n * t) + q / (t * 2n ** 10n);
    const code = centredIntegers(
      parameters,
      encode(ring, slotsOf(t, new Array<bigint>(N).fill(1n))),
    );
    ring.machine.load(
      0,
      residuesOf(
        parameters,
        code.map((x) => x + above),
      ).limbs,
    );
    const next = 2n % t;
    deepStrictEqual(
      [...decodeRegister(ring, 0)],
      new Array<bigint>(N).fill(2n * next >= t ? next - t : next),
    );
  });
});

describe('the error of an encoding does not depend on the plaintext (rulings 5)', () => {
  const T = 2n ** 32n;
  const parameters = smallParameters(N);
  const ring = ringOf(parameters);
  const { modulus: q } = parameters;
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
  throws(
    () => encode(ringOf(smallParameters(N)), new Uint32Array(15)),
    refusal('INVALID_PARAMETER'),
  );
});
