/**
 * Who sends a request: an EdDSA JWT (RFC 7519, RFC 8037), self-signed by the principal's
 * Ed25519 key, good for one request (DESIGN section 9, "Principals").
 *
 * It binds method, path with query, the SHA-256 of the body and a once-only id, and lives at
 * most 60 seconds. The receiver remembers ids for that long, so a replay is refused.
 * @module
 */
import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { toBase64Url } from '../../base/bytes.ts';
import { check, Refusal } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { Rng } from '../../base/rng.ts';
import {
  PUBLIC_KEY_PATTERN,
  publicKey,
  type PublicKeyText,
  type SigningKey,
} from '../../base/sign.ts';

export const TOKEN_LIFETIME_SECONDS = 60;
/** Clocks of two institutions may differ by this much. */
const LEEWAY_SECONDS = 30;

export type RequestToSign = {
  readonly method: string;
  /** Path and query, as sent. */
  readonly path: string;
  readonly body: Uint8Array;
};

export const bodyHash = (body: Uint8Array): string => toBase64Url(sha256(body));

export async function createRequestToken(
  key: SigningKey,
  request: RequestToSign,
  now: Date,
  rng: Rng,
): Promise<string> {
  const issued = Math.floor(now.getTime() / 1000);
  return new SignJWT({ htm: request.method, htu: request.path, bh: bodyHash(request.body) })
    .setProtectedHeader({ alg: 'EdDSA', kid: key.publicText, typ: 'kakehashi-request+jwt' })
    .setIssuedAt(issued)
    .setExpirationTime(issued + TOKEN_LIFETIME_SECONDS)
    .setJti(toBase64Url(rng(16)))
    .sign(key.keyObject());
}

/** `jose` prepares a key once for each key object: those of the last callers are kept. */
const MOST_KEYS = 1000;
const prepared = new Map<string, KeyObject>();

function preparedKey(text: string): KeyObject {
  const found = prepared.get(text);
  if (found !== undefined) return found;
  const key = publicKey(text);
  if (prepared.size >= MOST_KEYS) prepared.clear();
  prepared.set(text, key);
  return key;
}

export type VerifiedToken = {
  readonly key: PublicKeyText;
  readonly id: string;
  /** The id may be forgotten after this instant. */
  readonly forgetAfter: Date;
  /** Of the body that it was signed for. */
  readonly bodyHash: string;
};

/**
 * Refuses with UNAUTHENTICATED. The caller checks the rest, in this order: that the body has this
 * hash, so that nobody makes us read one without a signature, and that the id was not seen before.
 */
export async function verifyRequestToken(
  token: string,
  request: Omit<RequestToSign, 'body'>,
  now: Date,
): Promise<VerifiedToken> {
  try {
    const { kid } = decodeProtectedHeader(token);
    check(kid !== undefined && PUBLIC_KEY_PATTERN.test(kid), 'UNAUTHENTICATED', 'kid');
    const { payload } = await jwtVerify(token, preparedKey(kid), {
      algorithms: ['EdDSA'],
      typ: 'kakehashi-request+jwt',
      currentDate: now,
      clockTolerance: LEEWAY_SECONDS,
      maxTokenAge: TOKEN_LIFETIME_SECONDS,
      requiredClaims: ['iat', 'exp', 'jti', 'htm', 'htu', 'bh'],
    });
    const { iat = 0, exp = 0, jti = '' } = payload;
    check(exp - iat <= TOKEN_LIFETIME_SECONDS, 'UNAUTHENTICATED', 'lifetime');
    const { htm, htu, bh } = payload as { htm?: unknown; htu?: unknown; bh?: unknown };
    const bound = htm === request.method && htu === request.path && typeof bh === 'string';
    check(bound, 'UNAUTHENTICATED', 'bound to another request');
    check(/^[A-Za-z0-9_-]{22}$/.test(jti), 'UNAUTHENTICATED', 'jti');
    const forgetAfter = new Date((exp + LEEWAY_SECONDS) * 1000);
    return { key: kid, id: jti, forgetAfter, bodyHash: bh };
  } catch (cause) {
    throw new Refusal('UNAUTHENTICATED', 'request token', undefined, { cause });
  }
}
