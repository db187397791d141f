/**
 * Long runs: 16 holders over every plaintext size that n = 4096 carries, 10,000 additions at n = 8192, and
 * whether measured noise stays within its bound and does not depend on the plaintext (rulings 5).
 */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { Secret } from '../../../src/base/secret.ts';
import { combineShares } from '../../../src/he/collective/combine.ts';
import { encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import { createKeyShare, secretValues } from '../../../src/he/collective/key.ts';
import { applyMaskModulo, zeroSumMaskModulo } from '../../../src/he/collective/masks.ts';
import { publicDecryptionShare, combinePublic } from '../../../src/he/collective/public-share.ts';
import { publicValues } from '../../../src/he/collective/seed.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { publicNoise, sumNoise } from '../../../src/he/noise.ts';
import { splitPacked, unpack, unpackInto } from '../../../src/he/ring/pack.ts';
import { type Parameters, rlweParameters } from '../../../src/he/ring/parameters.ts';
import { encode } from '../../../src/he/ring/plaintext.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { encryptPublic, ownPublicKey } from '../../../src/he/rlwe/public-key.ts';
import { uniformSlots } from '../../../src/he/rlwe/uniform-slots.ts';
import { centredIntegers, chiSquareLimit, digest, identityOf, seededRng } from '../support.ts';

const pairKey = (a: string, b: string): Secret =>
  new Secret('pair', new Uint8Array(Buffer.from(digest([a, b].sort().join()), 'hex')));
const asWords = (slots: ReturnType<typeof uniformSlots>): BigUint64Array =>
  slots instanceof BigUint64Array ? slots : BigUint64Array.from(slots, BigInt);
const centred = (x: bigint, t: bigint): bigint => (2n * (x % t) >= t ? (x % t) - t : x % t);

describe.each([
  [2, 2n ** 44n],
  [3, 2n ** 40n - 87n],
  [16, 2n ** 37n],
])('%i holders, t = %s, n = 4096', (holders, t) => {
  const P: Parameters = rlweParameters(4096, t);
  const identity = identityOf(holders);
  const names = identity.holders;
  const keys = names.map((name) => createKeyShare(P, identity, seededRng(`many/${name}`)));
  test.each([1, 2, 3, 4, 5])('run %i: masked, summed, shared, combined exactly', (number) => {
    const run = digest(`many/${holders}/${number}`);
    const vectors = names.map((name) => asWords(uniformSlots(P, seededRng(`${run}/${name}`))));
    vectors[0]?.set([0n, 1n, t - 1n, t / 2n, t / 2n - 1n]);
    const inputs = keys.map((key, i) => {
      const peers = new Map(
        names.filter((_, j) => j !== i).map((peer) => [peer, pairKey(names[i] ?? '', peer)]),
      );
      const mask = zeroSumMaskModulo(names[i] ?? '', peers, run, run, P.n, t);
      const masked = applyMaskModulo(vectors[i] ?? mask, mask, t);
      return encryptSeeded(P, key, run, masked, seededRng(`${run}/e/${i}`));
    });
    const shares = keys.map((key, i) =>
      decryptionShare(P, key, run, 1, seededRng(`${run}/s/${i}`)),
    );
    const expected = BigInt64Array.from({ length: P.n }, (_, j) =>
      centred(
        vectors.reduce((sum, vector) => sum + (vector[j] ?? 0n), 0n),
        t,
      ),
    );
    deepStrictEqual(combineShares(P, sumCiphertexts(P, inputs), shares, P.n), expected);
  });
});

test('10,000 additions of public-key ciphertexts at n = 8192', () => {
  const P = rlweParameters(8192, 2n ** 40n);
  const ring = ringOf(P);
  const identity = identityOf(2);
  const keys = identity.holders.map((name) => createKeyShare(P, identity, seededRng(name)));
  // A key with one public share: the other holder's secret does not enter these ciphertexts.
  const [first] = keys;
  ok(first !== undefined);
  const publicKey = ownPublicKey(P, first, first.key, seededRng('p'));
  const values = BigUint64Array.from({ length: P.n }, (_, j) => BigInt(j));
  const ciphertext = encryptPublic(P, publicKey, values, seededRng('e'));
  const additions = 10_000;
  const sum = new Uint8Array(ciphertext.length);
  splitPacked(P, ciphertext).forEach((half, i) => {
    unpackInto(ring, 1, half);
    ring.machine.clear(0);
    for (let k = 0; k < additions; k++) ring.machine.add(0, 0, 1);
    ring.machine.pack(0, sum, i * P.polynomialBytes);
  });
  const share = publicDecryptionShare(P, first, sum, additions, seededRng('s'));
  // The other share is of a key of zeros.
  const zero = { ...first, secret: new Secret('zero', new Uint8Array(P.n / 4)) };
  const other = publicDecryptionShare(P, zero, sum, additions, seededRng('z'));
  const expected = BigInt64Array.from(values, (value) => BigInt(additions) * value);
  deepStrictEqual(combinePublic(P, sum, [share, other], P.n), expected);
  ok(sumNoise(publicNoise(P, 2), additions).compare(Rational.of(2n ** 40n)) < 0);
});

test('noise of 64 fresh ciphertexts: the same law for zeros and for random slots, alpha = 10^-6', () => {
  const P = rlweParameters(4096, 2n ** 32n);
  const ring = ringOf(P);
  const identity = identityOf(2);
  const key = createKeyShare(P, identity, seededRng('noise'));
  const histogram = (label: string, slots: (index: number) => Uint32Array): number[] => {
    const counts = new Array<number>(43).fill(0);
    for (let index = 0; index < 32; index++) {
      const run = digest(`${label}/${index}`);
      const values = slots(index);
      const c0 = unpack(P, encryptSeeded(P, key, run, values, seededRng(`${run}/e`)));
      const product = ring.product(publicValues(P, key.key, run, 0), secretValues(ring, key));
      const code = encode(ring, values);
      for (const e of centredIntegers(P, ring.subtract(ring.add(c0, product), code))) {
        ok(e >= -21n && e <= 21n);
        counts[Number(e) + 21] = (counts[Number(e) + 21] ?? 0) + 1;
      }
    }
    return counts;
  };
  const zeros = histogram('zeros', () => new Uint32Array(P.n));
  const random = histogram(
    'random',
    (index) => uniformSlots(P, seededRng(`${index}`)) as Uint32Array,
  );
  // Two samples of equal size: Σ (a − b)² / (a + b) over the classes with at least 20.
  const used = zeros.map((a, i) => [a, random[i] ?? 0] as const).filter(([a, b]) => a + b >= 20);
  const statistic = used.reduce((sum, [a, b]) => sum + (a - b) ** 2 / (a + b), 0);
  ok(statistic < chiSquareLimit(used.length - 1));
});
