/** Ed25519: the RFC 8032 vectors below the domain tag, tampering, domains, keys that are refused. */
import { deepStrictEqual, equal, notEqual, ok, throws } from 'node:assert/strict';
import {
  createPublicKey,
  generateKeyPairSync,
  sign as rawSign,
  verify as rawVerify,
} from 'node:crypto';
import { inspect } from 'node:util';
import { describe, test } from 'vitest';
import { concat, fromHex, toBase64Url, toHex, utf8 } from '../../src/base/bytes.ts';
import { Secret } from '../../src/base/secret.ts';
import { DOMAIN, publicKey, SigningKey, verify, verifyObject } from '../../src/base/sign.ts';
import { refusal } from '../support/refusal.ts';

/** RFC 8410 section 7: the PKCS#8 frame of an Ed25519 seed. */
const keyFromSeed = (seed: string): SigningKey =>
  SigningKey.fromPem(
    `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex').toString('base64')}\n-----END PRIVATE KEY-----\n`,
  );

const keyText = (point: string): string => `ed25519:${toBase64Url(fromHex(point))}`;

describe('RFC 8032 section 7.1', () => {
  const vectors = [
    {
      seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      point: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    },
    {
      seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      point: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: '72',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    },
  ];
  vectors.forEach(({ seed, point, message, signature }, i) => {
    test(`test ${i + 1}: key text, seed, and the signature without a domain`, () => {
      const key = keyFromSeed(seed);
      equal(key.publicText, keyText(point));
      equal(toHex(key.seed().expose()), seed);
      equal(toHex(rawSign(null, fromHex(message), key.keyObject())), signature);
      // Without its domain tag the same signature is worth nothing here.
      equal(verify(key.publicText, DOMAIN.study, fromHex(message), fromHex(signature)), false);
    });
  });

  test('what is signed is domain, a zero byte, payload', () => {
    const key = keyFromSeed('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
    const signed = concat(utf8(DOMAIN.query), Uint8Array.of(0), utf8('payload'));
    deepStrictEqual(
      key.sign(DOMAIN.query, utf8('payload')),
      new Uint8Array(rawSign(null, signed, key.keyObject())),
    );
  });
});

describe('verify', () => {
  const key = SigningKey.generate();
  const payload = utf8('{"study":1}');
  const signature = key.sign(DOMAIN.study, payload);

  test('accepts what was signed', () =>
    ok(verify(key.publicText, DOMAIN.study, payload, signature)));

  test('refuses every flipped bit of the signature', () => {
    for (let bit = 0; bit < 512; bit += 1) {
      const bad = signature.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      equal(verify(key.publicText, DOMAIN.study, payload, bad), false, `bit ${bit}`);
    }
  });

  test('refuses a changed, shortened or extended payload', () => {
    for (const bad of [utf8('{"study":2}'), payload.subarray(1), concat(payload, utf8(' '))]) {
      equal(verify(key.publicText, DOMAIN.study, bad, signature), false);
    }
  });

  test('refuses a signature of the wrong length', () => {
    for (const bad of [new Uint8Array(0), signature.subarray(1), concat(signature, utf8('x'))]) {
      equal(verify(key.publicText, DOMAIN.study, payload, bad), false);
    }
  });

  test('refuses S + L, the malleable twin (RFC 8032 section 5.1.7)', () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${toHex(signature.subarray(32).toReversed())}`) + L;
    const twin = fromHex(s.toString(16).padStart(64, '0')).toReversed();
    equal(
      verify(key.publicText, DOMAIN.study, payload, concat(signature.subarray(0, 32), twin)),
      false,
    );
  });

  test('refuses another key and every other domain', () => {
    equal(verify(SigningKey.generate().publicText, DOMAIN.study, payload, signature), false);
    for (const domain of Object.values(DOMAIN)) {
      equal(verify(key.publicText, domain, payload, signature), domain === DOMAIN.study, domain);
    }
  });

  test('no domain tag is a prefix of another, so that the zero byte ends it', () => {
    const tags = Object.values<string>(DOMAIN);
    equal(new Set(tags).size, tags.length);
    ok(tags.every((tag) => /^[\x21-\x7e]+$/.test(tag)));
  });
});

describe('objects', () => {
  const key = SigningKey.generate();
  test('are signed in their canonical form, whatever the order of members', () => {
    const signature = key.signObject(DOMAIN.query, { b: 1, a: [true] });
    ok(verifyObject(key.publicText, DOMAIN.query, { a: [true], b: 1 }, signature));
    equal(verifyObject(key.publicText, DOMAIN.query, { a: [true], b: 2 }, signature), false);
    equal(verifyObject(key.publicText, DOMAIN.study, { a: [true], b: 1 }, signature), false);
  });
  test('a signature that is not canonical base64url is malformed', () => {
    const signature = key.signObject(DOMAIN.query, {});
    for (const bad of [`${signature}=`, ` ${signature}`, signature.replace(/.$/, '!'), '*']) {
      throws(
        () => verifyObject(key.publicText, DOMAIN.query, {}, bad),
        refusal('MALFORMED_MESSAGE'),
      );
    }
  });
});

/** Arithmetic of edwards25519 for the control below: slow, affine, enough to multiply by 8. */
const P = 2n ** 255n - 19n;
const power = (base: bigint, exponent: bigint): bigint => {
  let [result, b, e] = [1n, base % P, exponent];
  for (; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
};
const invert = (x: bigint): bigint => power(x, P - 2n);
const D = (P - 121665n) * invert(121666n);

/** x of an encoded point (RFC 8032 section 5.1.3), or undefined where it is not on the curve. */
function decodeX(y: bigint): bigint | undefined {
  const square = (y * y - 1n + P) * invert((D * y * y + 1n) % P);
  let x = power(square % P, (P + 3n) / 8n);
  if ((x * x - square) % P !== 0n) x = (x * power(2n, (P - 1n) / 4n)) % P;
  return (x * x - square) % P === 0n ? x : undefined;
}

function double([x, y]: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const k = (D * x * x * y * y) % P;
  return [
    (((2n * x * y * invert(1n + k)) % P) + P) % P,
    ((((y * y + x * x) * invert((1n - k + P) % P)) % P) + P) % P,
  ];
}

const littleEndian = (value: bigint): string =>
  toHex(fromHex(value.toString(16).padStart(64, '0')).toReversed());

describe('public keys refused', () => {
  const ORDER_8 = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a';
  const y8 = BigInt(`0x${toHex(fromHex(ORDER_8).toReversed())}`) & (2n ** 255n - 1n);
  const SMALL = [0n, 1n, P - 1n, y8, P - y8];
  const withSign = (y: bigint): string[] => [littleEndian(y), littleEndian(y + 2n ** 255n)];

  test('control: each y of the list is on the curve, and 8 times the point is neutral', () => {
    for (const y of SMALL) {
      const x = decodeX(y);
      ok(x !== undefined);
      deepStrictEqual(double(double(double([x, y]))), [0n, 1n]);
    }
    // and of 8-torsion points there are no others: 1 + 1 + 2 + 4 points, five values of y
    equal(new Set(SMALL).size, 5);
  });

  // Later versions of OpenSSL refuse such keys themselves; nothing here may depend on which it is.
  const old = process.versions.openssl.startsWith('3.0.');
  test.runIf(old)('control: OpenSSL 3.0 takes one signature for any message', () => {
    const x = toBase64Url(fromHex(littleEndian(1n)));
    const neutral = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const forged = fromHex(littleEndian(1n) + '00'.repeat(32)); // R neutral, S zero
    ok(rawVerify(null, utf8('one message'), neutral, forged));
    ok(rawVerify(null, utf8('another'), neutral, forged));
  });

  for (const y of SMALL) {
    test(`small order, y = ${littleEndian(y).slice(0, 8)}…`, () => {
      for (const point of withSign(y)) {
        throws(() => publicKey(keyText(point)), refusal('MALFORMED_MESSAGE'));
        throws(
          () => verify(keyText(point), DOMAIN.study, utf8('x'), new Uint8Array(64)),
          refusal('MALFORMED_MESSAGE'),
        );
      }
    });
  }

  test('y not reduced (section 5.1.3): p to 2^255 - 1', () => {
    for (let y = P; y < 2n ** 255n; y += 1n) {
      for (const point of withSign(y)) {
        throws(() => publicKey(keyText(point)), refusal('MALFORMED_MESSAGE'));
      }
    }
  });

  const good = SigningKey.generate().publicText;
  const bad: Record<string, string> = {
    nothing: '',
    'no prefix': good.slice('ed25519:'.length),
    'another prefix': good.replace('ed25519', 'ed448'),
    'a capital prefix': good.replace('ed25519', 'ED25519'),
    'one character short': good.slice(0, -1),
    'one character more': `${good}A`,
    padding: `${good}=`,
    'a space in front': ` ${good}`,
    'a line end': `${good}\n`,
    'plain base64': good.slice(0, -2) + '+/',
    'bits behind the last byte': good.slice(0, -1) + 'B',
  };
  for (const [name, text] of Object.entries(bad)) {
    test(name, () => throws(() => publicKey(text), refusal('MALFORMED_MESSAGE')));
  }
});

describe('SigningKey', () => {
  test('PEM round trip, with and without a passphrase', () => {
    const key = SigningKey.generate();
    equal(SigningKey.fromPem(key.toPem()).publicText, key.publicText);
    const passphrase = new Secret('passphrase', utf8('correct horse'));
    const locked = key.toPem(passphrase);
    ok(locked.includes('ENCRYPTED PRIVATE KEY'));
    equal(SigningKey.fromPem(locked, passphrase).publicText, key.publicText);
    const wrong = new Secret('passphrase', utf8('battery staple'));
    throws(() => SigningKey.fromPem(locked, wrong), refusal('KEY_FILE_INVALID'));
    throws(() => SigningKey.fromPem(locked), refusal('KEY_FILE_INVALID'));
  });

  test('another kind of key, or none, is refused', () => {
    const x25519 = generateKeyPairSync('x25519').privateKey;
    const pem = x25519.export({ type: 'pkcs8', format: 'pem' }) as string;
    for (const text of [pem, '', 'hello', SigningKey.generate().toPem().slice(0, 60)]) {
      throws(() => SigningKey.fromPem(text), refusal('KEY_FILE_INVALID'));
    }
  });

  test('prints as its public key only', () => {
    const key = SigningKey.generate();
    const seed = key.seed().expose();
    for (const text of [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify({ key })]) {
      ok(text.includes(key.publicText));
      equal(text.includes(toBase64Url(seed)) || text.includes(toHex(seed)), false);
    }
  });

  test('two generated keys differ', () => {
    notEqual(SigningKey.generate().publicText, SigningKey.generate().publicText);
  });
});
