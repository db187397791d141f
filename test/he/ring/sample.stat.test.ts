/**
 * The distributions, by chi-square at alpha = 10^-6 each on fixed streams: a failure is a change
 * of code, not of luck. Controls show that the same statistic sees a modular bias.
 */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { shake128 } from '../../../src/base/hash.ts';
import { Secret } from '../../../src/base/secret.ts';
import { RLWE_4096 } from '../../../src/he/ring/parameters.ts';
import { centredBinomial, ternaryCodes, uniformResidues } from '../../../src/he/ring/sample.ts';
import { refusal } from '../../support/refusal.ts';
import { chiSquare, chiSquareLimit, digest, seededRng } from '../support.ts';

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

  test('every modulus: 64 bins, 2^16 draws, all below q', () => {
    for (const limb of RLWE_4096.limbs) {
      const residues = uniformResidues(utf8(`uniform/${limb.q}`), 2 ** 16, limb);
      ok(residues.every((x) => x < limb.q));
      ok(chiSquare(counts(residues, limb.q, 64), flat(64)) < chiSquareLimit(63));
    }
  });

  // 3/4 of a power of two: rejects a quarter of all tries, and a reduction would show.
  const limb = { q: 3 * 2 ** 25, bits: 27, psi: 1 };
  test('a modulus that rejects a quarter', () => {
    const residues = uniformResidues(utf8('quarter'), 2 ** 16, limb);
    ok(chiSquare(counts(residues, limb.q, 96), flat(96)) < chiSquareLimit(95));
  });
  test('control: reduction instead of rejection is seen', () => {
    const words = new Uint32Array(shake128(utf8('quarter'), 2 ** 18).slice().buffer);
    const reduced = words.map((word) => (word & (2 ** 27 - 1)) % limb.q);
    ok(chiSquare(counts(reduced, limb.q, 96), flat(96)) > chiSquareLimit(95));
  });
  test('a longer request continues the same residues', () => {
    const long = uniformResidues(utf8('prefix'), 1000, limb);
    deepStrictEqual(uniformResidues(utf8('prefix'), 10, limb), long.slice(0, 10));
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

  test('eta = 21: the distribution between −8 and 8, and the bound', () => {
    const n = 2 ** 17;
    const draws = centredBinomial(key('cbd'), n, 21);
    ok(draws.every((e) => Math.abs(e) <= 21));
    // popcount difference of eta bits each: C(2 eta, eta + e) / 4^eta.
    const inner = Array.from({ length: 17 }, (_, i) => choose(42, 21 + i - 8) / 4 ** 21);
    const probabilities = [...inner, 1 - inner.reduce((a, b) => a + b, 0)];
    const counts = new Array<number>(18).fill(0);
    for (const e of draws) {
      const at = Math.abs(e) <= 8 ? e + 8 : 17;
      counts[at] = (counts[at] ?? 0) + 1;
    }
    ok(chiSquare(counts, probabilities) < chiSquareLimit(17));
    // The same statistic sees eta = 20.
    const other = centredBinomial(key('cbd'), n, 20);
    const otherCounts = new Array<number>(18).fill(0);
    for (const e of other) {
      const at = Math.abs(e) <= 8 ? e + 8 : 17;
      otherCounts[at] = (otherCounts[at] ?? 0) + 1;
    }
    ok(chiSquare(otherCounts, probabilities) > chiSquareLimit(17));
  });
  test('the extremes are reached with all-one words', () => {
    const tiny = centredBinomial(key('cbd-1'), 2 ** 10, 1);
    deepStrictEqual([...new Set(tiny)].sort(), [-1, 0, 1]);
  });
  test('another eta or seed length is refused', () => {
    const invalid = refusal('INVALID_PARAMETER');
    for (const eta of [0, 32, 1.5]) throws(() => centredBinomial(key('x'), 16, eta), invalid);
    throws(() => centredBinomial(new Secret('short', new Uint8Array(31)), 16, 21), invalid);
  });
});
