/** The security computation: figures worked out by hand, edges, refusals, and the law it sizes. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../src/base/rational.ts';
import { smudgingNoise } from '../../src/he/ring/smudging.ts';
import { checkParameters, RLWE_4096 } from '../../src/he/ring/parameters.ts';
import { ringOf } from '../../src/he/ring/polynomial.ts';
import { checkLattice, MAX_CIPHERTEXTS, smudgingFor } from '../../src/he/security.ts';
import { refusal } from '../support/refusal.ts';
import { centredIntegers, seededRng, smallParameters } from './support.ts';

const weak = refusal('ENCRYPTION_PARAMETERS');
const log2 = (value: Rational | bigint): number =>
  Math.log2(value instanceof Rational ? value.toNumber() : Number(value));

describe('smudging', () => {
  test('16 holders: sigma² = 24 n a 2^s E² with E = 16 (21 + 1/2) = 344', () => {
    const { noiseBound, requiredVariance, wordBits, variance, totalNoise } = smudgingFor(
      RLWE_4096,
      16,
    );
    deepStrictEqual(noiseBound, Rational.of(344));
    deepStrictEqual(
      requiredVariance,
      Rational.of(24n * 4096n * 2n ** 20n * 2n ** 64n * 344n * 344n),
    );
    // sigma = 2^58.72; the next law of 8 words has sigma 2^(60 − 0.29)
    equal(wordBits, 60);
    ok(requiredVariance.times(Rational.of(101, 100)).atMost(variance));
    // 16 x 4 x 2^60 = 2^66, against q / 2t = 2^73
    equal(log2(totalNoise).toFixed(2), '66.00');
  });

  test('every number of holders fits, needs no more than twice the sigma, and grows with it', () => {
    let last = 0;
    for (let holders = 2; holders <= 16; holders++) {
      const { wordBits, variance, requiredVariance, tail, totalNoise } = smudgingFor(
        RLWE_4096,
        holders,
      );
      ok(wordBits >= last);
      last = wordBits;
      ok(requiredVariance.atMost(variance));
      ok(variance.atMost(requiredVariance.times(Rational.of(405, 100))));
      equal(tail, 4n * (2n ** BigInt(wordBits) - 1n));
      ok(totalNoise.compare(Rational.of(RLWE_4096.modulus, 2n ** 33n)) < 0);
    }
  });

  test('the variance is that of 8 uniform words, counted out for one bit', () => {
    // 8 coins: variance 8/4 = 8 (4 − 1) / 12.
    deepStrictEqual(Rational.of(8n * (4n - 1n), 12n), Rational.of(2));
  });

  test('drawn noise: symmetric, inside the tail, variance within 5 standard errors (6e-7)', () => {
    const smudging = smudgingFor(RLWE_4096, 2);
    const ring = ringOf(RLWE_4096);
    const draws = [0, 1].flatMap((i) =>
      centredIntegers(RLWE_4096, smudgingNoise(ring, smudging, seededRng(`smudge/${i}`))),
    );
    ok(draws.every((x) => x <= smudging.tail && x >= -smudging.tail));
    const sigma = Math.sqrt(smudging.variance.toNumber());
    const scaled = draws.map((x) => Number(x) / sigma);
    const mean = scaled.reduce((sum, x) => sum + x, 0) / scaled.length;
    const second = scaled.reduce((sum, x) => sum + x * x, 0) / scaled.length;
    ok(Math.abs(mean) < 5 / Math.sqrt(scaled.length));
    // Kurtosis of the sum of 8 uniforms: 3 − 6/5/8 = 2.85, so the sample variance has 1.85 / N.
    const error = Math.sqrt(1.85 / scaled.length);
    ok(Math.abs(second - 1) < 5 * error);
    // Control: the test can tell this law from one with 20 % more sigma or from one word fewer.
    ok(Math.abs(second * 1.44 - 1) > 5 * error && Math.abs((second * 7) / 8 - 1) > 5 * error);
  });

  test('the words are used to their last bit: low bits of the noise are balanced', () => {
    const smudging = smudgingFor(RLWE_4096, 16);
    const draws = centredIntegers(
      RLWE_4096,
      smudgingNoise(ringOf(RLWE_4096), smudging, seededRng('low bits')),
    );
    for (const bit of [0n, 1n, 16n, 31n, 32n, 40n]) {
      const ones = draws.filter((x) => ((x >> bit) & 1n) === 1n).length;
      ok(Math.abs(ones - 2048) < 5 * 32);
    }
  });
});

describe('refusals', () => {
  test('holders outside 2 to 16', () => {
    for (const holders of [0, 1, 17, 2.5, -2, Number.NaN]) {
      throws(() => smudgingFor(RLWE_4096, holders), weak);
    }
  });
  test('ciphertexts outside 1 to 2^20', () => {
    for (const count of [0, MAX_CIPHERTEXTS + 1, 1.5]) {
      throws(() => smudgingFor(RLWE_4096, 2, count), weak);
    }
    ok(smudgingFor(RLWE_4096, 2, 1).wordBits < smudgingFor(RLWE_4096, 2).wordBits);
  });
  test('less than 64 bits, and more than fits', () => {
    throws(() => smudgingFor(RLWE_4096, 2, 1, 63), weak);
    throws(() => smudgingFor(RLWE_4096, 2, MAX_CIPHERTEXTS, 128), weak);
  });
  test('a dimension without a table entry', () => {
    throws(() => checkLattice(smallParameters(16)), weak);
    throws(() => checkLattice(smallParameters(512)), weak);
  });
  test('a modulus above the table: 106 bits at n = 2048', () => {
    throws(() => checkLattice(smallParameters(2048)), weak);
  });
  test('a narrow error', () => {
    const narrow = checkParameters({ ...RLWE_4096, id: 'narrow', errorEta: 20 });
    throws(() => checkLattice(narrow), weak);
    checkLattice(RLWE_4096);
  });
  test('a modulus without room for the smudging: 79 bits', () => {
    const short = checkParameters({
      ...RLWE_4096,
      id: 'short',
      limbs: RLWE_4096.limbs.slice(0, 3),
    });
    checkLattice(short);
    throws(() => smudgingFor(short, 2), weak);
  });
});
