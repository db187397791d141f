/** Ids and keys, malformed and misplaced messages, and the noise that a ciphertext carries. */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { encodeCbor } from '../../../src/base/codec.ts';
import { Secret } from '../../../src/base/secret.ts';
import { combineShares } from '../../../src/he/collective/combine.ts';
import { ciphertextsFor, encryptSeeded } from '../../../src/he/collective/encrypt.ts';
import {
  createKeyShare,
  keyId,
  parseKeyShare,
  secretValues,
  serializeKeyShare,
} from '../../../src/he/collective/key.ts';
import { publicValues } from '../../../src/he/collective/seed.ts';
import { decryptionShare } from '../../../src/he/collective/share.ts';
import { checkPacked, sumCiphertexts } from '../../../src/he/collective/sum.ts';
import { unpack } from '../../../src/he/ring/pack.ts';
import { checkParameters, RLWE_4096 as P } from '../../../src/he/ring/parameters.ts';
import { encode } from '../../../src/he/ring/plaintext.ts';
import { ringOf } from '../../../src/he/ring/polynomial.ts';
import { refusal } from '../../support/refusal.ts';
import {
  centredIntegers,
  digest,
  identityOf,
  keySharesOf,
  seededRng,
  smallParameters,
} from '../support.ts';

const [malformed, invalid] = [refusal('MALFORMED_MESSAGE'), refusal('INVALID_PARAMETER')];
const shares = keySharesOf(2, 'messages') as [
  ReturnType<typeof createKeyShare>,
  ReturnType<typeof createKeyShare>,
];
const [own] = shares;
const id = digest('messages');
const values = Uint32Array.of(1, 2, 3);
const inputs = shares.map((share, i) =>
  encryptSeeded(P, share, id, values, seededRng(`messages/${i}`)),
) as [Uint8Array, Uint8Array];
const parts = shares.map((share, i) =>
  decryptionShare(P, share, id, 1, seededRng(`messages/share/${i}`)),
) as [Uint8Array, Uint8Array];

describe('key id', () => {
  const identity = identityOf(3);
  test('does not depend on the order of holders, and on everything else', () => {
    const reversed = { ...identity, holders: [...identity.holders].reverse() };
    equal(keyId(reversed), keyId(identity));
    const others = [
      { ...identity, study: digest('other') },
      { ...identity, flow: 'linked-aggregate' },
      { ...identity, epoch: 2 },
      { ...identity, attempt: 2 },
      { ...identity, holders: identity.holders.slice(1) },
    ].map(keyId);
    equal(new Set([keyId(identity), ...others]).size, 6);
  });
  for (const [name, change] of [
    ['one holder', { holders: ['lu'] }],
    ['17 holders', { holders: Array.from({ length: 17 }, (_, i) => `h${i}`) }],
    ['a holder twice', { holders: ['lu', 'jp', 'lu'] }],
    ['a holder without a name', { holders: ['lu', ''] }],
    ['a study that is no digest', { study: 'study' }],
    ['no flow', { flow: '' }],
    ['a negative epoch', { epoch: -1 }],
    ['a fraction of an attempt', { attempt: 0.5 }],
  ] as const) {
    test(`refuses ${name}`, () => throws(() => keyId({ ...identity, ...change }), invalid));
  }
});

describe('key share', () => {
  test('round trip; the secret does not print', () => {
    const parsed = parseKeyShare(P, serializeKeyShare(own));
    deepStrictEqual({ ...parsed, secret: 0 }, { ...own, secret: 0 });
    deepStrictEqual(parsed.secret.expose(), own.secret.expose());
    equal(JSON.stringify(own).includes('secret key share'), true);
    deepStrictEqual(encryptSeeded(P, parsed, id, values, seededRng('messages/0')), inputs[0]);
  });
  test('coefficients are −1, 0 and 1', () => {
    const ring = ringOf(P);
    const ntt = secretValues(ring, own);
    const product = ring.product(ntt, ring.transform(encodeOne()));
    ok(centredIntegers(P, product).every((s) => s >= -1n && s <= 1n));
  });
  const encodeOne = () =>
    ringOf(P).coefficients(() => {
      const one = new Uint32Array(4096);
      one[0] = 1;
      return one;
    });

  const fields = {
    format: 'kakehashi/he-share/1',
    parameters: P.id,
    key: own.key,
    holders: 2,
    ternary: own.secret.expose(),
  };
  const parse = (change: object) => () =>
    parseKeyShare(P, new Secret('file', encodeCbor({ ...fields, ...change })));
  test('control: the fields that the refusals change are accepted', () => {
    equal(parse({})().key, own.key);
  });
  const threes = own.secret.expose().slice();
  threes[1023] = 0b11000000;
  for (const [name, change] of [
    ['another format', { format: 'kakehashi/he-share/2' }],
    ['another parameter set', { parameters: 'kakehashi-rlwe-8192' }],
    ['a key id that is no digest', { key: 'x' }],
    ['one holder', { holders: 1 }],
    ['a negative number of holders', { holders: -2 }],
    ['an unknown field', { extra: 1 }],
    ['a short secret', { ternary: new Uint8Array(1023) }],
    ['a secret as text', { ternary: 'x' }],
    ['a coefficient that is none', { ternary: threes }],
  ] as const) {
    test(`refuses ${name}`, () => throws(parse(change), refusal('KEY_FILE_INVALID')));
  }
  test('refuses bytes that are no CBOR, and parameters that are not secure', () => {
    const noise = new Secret('file', Uint8Array.of(0xff, 1));
    throws(() => parseKeyShare(P, noise), refusal('KEY_FILE_INVALID'));
    const small = smallParameters(16);
    throws(
      () => createKeyShare(small, identityOf(2), seededRng('x')),
      refusal('ENCRYPTION_PARAMETERS'),
    );
  });
});

