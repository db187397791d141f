/**
 * Ed25519 signatures (RFC 8032) through node:crypto, over a domain tag and bytes.
 *
 * The signed message is `domain ‖ 0x00 ‖ payload`; a domain tag is a constant of one object
 * type, so a signature on one kind of object never verifies as another. A public key is
 * written `ed25519:` + base64url of its 32 bytes. Private keys stay inside `SigningKey`.
 *
 * Under a public key of small order a signature verifies for every message (Chalkias, Garillot,
 * Nikolaenko, "Taming the many EdDSAs", SSR 2020, section 3), so such keys are refused, and so are
 * encodings of a y coordinate that is not reduced: a party has one key text and meant to have it.
 * @module
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
} from 'node:crypto';
import { inspect } from 'node:util';
import { concat, fromBase64Url, toBase64Url, toHex, utf8 } from './bytes.ts';
import { canonicalBytes } from './canonical-json.ts';
import { check, refuseAs } from './errors.ts';
import { Secret } from './secret.ts';

/** `ed25519:` + 43 characters of base64url. */
export type PublicKeyText = string;

export const PUBLIC_KEY_PATTERN = /^ed25519:[A-Za-z0-9_-]{43}$/;

/** The ways a signature is used. One tag per type of signed object. */
export const DOMAIN = {
  study: 'kakehashi/study/1',
  query: 'kakehashi/query/1',
  frame: 'kakehashi/frame/1',
  ledgerHead: 'kakehashi/ledger-head/1',
  attestation: 'kakehashi/attestation/1',
  checkpoint: 'kakehashi/checkpoint/1',
  stop: 'kakehashi/stop/1',
  columns: 'kakehashi/columns-manifest/1',
  erasure: 'kakehashi/erasure/2',
  cohortDeletion: 'kakehashi/cohort-deletion/1',
  grant: 'kakehashi/grant/1',
  planApproval: 'kakehashi/plan-approval/1',
  image: 'kakehashi/image-signature/1',
  upload: 'kakehashi/upload/1',
} as const;

export type Domain = (typeof DOMAIN)[keyof typeof DOMAIN];

const message = (domain: Domain, payload: Uint8Array): Uint8Array =>
  concat(utf8(domain), new Uint8Array(1), payload);

const keyText = (key: KeyObject): PublicKeyText =>
  `ed25519:${key.export({ format: 'jwk' }).x ?? ''}`;

/** p = 2^255 - 19 (RFC 8032 section 5.1). */
const P = 2n ** 255n - 19n;
/** The y of a point of order 8; the other such y is its negative. Test: 8 times the point is neutral. */
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
/** y of the points of order 4, 1, 2 and 8, whatever the sign of x. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, ORDER_8, P - ORDER_8]);

/** y of an encoded point: 255 bits, little endian; the top bit is the sign of x (section 5.1.2). */
const encodedY = (point: Uint8Array): bigint =>
  BigInt(`0x${toHex(point.toReversed())}`) & (2n ** 255n - 1n);

const POINT_AT = 'ed25519:'.length;

/** The 32 bytes of a public key's text form. */
export function publicKeyBytes(text: PublicKeyText): Uint8Array {
  check(PUBLIC_KEY_PATTERN.test(text), 'MALFORMED_MESSAGE', 'not an ed25519 key');
  const point = fromBase64Url(text.slice(POINT_AT));
  check(point.length === 32, 'MALFORMED_MESSAGE', 'ed25519 key length');
  return point;
}

/** The key object of a public key's text form; a malformed or degenerate one is refused. */
export function publicKey(text: PublicKeyText): KeyObject {
  const point = publicKeyBytes(text);
  const x = text.slice(POINT_AT);
  const y = encodedY(point);
  check(y < P, 'MALFORMED_MESSAGE', 'ed25519 key is not canonical (section 5.1.3)');
  check(!SMALL_ORDER.has(y), 'MALFORMED_MESSAGE', 'ed25519 key of small order');
  return refuseAs('MALFORMED_MESSAGE', 'not an ed25519 key', () =>
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
  );
}

/** Whether `publicKey` takes this text. */
export function isPublicKey(text: string): boolean {
  try {
    publicKey(text);
    return true;
  } catch {
    return false;
  }
}

/** A private key and its public text. Prints as its public key only. */
export class SigningKey {
  readonly publicText: PublicKeyText;
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    check(key.asymmetricKeyType === 'ed25519', 'KEY_FILE_INVALID', 'not an Ed25519 key');
    this.#key = key;
    this.publicText = keyText(createPublicKey(key));
  }

  static generate(): SigningKey {
    return new SigningKey(generateKeyPairSync('ed25519').privateKey);
  }

  /** PKCS#8 PEM, encrypted where a passphrase is given. */
  static fromPem(pem: string, passphrase?: Secret): SigningKey {
    const options = { key: pem, format: 'pem' as const };
    return refuseAs(
      'KEY_FILE_INVALID',
      'PKCS#8 PEM',
      () =>
        new SigningKey(
          createPrivateKey(
            passphrase === undefined
              ? options
              : { ...options, passphrase: Buffer.from(passphrase.expose()) },
          ),
        ),
    );
  }

  toPem(passphrase?: Secret): string {
    const base = { type: 'pkcs8' as const, format: 'pem' as const };
    return this.#key.export(
      passphrase === undefined
        ? base
        : { ...base, cipher: 'aes-256-cbc', passphrase: Buffer.from(passphrase.expose()) },
    ) as string;
  }

  /** The 32-byte seed, as input to key derivation only. */
  seed(): Secret {
    return new Secret('ed25519 seed', fromBase64Url(this.#key.export({ format: 'jwk' }).d ?? ''));
  }

  /** The key object, for libraries that sign with one (jose). */
  keyObject(): KeyObject {
    return this.#key;
  }

  /** 64 bytes. */
  sign(domain: Domain, payload: Uint8Array): Uint8Array {
    return new Uint8Array(nodeSign(null, message(domain, payload), this.#key));
  }

  /** Signs the RFC 8785 form of `object`; base64url. */
  signObject(domain: Domain, object: unknown): string {
    return toBase64Url(this.sign(domain, canonicalBytes(object)));
  }

  toJSON(): string {
    return this.publicText;
  }

  [inspect.custom](): string {
    return `[signing key ${this.publicText}]`;
  }
}

/** True when `signature` is a signature of `key` over `payload` in `domain`. */
export function verify(
  key: PublicKeyText,
  domain: Domain,
  payload: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    signature.length === 64 && nodeVerify(null, message(domain, payload), publicKey(key), signature)
  );
}

/** `verify` over the RFC 8785 form of `object`, signature in base64url. */
export const verifyObject = (
  key: PublicKeyText,
  domain: Domain,
  object: unknown,
  signature: string,
): boolean => verify(key, domain, canonicalBytes(object), fromBase64Url(signature));
