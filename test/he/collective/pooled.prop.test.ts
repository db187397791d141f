/** Encrypt → sum → share → combine gives the plain sums modulo 2^32, centred, for 2, 3 and 16 holders. */
import { deepStrictEqual, equal, notDeepStrictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Secret } from '../../../src/base/secret.ts';
import { combineShares } from '../../../src/he/collective/combine.ts';
import { ciphertextsFor, encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import { applyMask, zeroSumMask } from '../../../src/he/collective/masks.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { RLWE_4096 as P } from '../../../src/he/ring/parameters.ts';
import { reduceToSlots } from '../../../src/he/ring/plaintext.ts';
import { digest, identityOf, keySharesOf, seededRng } from '../support.ts';

const plan = digest('plan');

/** The keys k_ij of every pair, as each holder would hold them after the sealed exchange. */
function pairKeys(names: readonly string[]): Map<string, Map<string, Secret>> {
  const keyOf = (a: string, b: string): Secret =>
    new Secret('k', new Uint8Array(Buffer.from(digest([a, b].sort().join()), 'hex')));
  return new Map(
    names.map((name) => [
      name,
      new Map(names.filter((peer) => peer !== name).map((peer) => [peer, keyOf(name, peer)])),
    ]),
  );
}

/** The whole of a run; `vectors[i]` is the noised vector of holder i. */
function run(vectors: readonly BigInt64Array[], id: string): BigInt64Array {
  const names = identityOf(vectors.length).holders;
  const keys = pairKeys(names);
  const shares = keySharesOf(vectors.length, 'pooled');
  const slots = vectors[0]?.length ?? 0;
  const inputs = vectors.map((vector, i) => {
    const name = names[i] ?? '';
    const mask = zeroSumMask(name, keys.get(name) ?? new Map(), id, plan, slots);
    const masked = applyMask(reduceToSlots(vector), mask);
    const share = shares[i];
    return share === undefined
      ? new Uint8Array(0)
      : encryptSeeded(P, share, id, masked, seededRng(`${id}/${name}/encrypt`));
  });
  const sum = sumCiphertexts(P, inputs);
  const decryption = shares.map((share, i) =>
    decryptionShare(P, share, id, ciphertextsFor(P, slots), seededRng(`${id}/${names[i]}/share`)),
  );
  return combineShares(P, sum, decryption, slots);
}

const plainSum = (vectors: readonly BigInt64Array[]): BigInt64Array =>
  BigInt64Array.from(vectors[0] ?? [], (_, j) =>
    BigInt.asIntN(
      32,
      vectors.reduce((sum, vector) => sum + (vector[j] ?? 0n), 0n),
    ),
  );

const value = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    -1n,
    2n ** 31n - 1n,
    -(2n ** 31n) + 1n,
    -(2n ** 31n),
    2n ** 32n,
    -(2n ** 40n),
  ),
  fc.bigInt(-(2n ** 31n), 2n ** 31n - 1n),
  fc.bigInt(-1000n, 1000n),
);

const vectorsOf = (holders: number): fc.Arbitrary<BigInt64Array[]> =>
  fc.integer({ min: 1, max: 40 }).chain((slots) =>
    fc.array(
      fc
        .array(value, { minLength: slots, maxLength: slots })
        .map((values) => BigInt64Array.from(values)),
      { minLength: holders, maxLength: holders },
    ),
  );

describe.each([
  [2, 20],
  [3, 12],
  [16, 2],
])('%i holders', (holders, numRuns) => {
  test('sums are exact: negative values, extremes, wrap-around', () => {
    let id = 0;
    fc.assert(
      fc.property(vectorsOf(holders), (vectors) => {
        id += 1;
        deepStrictEqual(run(vectors, digest(`run/${holders}/${id}`)), plainSum(vectors));
      }),
      { numRuns },
    );
  });
});

test('several ciphertexts, the last one partly filled', () => {
  const slots = 2 * 4096 + 17;
  const vectors = [1n, 3n].map((factor) =>
    BigInt64Array.from({ length: slots }, (_, j) => factor * (BigInt(j) * 77777n - 2n ** 28n)),
  );
  equal(ciphertextsFor(P, slots), 3);
  deepStrictEqual(run(vectors, digest('three ciphertexts')), plainSum(vectors));
});

test('wrap-around by hand: (2^31 − 1) + 1 is −2^31, −2^31 + −1 is 2^31 − 1', () => {
  const vectors = [
    BigInt64Array.of(2n ** 31n - 1n, -(2n ** 31n), 7n),
    BigInt64Array.of(1n, -1n, -7n),
  ];
  deepStrictEqual(run(vectors, digest('wrap')), BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n, 0n));
});

test('control: a holder whose share is missing leaves nonsense, not the sum of the rest', () => {
  const shares = keySharesOf(3, 'missing');
  const [id, slots] = [digest('missing'), 64];
  const inputs = shares.map((share, i) =>
    encryptSeeded(P, share, id, new Uint32Array(slots).fill(i + 1), seededRng(`missing/${i}`)),
  );
  const parts = shares.map((share, i) =>
    decryptionShare(P, share, id, 1, seededRng(`missing/share/${i}`)),
  );
  const sum = sumCiphertexts(P, inputs);
  deepStrictEqual(combineShares(P, sum, parts, slots), new BigInt64Array(slots).fill(6n));
  const partial = combineShares(P, sum, parts.slice(0, 2), slots);
  notDeepStrictEqual(partial, new BigInt64Array(slots).fill(3n));
  equal(new Set(partial).size > 60, true);
});
