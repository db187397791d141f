/** Public-key mode at n = 8192: key generation, encryption, shares, the switch to a recipient. */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { encodeCbor } from '../../../src/base/codec.ts';
import { Rational } from '../../../src/base/rational.ts';
import { createKeyShare, type KeyShare, secretValues } from '../../../src/he/collective/key.ts';
import { commitTo, createPublicShare, KeyCeremony } from '../../../src/he/collective/public-key.ts';
import {
  combinePublic,
  combineSwitched,
  keySwitchShare,
  publicDecryptionShare,
  publicSmudging,
} from '../../../src/he/collective/public-share.ts';
import { sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { publicNoise } from '../../../src/he/noise.ts';
import { splitPacked, unpack } from '../../../src/he/ring/pack.ts';
import { RLWE_4096, rlweParameters } from '../../../src/he/ring/parameters.ts';
import { encode } from '../../../src/he/ring/plaintext.ts';
import { type Coefficients, ringOf } from '../../../src/he/ring/polynomial.ts';
import { drawTernary } from '../../../src/he/ring/ternary.ts';
import {
  encryptPublic,
  ownPublicKey,
  parsePublicKey,
  type PublicKey,
  serializePublicKey,
} from '../../../src/he/rlwe/public-key.ts';
import { decryptOwn } from '../../../src/he/rlwe/symmetric.ts';
import { refusal } from '../../support/refusal.ts';
import { centredIntegers, digest, identityOf, seededRng } from '../support.ts';

const P = rlweParameters(8192, 2n ** 40n);
const T = P.plaintextModulus;
const ring = ringOf(P);
const identity = identityOf(3);
const names = identity.holders;
const keys = names.map((name) => createKeyShare(P, identity, seededRng(`public/${name}`)));
const publicShares = keys.map((key, i) => createPublicShare(P, key, seededRng(`public/p/${i}`)));
const keyOf = (i: number): KeyShare => keys[i] as KeyShare;
const shareOf = (i: number): ReturnType<typeof createPublicShare> =>
  publicShares[i] as ReturnType<typeof createPublicShare>;
const commitment = (i: number): string => commitTo(P, keyOf(0).key, names[i] ?? '', shareOf(i));

function committed(): KeyCeremony {
  const ceremony = new KeyCeremony(P, identity);
  names.forEach((name, i) => {
    ceremony.commit(name, commitment(i));
  });
  return ceremony;
}

function collectiveKey(): PublicKey {
  const ceremony = committed();
  names.forEach((name, i) => {
    ceremony.reveal(name, shareOf(i));
  });
  return ceremony.publicKey();
}

const publicKey = collectiveKey();
const slots = P.n + 5;
const vectors = names.map((_, i) =>
  BigUint64Array.from({ length: slots }, (__, j) =>
    BigInt.asUintN(40, BigInt(j * (i + 1)) * 77_777_777n - 2n ** 39n),
  ),
);
const inputs = vectors.map((v, i) => encryptPublic(P, publicKey, v, seededRng(`public/e/${i}`)));
const sum = sumCiphertexts(P, inputs);
const expected = BigInt64Array.from({ length: slots }, (_, j) =>
  BigInt.asIntN(
    40,
    vectors.reduce((total, v) => total + (v[j] ?? 0n), 0n),
  ),
);

test('encrypt, add, share, combine: exact sums modulo 2^40', () => {
  equal(inputs[0]?.length, 4 * P.polynomialBytes);
  const shares = keys.map((key, i) => publicDecryptionShare(P, key, sum, 3, seededRng(`s/${i}`)));
  deepStrictEqual(combinePublic(P, sum, shares, slots), expected);
  // Control: one share less leaves nonsense.
  notDeepStrictEqual(combinePublic(P, sum, shares.slice(1), slots), expected);
});

test('switched to a recipient: it reads the sum, and nobody reads it without its key', () => {
  const recipient = { parameters: P.id, secret: drawTernary(P, 'recipient', seededRng('r')) };
  const target = ownPublicKey(P, recipient, digest('recipient'), seededRng('r/p'));
  const shares = keys.map((key, i) =>
    keySwitchShare(P, key, target, sum, 3, seededRng(`switch/${i}`)),
  );
  const switched = splitPacked(P, combineSwitched(P, sum, shares), 4);
  const open = (key: typeof recipient): bigint[] =>
    [0, 2].flatMap((at) => [
      ...decryptOwn(ring, key, [switched[at] as Uint8Array, switched[at + 1] as Uint8Array]),
    ]);
  deepStrictEqual(open(recipient).slice(0, slots), [...expected]);
  const stranger = { parameters: P.id, secret: drawTernary(P, 'stranger', seededRng('x')) };
  const seen = open(stranger);
  ok(!seen.slice(0, slots).some((value, j) => value === expected[j]));
  // Equal shares, a missing one of a pair, another number of ciphertexts.
  const [first, second] = shares as [Uint8Array, Uint8Array];
  throws(() => combineSwitched(P, sum, [first, first]), refusal('MALFORMED_MESSAGE'));
  throws(() => combineSwitched(P, sum, [first]), refusal('MALFORMED_MESSAGE'));
  const half = second.subarray(0, second.length / 2);
  throws(() => combineSwitched(P, sum, [first, half]), refusal('MALFORMED_MESSAGE'));
  throws(
    () => keySwitchShare(P, keyOf(0), publicKey, sum, 3, seededRng('x')),
    refusal('INVALID_PARAMETER'),
  );
});

describe('noise', () => {
  /** c0 + c1 Σ s_i − code. */
  function noiseOf(ciphertext: Uint8Array, values: BigUint64Array): bigint[] {
    const [c0, c1] = splitPacked(P, ciphertext).map((part) => unpack(P, part)) as [
      Coefficients,
      Coefficients,
    ];
    const opened = keys
      .map((key) => ring.product(ring.transform(c1), secretValues(ring, key)))
      .reduce((total, part) => ring.add(total, part), c0);
    return centredIntegers(P, ring.subtract(opened, encode(ring, values)));
  }
  test('within the proven bound, far from zero, and the same for every plaintext', () => {
    const bound = publicNoise(P, 3);
    const of = (fill: bigint): bigint[] => {
      const values = new BigUint64Array(P.n).fill(fill);
      return noiseOf(encryptPublic(P, publicKey, values, seededRng('noise')), values);
    };
    const zeros = of(0n);
    ok(zeros.every((e) => Rational.of(e < 0n ? -e : e).atMost(bound)));
    // e u has a deviation of sqrt(2 n h / 3) sigma and more, some 600 here.
    ok(zeros.some((e) => e > 1000n) && zeros.some((e) => e < -1000n));
    for (const fill of [1n, T / 2n - 1n, T / 2n, T - 1n]) deepStrictEqual(of(fill), zeros);
  });
  test('n = 8192 carries 16 holders, a recipient and 10,000 additions; n = 4096 does not', () => {
    ok(publicSmudging(P, 16, 10_000, true).totalNoise.compare(Rational.ZERO) > 0);
    const weak = refusal('ENCRYPTION_PARAMETERS');
    throws(() => publicSmudging(RLWE_4096, 16, 16, false), weak);
    throws(() => publicSmudging(P, 17, 1, false), weak);
    throws(() => publicSmudging(P, 2, 0, false), refusal('INVALID_PARAMETER'));
  });
});

describe('key generation', () => {
  const state = refusal('PROTOCOL_STATE');
  const malformed = refusal('MALFORMED_MESSAGE');
  test('no share before all commitments, one commitment and one share of each holder', () => {
    const ceremony = new KeyCeremony(P, identity);
    ceremony.commit('holder-00', commitment(0));
    ceremony.commit('holder-01', commitment(1));
    equal(ceremony.allCommitted, false);
    throws(() => ceremony.reveal('holder-00', shareOf(0)), state);
    throws(() => ceremony.commit('holder-01', commitment(2)), state);
    throws(() => ceremony.commit('stranger', commitment(2)), malformed);
    throws(() => ceremony.commit('holder-02', 'no digest'), malformed);
    throws(() => ceremony.commit('holder-02', commitment(1)), malformed);
    ceremony.commit('holder-02', commitment(2));
    ceremony.reveal('holder-00', shareOf(0));
    throws(() => ceremony.reveal('holder-00', shareOf(0)), state);
    throws(() => ceremony.publicKey(), state);
  });
  test('the key is the sum, whatever the order', () => {
    const ceremony = committed();
    [2, 0, 1].forEach((i) => {
      ceremony.reveal(names[i] ?? '', shareOf(i));
    });
    deepStrictEqual(ceremony.publicKey(), publicKey);
  });
  test('a residue out of range in a share that was committed to', () => {
    const ceremony = new KeyCeremony(P, identity);
    const bad = { salt: shareOf(2).salt, packed: shareOf(2).packed.map(() => 255) };
    names.forEach((name, i) => {
      const digestOf = i === 2 ? commitTo(P, keyOf(0).key, name, bad) : commitment(i);
      ceremony.commit(name, digestOf);
    });
    throws(() => ceremony.reveal('holder-02', bad), malformed);
    throws(() => commitTo(P, keyOf(0).key, 'x', { ...bad, salt: bad.salt.slice(1) }), malformed);
  });
});

describe('public keys as bytes', () => {
  const fields = { format: 'kakehashi/he-public-key/1', ...publicKey };
  const parse = (change: object) => () => parsePublicKey(P, encodeCbor({ ...fields, ...change }));
  test('round trip', () => {
    deepStrictEqual(parsePublicKey(P, serializePublicKey(publicKey)), publicKey);
    deepStrictEqual(parse({})(), publicKey);
  });
  for (const [name, change] of [
    ['another format', { format: 'kakehashi/he-public-key/2' }],
    ['another parameter set', { parameters: RLWE_4096.id }],
    ['an id that is no digest', { key: 'k' }],
    ['no holder', { holders: 0 }],
    ['17 holders', { holders: 17 }],
    ['an unknown field', { extra: 1 }],
    ['a short polynomial', { packed: publicKey.packed.subarray(1) }],
    ['a residue out of range', { packed: publicKey.packed.map(() => 255) }],
    ['a polynomial as text', { packed: 'x' }],
  ] as const) {
    test(`refuses ${name}`, () => throws(parse(change), refusal('MALFORMED_MESSAGE')));
  }
  test('refuses what is no CBOR, half a ciphertext, slots of the wrong width', () => {
    throws(() => parsePublicKey(P, Uint8Array.of(0xff, 1)), refusal('MALFORMED_MESSAGE'));
    const odd = sum.subarray(0, 3 * P.polynomialBytes);
    throws(
      () => publicDecryptionShare(P, keyOf(0), odd, 3, seededRng('x')),
      refusal('MALFORMED_MESSAGE'),
    );
    throws(
      () => encryptPublic(P, publicKey, new Uint32Array(4), seededRng('x')),
      refusal('INVALID_PARAMETER'),
    );
    throws(
      () => encryptPublic(RLWE_4096, publicKey, new Uint32Array(4), seededRng('x')),
      refusal('INVALID_PARAMETER'),
    );
  });
});
