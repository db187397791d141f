/** Parameters from study facts: the cheapest that fits, and refusals that say why. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { chooseParameters, type StudyFacts } from '../../src/he/choose.ts';
import { joinResidues, productOf, splitResidues } from '../../src/he/rlwe/residues.ts';
import { noiseRoom } from '../../src/he/security.ts';
import { refusal } from '../support/refusal.ts';

const facts: StudyFacts = {
  largestSum: 2n ** 31n - 1n,
  ciphertexts: 2 ** 20,
  holders: 16,
  mode: 'seeded',
};
const ids = (change: Partial<StudyFacts>): string[] =>
  chooseParameters({ ...facts, ...change }).sets.map(({ id }) => id);

describe('choices', () => {
  test('16 holders, seeded, sums below 2^31: n = 4096; one more bit: t = 2^36', () => {
    deepStrictEqual(ids({}), ['kakehashi-rlwe-4096-106-t32']);
    deepStrictEqual(ids({ largestSum: 2n ** 31n }), ['kakehashi-rlwe-4096-106-t36']);
    deepStrictEqual(ids({ largestSum: 0n }), ['kakehashi-rlwe-4096-106-t32']);
  });
  test('10^7 people x 0.01 units of HbA1c (rulings 7) fit one modulus', () => {
    deepStrictEqual(ids({ largestSum: 10n ** 7n * 2000n, holders: 2 }), [
      'kakehashi-rlwe-4096-106-t36',
    ]);
  });
  test('where n = 4096 has no room left, n = 8192; fewer holders have more', () => {
    deepStrictEqual(ids({ largestSum: 2n ** 41n }), ['kakehashi-rlwe-8192-214-t44']);
    deepStrictEqual(ids({ largestSum: 2n ** 41n, holders: 2 }), ['kakehashi-rlwe-4096-106-t44']);
  });
  test('public-key mode needs n = 8192 (rulings 6)', () => {
    deepStrictEqual(ids({ mode: 'public' }), ['kakehashi-rlwe-8192-214-t32']);
  });
  test('sums of more than 60 bits take several moduli, coprime and large enough', () => {
    for (const bits of [61n, 79n, 100n, 150n]) {
      const { sets } = chooseParameters({ ...facts, largestSum: 2n ** bits });
      ok(productOf(sets.map(({ plaintextModulus }) => plaintextModulus)) > 2n ** (bits + 1n));
      ok(sets.length <= 4);
    }
  });
  test('every choice leaves room for its noise', () => {
    for (let bits = 31n; bits < 60n; bits += 4n) {
      for (const holders of [2, 5, 16]) {
        const { sets, smudging } = chooseParameters({ ...facts, largestSum: 2n ** bits, holders });
        for (const set of sets) ok(smudging.totalNoise.compare(noiseRoom(set)) < 0);
      }
    }
  });
});

describe('refusals', () => {
  const weak = refusal('ENCRYPTION_PARAMETERS');
  test('holders, ciphertexts, sums outside their ranges', () => {
    for (const holders of [1, 17, 2.5]) throws(() => ids({ holders }), weak);
    for (const ciphertexts of [0, 2 ** 20 + 1, 0.5]) throws(() => ids({ ciphertexts }), weak);
    throws(() => ids({ largestSum: -1n }), refusal('INVALID_PARAMETER'));
    throws(() => ids({ largestSum: 2n ** 160n }), refusal('PLAINTEXT_RANGE'));
  });
});

describe('several moduli', () => {
  const moduli = [2n ** 40n, 2n ** 40n - 87n, 2n ** 40n - 167n, 2n ** 40n - 195n];
  test('the odd ones are the largest primes below 2^40', () => {
    const isPrime = (t: bigint): boolean => {
      for (let d = 3; d < 2 ** 20; d += 2) if (Number(t) % d === 0) return false;
      return t % 2n === 1n;
    };
    const primes: bigint[] = [];
    for (let t = 2n ** 40n - 1n; primes.length < 3; t -= 2n) if (isPrime(t)) primes.push(t);
    deepStrictEqual(primes, moduli.slice(1));
  });
  test('sums of residues join to the sums', () => {
    const [a, b] = [
      [2n ** 78n, -(2n ** 78n), 0n, -1n, 12n],
      [2n ** 70n, -5n, 7n, -1n, -(2n ** 60n)],
    ] as const;
    const used = moduli.slice(0, 2);
    const [first, second] = [splitResidues(a, used), splitResidues(b, used)];
    const sums = used.map((t, i) =>
      BigInt64Array.from(a, (_, j) => {
        const sum = (BigInt(first[i]?.[j] ?? 0) + BigInt(second[i]?.[j] ?? 0)) % t;
        return 2n * sum >= t ? sum - t : sum;
      }),
    );
    deepStrictEqual(
      joinResidues(sums, used),
      a.map((x, j) => x + (b[j] ?? 0n)),
    );
    deepStrictEqual(splitResidues([-1n], [2n ** 32n]), [Uint32Array.of(2 ** 32 - 1)]);
  });
  test('moduli with a common factor and residues of other lengths are refused', () => {
    const invalid = refusal('INVALID_PARAMETER');
    throws(() => productOf([4n, 6n]), invalid);
    throws(() => productOf([]), invalid);
    throws(() => joinResidues([new BigInt64Array(1)], [3n, 5n]), invalid);
    throws(() => joinResidues([new BigInt64Array(1), new BigInt64Array(2)], [3n, 5n]), invalid);
    equal(productOf([3n, 5n]), 15n);
  });
});