describe('c1', () => {
  test('is bound to parameters, key, run and index', () => {
    const first = publicValues(P, own.key, id, 0);
    deepStrictEqual(publicValues(P, own.key, id, 0), first);
    const renamed = checkParameters({ ...P, id: 'renamed' });
    for (const other of [
      publicValues(renamed, own.key, id, 0),
      publicValues(P, digest('key'), id, 0),
      publicValues(P, own.key, digest('run'), 0),
      publicValues(P, own.key, id, 1),
    ]) {
      other.limbs.forEach((limb, i) => notDeepStrictEqual(limb, first.limbs[i]));
    }
    throws(() => publicValues(P, own.key, 'run', 0), invalid);
    throws(() => publicValues(P, own.key, id, -1), invalid);
  });
});

describe('messages', () => {
  test('control: they are accepted and give the sum', () => {
    for (const bytes of [...inputs, ...parts]) checkPacked(P, bytes, 1);
    deepStrictEqual(
      combineShares(P, sumCiphertexts(P, inputs), parts, 3),
      BigInt64Array.of(2n, 4n, 6n),
    );
  });
  const outOfRange = inputs[1].slice();
  outOfRange.fill(255, 0, 4);
  const bad: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['truncated', inputs[1].slice(0, -1)],
    ['trailing byte', Uint8Array.of(...inputs[1], 0)],
    ['two ciphertexts for one', new Uint8Array(2 * P.polynomialBytes)],
    ['a residue out of range', outOfRange],
    ['all ones', new Uint8Array(P.polynomialBytes).fill(255)],
  ];
  for (const [name, bytes] of bad) {
    test(`refused as contribution and as share: ${name}`, () => {
      throws(() => checkPacked(P, bytes, 1), malformed);
      throws(() => sumCiphertexts(P, [inputs[0], bytes]), malformed);
      throws(() => sumCiphertexts(P, [bytes, inputs[0]]), malformed);
      throws(() => combineShares(P, inputs[0], [parts[0], bytes], 3), malformed);
      throws(() => combineShares(P, bytes, parts, 3), malformed);
    });
  }
  test('two equal contributions, two equal shares', () => {
    throws(() => sumCiphertexts(P, [inputs[0], inputs[0].slice()]), malformed);
    throws(() => combineShares(P, inputs[0], [parts[1], parts[1].slice()], 3), malformed);
  });
  test('one input, 17 inputs, no input', () => {
    const many = new Array<Uint8Array>(17).fill(inputs[0]);
    for (const list of [[], [inputs[0]], many]) {
      throws(() => sumCiphertexts(P, list), invalid);
      throws(() => combineShares(P, inputs[0], list, 3), invalid);
    }
  });
  test('counts and vectors that are none', () => {
    throws(() => encryptSeeded(P, own, id, new Uint32Array(0), seededRng('x')), invalid);
    throws(() => encryptSeeded(P, own, 'run', values, seededRng('x')), invalid);
    for (const count of [0, 1.5, 2 ** 20 + 1]) {
      throws(() => decryptionShare(P, own, id, count, seededRng('x')), invalid);
    }
    for (const slots of [0, -1, 0.5, 2 ** 33]) throws(() => ciphertextsFor(P, slots), invalid);
    throws(() => combineShares(P, inputs[0], parts, 0), invalid);
    throws(() => combineShares(P, inputs[0], parts, 4097), malformed);
  });
  test('a share of another parameter set', () => {
    const renamed = checkParameters({ ...P, id: 'renamed' });
    throws(() => encryptSeeded(renamed, own, id, values, seededRng('x')), invalid);
    throws(() => decryptionShare(renamed, own, id, 1, seededRng('x')), invalid);
  });
});

describe('the noise of a ciphertext is e, at most 21, whatever the plaintext', () => {
  const ring = ringOf(P);
  const noiseOf = (slots: Uint32Array): bigint[] => {
    const c0 = unpack(P, encryptSeeded(P, own, id, slots, seededRng('noise')));
    const opened = ring.add(
      c0,
      ring.product(publicValues(P, own.key, id, 0), secretValues(ring, own)),
    );
    return centredIntegers(P, ring.subtract(opened, encode(ring, slots)));
  };
  test('zeros, extremes and a ramp leave the same noise', () => {
    const zeros = noiseOf(new Uint32Array(4096));
    ok(zeros.every((e) => e >= -21n && e <= 21n));
    ok(new Set(zeros).size > 10);
    for (const fill of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      deepStrictEqual(noiseOf(new Uint32Array(4096).fill(fill)), zeros);
    }
    deepStrictEqual(noiseOf(Uint32Array.from({ length: 4096 }, (_, j) => j * 1048573)), zeros);
  });
});
