/**
 * The distributions, by chi-square at alpha = 10^-6 each on fixed streams: a failure is a change
 * of code, not of luck. Controls show that the same statistic sees a modular bias.
 */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { keyStream } from '../../../src/base/hash.ts';
import { Secret } from '../../../src/base/secret.ts';
import { checkParameters, RLWE_4096, rlweParameters } from '../../../src/he/ring/parameters.ts';
import { coefficientsOf, ringOf } from '../../../src/he/ring/polynomial.ts';
import { BinomialErrors, ternaryCodes, UniformPolynomials } from '../../../src/he/ring/sample.ts';
import { powModUnsafe } from '../../../src/kernels/modular.ts';
import { refusal } from '../../support/refusal.ts';
import { centredIntegers, chiSquare, chiSquareLimit, digest, seededRng } from '../support.ts';

const seed = (label: string): Uint8Array => new Uint8Array(Buffer.from(digest(label), 'hex'));
const key = (label: string): Secret => new Secret(label, Buffer.from(digest(label), 'hex'));

describe('uniform residues', () => {
  const counts = (residues: Uint32Array, q: number, bins: number): number[] => {
    const out = new Array<number>(bins).fill(0);
    for (const x of residues) {
      const bin = Math.floor((x / q) * bins);
      out[bin] = (out[bin] ?? 0) + 1;
    }
    return out;
  };
  const flat = (bins: number): number[] => new Array<number>(bins).fill(1 / bins);

  test('every modulus of both rings: 64 bins, 2^16 draws, all below q', () => {
    for (const parameters of [RLWE_4096, rlweParameters(8192, 2n ** 40n)]) {
      const ring = ringOf(parameters);
      const source = new UniformPolynomials(ring, seed('uniform'));
      const draws = Array.from({ length: 2 ** 16 / parameters.n }, (_, index) => {
        source.take(0, index);
        return ring.machine.read(0);
      });
      parameters.limbs.forEach(({ q }, i) => {
        const residues = Uint32Array.from(draws.flatMap((limbs) => [...(limbs[i] ?? [])]));
        ok(residues.every((x) => x < q));
        ok(chiSquare(counts(residues, q, 64), flat(64)) < chiSquareLimit(63));
      });
    }
  });

  // 12289 of 16384: rejects a quarter of all tries, and a reduction would show.
  const q = 12289;
  const ring = ringOf(
    checkParameters({
      ...RLWE_4096,
      id: 'test-quarter',
      n: 1024,
      plaintextModulus: 2n,
      limbs: [{ q, psi: powModUnsafe(11, (q - 1) / 2048, q) }],
    }),
  );
  const polynomials = (order: readonly number[]): Map<number, Uint32Array> => {
    const source = new UniformPolynomials(ring, seed('quarter'));
    return new Map(
      order.map((index) => {
        source.take(0, index);
        return [index, ring.machine.read(0)[0] ?? new Uint32Array(0)];
      }),
    );
  };
  const sequence = Array.from({ length: 64 }, (_, i) => i);
  test('a modulus that rejects a quarter, so that every polynomial needs a second stream', () => {
    const all = polynomials(sequence);
    const residues = Uint32Array.from([...all.values()].flatMap((limb) => [...limb]));
    ok(chiSquare(counts(residues, q, 96), flat(96)) < chiSquareLimit(95));
    equal(new Set([...all.values()].map((limb) => limb.join())).size, 64);
  });
  test('control: reduction instead of rejection is seen', () => {
    const words = new Uint32Array(keyStream(key('quarter'), 2 ** 18).slice().buffer);
    const reduced = words.map((word) => (word & 16383) % q);
    ok(chiSquare(counts(reduced, q, 96), flat(96)) > chiSquareLimit(95));
  });
  test('a polynomial depends on seed and index, not on the order of asking', () => {
    const all = polynomials(sequence);
    for (const [index, limb] of polynomials([5, 4, 63, 0, 1]))
      deepStrictEqual(limb, all.get(index));
    const source = new UniformPolynomials(ring, seed('other'));
    source.take(0, 0);
    notDeepStrictEqual(ring.machine.read(0)[0], all.get(0));
    for (const index of [-1, 0.5, 2 ** 32]) {
      throws(() => source.take(0, index), refusal('INVALID_PARAMETER'));
    }
    throws(() => new UniformPolynomials(ring, new Uint8Array(31)), refusal('INVALID_PARAMETER'));
  });
});

describe('ternary', () => {
  const frequencies = (codes: Uint8Array): number[] =>
    [0, 1, 2].map((code) => codes.filter((x) => x === code).length);
  const thirds = [1 / 3, 1 / 3, 1 / 3];

  test('three codes, equally often, no other', () => {
    const codes = ternaryCodes(2 ** 16, seededRng('ternary'));
    ok(codes.every((code) => code <= 2));
    ok(chiSquare(frequencies(codes), thirds) < chiSquareLimit(2));
  });
  test('control: a pair of bits modulo 3 is seen', () => {
    const biased = seededRng('ternary')(2 ** 16).map((byte) => (byte & 3) % 3);
    ok(chiSquare(frequencies(biased), thirds) > chiSquareLimit(2));
  });
  test('a stream of rejected patterns only asks for more', () => {
    let asked = 0;
    const codes = ternaryCodes(8, (length) => {
      asked += 1;
      return new Uint8Array(length).fill(asked < 3 ? 0xff : 0b00100100);
    });
    equal(asked, 3);
    deepStrictEqual(codes, Uint8Array.of(0, 1, 2, 0, 0, 1, 2, 0));
  });
});

describe('centred binomial', () => {
  const choose = (n: number, k: number): number =>
    Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((a, b) => a * b, 1);

  /** Errors by themselves: what is added to a zero polynomial. */
  const errors = (eta: number, label: string, count: number): bigint[] => {
    const parameters = checkParameters({ ...RLWE_4096, id: 'test-eta', errorEta: eta });
    const ring = ringOf(parameters);
    const source = new BinomialErrors(ring, key(label));
    return Array.from({ length: count }, () => {
      ring.machine.clear(0);
      source.addTo(0);
      return centredIntegers(parameters, coefficientsOf(ring.machine.read(0)));
    }).flat();
  };
  const histogram = (draws: readonly bigint[]): number[] => {
    const counts = new Array<number>(18).fill(0);
    for (const e of draws) {
      const at = e <= 8n && e >= -8n ? Number(e) + 8 : 17;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return counts;
  };

  test('eta = 21: the distribution between −8 and 8, and the bound', () => {
    const draws = errors(21, 'cbd', 16);
    ok(draws.every((e) => e <= 21n && e >= -21n));
    // popcount difference of eta bits each: C(2 eta, eta + e) / 4^eta.
    const inner = Array.from({ length: 17 }, (_, i) => choose(42, 21 + i - 8) / 4 ** 21);
    const probabilities = [...inner, 1 - inner.reduce((a, b) => a + b, 0)];
    ok(chiSquare(histogram(draws), probabilities) < chiSquareLimit(17));
    // The same statistic sees eta = 19.
    ok(chiSquare(histogram(errors(19, 'cbd', 16)), probabilities) > chiSquareLimit(17));
  });
  test('the extremes are reached with eta = 1', () => {
    deepStrictEqual([...new Set(errors(1, 'cbd-1', 1))].sort(), [-1n, 0n, 1n]);
  });
  test('another seed length is refused', () => {
    const short = new Secret('short', new Uint8Array(31));
    throws(() => new BinomialErrors(ringOf(RLWE_4096), short), refusal('INVALID_PARAMETER'));
  });
});
