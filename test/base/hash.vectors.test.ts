/** Published vectors for every function of base/hash.ts, and what it refuses. */
import { deepStrictEqual, equal, notDeepStrictEqual, ok, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import {
  deriveKey,
  DIGEST_PATTERN,
  hmacSha256,
  keyStream,
  sha256,
  sha256Hex,
  shake128,
} from '../../src/base/hash.ts';
import { Secret } from '../../src/base/secret.ts';
import { refusal } from '../support/refusal.ts';
import { sharedData } from '../support/shared-data.ts';

const secret = (hex: string): Secret => new Secret('vector', fromHex(hex));

describe('SHA-256 (FIPS 180-4)', () => {
  test('the examples of the standard', () => {
    const vectors = {
      '': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    };
    for (const [message, digest] of Object.entries(vectors)) {
      equal(sha256Hex(utf8(message)), digest);
      ok(DIGEST_PATTERN.test(digest));
    }
  });

  test('both implementations agree around the size where one takes over', () => {
    for (const length of [0, 1, 63, 64, 65, 4095, 4096, 4097, 100_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 31);
      equal(toHex(sha256(bytes)), createHash('sha256').update(bytes).digest('hex'));
    }
  });
});

describe('HMAC-SHA-256 (RFC 4231)', () => {
  const vectors = [
    {
      key: '0b'.repeat(20),
      message: toHex(utf8('Hi There')),
      tag: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    },
    {
      key: toHex(utf8('Jefe')),
      message: toHex(utf8('what do ya want for nothing?')),
      tag: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    },
    {
      key: 'aa'.repeat(131),
      message: toHex(utf8('Test Using Larger Than Block-Size Key - Hash Key First')),
      tag: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    },
  ];
  vectors.forEach(({ key, message, tag }, i) => {
    test(`vector ${i + 1}`, () => equal(toHex(hmacSha256(secret(key), fromHex(message))), tag));
  });
});

describe('HKDF-SHA-256 without salt (RFC 5869)', () => {
  test('test case 3', () => {
    using okm = deriveKey(secret('0b'.repeat(22)), '', 42);
    equal(
      toHex(okm.expose()),
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    );
  });

  test('another purpose gives another key, and the purpose is its label', () => {
    const key = secret('11'.repeat(32));
    const [a, b] = [deriveKey(key, 'a'), deriveKey(key, 'b')];
    notDeepStrictEqual(a.expose(), b.expose());
    equal(a.toString(), '[secret a]');
  });
});

describe('SHAKE-128 (FIPS 202)', () => {
  test('of the empty message', () => {
    equal(
      toHex(shake128(new Uint8Array(0), 32)),
      '7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26',
    );
  });
  test('a longer output begins with the shorter one', () => {
    const long = shake128(utf8('seed'), 1000);
    deepStrictEqual(shake128(utf8('seed'), 168), long.subarray(0, 168));
    equal(long.length, 1000);
    equal(shake128(utf8('seed'), 0).length, 0);
  });
});

describe('AES-256-CTR key stream', () => {
  test('blocks are the encryptions of 0 and 1 (AESAVS zero key; GCM test case 13)', () => {
    equal(
      toHex(keyStream(secret('00'.repeat(32)), 32)),
      'dc95c078a2408989ad48a21492842087' + '530f8afbc74536b9a963b4f1c4cb738b',
    );
  });
  test('a longer stream begins with the shorter one, at any length', () => {
    const key = secret('42'.repeat(32));
    const long = keyStream(key, 1000);
    for (const length of [0, 1, 15, 16, 17, 999]) {
      deepStrictEqual(keyStream(key, length), long.subarray(0, length));
    }
  });
  test('a key of another length is refused', () => {
    for (const bytes of [0, 16, 24, 31, 33]) {
      throws(() => keyStream(secret('00'.repeat(bytes)), 16), refusal('INVALID_PARAMETER'));
    }
  });
  test('a wiped key is refused', () => {
    const key = secret('00'.repeat(32));
    key[Symbol.dispose]();
    throws(() => keyStream(key, 16), refusal('PROTOCOL_STATE'));
    throws(() => hmacSha256(key, new Uint8Array(0)), refusal('PROTOCOL_STATE'));
  });
});

type Group<T> = { readonly testGroups: readonly { readonly tests: readonly T[] }[] };

const wycheproof = <T>(file: string): T[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as Group<T>).testGroups.flatMap(({ tests }) => [
    ...tests,
  ]);

const hmacFile = sharedData('crypto/wycheproof_hmac_sha256_test.json');
test.skipIf(hmacFile === undefined)('Wycheproof HMAC-SHA-256', () => {
  type Vector = { tcId: number; key: string; msg: string; tag: string; result: string };
  const vectors = wycheproof<Vector>(hmacFile ?? '').filter(({ tag }) => tag.length === 64);
  ok(vectors.length > 50);
  for (const { tcId, key, msg, tag, result } of vectors) {
    // An empty key is outside what a Secret is for, and noble accepts it as RFC 2104 does.
    const computed = toHex(hmacSha256(secret(key), fromHex(msg)));
    equal(computed === tag, result === 'valid', `tcId ${tcId}`);
  }
});

const hkdfFile = sharedData('crypto/wycheproof_hkdf_sha256_test.json');
test.skipIf(hkdfFile === undefined)('Wycheproof HKDF-SHA-256, the vectors without salt', () => {
  type Vector = {
    tcId: number;
    ikm: string;
    salt: string;
    info: string;
    size: number;
    okm: string;
  };
  const vectors = wycheproof<Vector & { result: string }>(hkdfFile ?? '').filter(
    ({ salt, info, result }) =>
      salt === '' &&
      result === 'valid' &&
      toHex(utf8(Buffer.from(info, 'hex').toString())) === info,
  );
  ok(vectors.length >= 5);
  for (const { tcId, ikm, info, size, okm } of vectors) {
    const derived = deriveKey(secret(ikm), Buffer.from(info, 'hex').toString(), size);
    equal(toHex(derived.expose()), okm, `tcId ${tcId}`);
  }
});
