/**
 * A query as an analyst signs it: what is asked, of which study, at which charge, once.
 *
 * The signature covers the RFC 8785 form of { query, study, rho, nonce, expires } under its own
 * domain tag (rulings 10). Only keys that the study names count: a login opens a console, it
 * never authorises spending. `study` is the digest of the version that is asked under: an amended study is
 * asked anew. What the query means is for cohort/; here it is JSON. That `rho` is
 * what the plan charges is for the caller to check, who has the plan.
 * @module
 */
import { type Static, Type } from 'typebox';
import { fromBase64Url, toBase64Url } from '../base/bytes.ts';
import type { Json } from '../base/canonical-json.ts';
import { check, type InputError, Refusal } from '../base/errors.ts';
import { readFraction, shapeErrors } from '../base/input.ts';
import type { Rational } from '../base/rational.ts';
import type { Rng } from '../base/rng.ts';
import { DOMAIN, type PublicKeyText, type SigningKey, verifyObject } from '../base/sign.ts';
import type { Study } from './agreement.ts';
import { versionOf } from './versions.ts';

const CLOSED = { additionalProperties: false } as const;

const SignedQueryShape = Type.Object(
  {
    query: Type.Object({}),
    study: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    rho: Type.String({ minLength: 3, maxLength: 40 }),
    nonce: Type.String({ pattern: '^[A-Za-z0-9_-]{22,43}$' }),
    expires: Type.String({ minLength: 24, maxLength: 24 }),
    signature: Type.Object(
      {
        analyst: Type.String({ maxLength: 64 }),
        key: Type.String({ maxLength: 64 }),
        signature: Type.String({ minLength: 86, maxLength: 86 }),
      },
      CLOSED,
    ),
  },
  CLOSED,
);

/** How far ahead a query may expire: a nonce need not be remembered longer. */
export const LONGEST_LIFE_MS = 24 * 60 * 60 * 1000;
/** Clocks of analyst and holder may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;
const NONCE_BYTES = 16;

/** A query whose signature, analyst and life were checked. */
export type VerifiedQuery = {
  readonly query: Json;
  /** In total, over all measures. */
  readonly rho: Rational;
  readonly nonce: string;
  readonly expires: Date;
  readonly analyst: string;
  readonly key: PublicKeyText;
};

/** Signs `query` as analyst `name` until `expires`. Refuses with FORBIDDEN a key that is not theirs. */
export function signQuery(
  study: Study<unknown>,
  asked: { readonly query: Json; readonly rho: Rational; readonly expires: Date },
  analyst: { readonly name: string; readonly key: SigningKey },
  rng: Rng,
): Json {
  const { name, key } = analyst;
  checkAnalyst(study, name, key.publicText);
  const body = {
    query: asked.query,
    study: study.agreement,
    rho: asked.rho.toString(),
    nonce: toBase64Url(rng(NONCE_BYTES)),
    expires: asked.expires.toISOString(),
  };
  const signature = key.signObject(DOMAIN.query, body);
  return { ...body, signature: { analyst: name, key: key.publicText, signature } };
}

const checkAnalyst = (study: Study<unknown>, name: string, key: PublicKeyText): void =>
  check(
    study.analysts.some((analyst) => analyst.name === name && analyst.key === key),
    'FORBIDDEN',
    'not an analyst key of the study',
  );

/** True for canonical base64url of 16 to 32 bytes. */
function isNonce(text: string): boolean {
  try {
    const { length } = fromBase64Url(text);
    return length >= NONCE_BYTES && length <= 2 * NONCE_BYTES;
  } catch {
    return false;
  }
}

/** `2027-01-01T00:00:00.000Z` and no other spelling of an instant. */
function readInstant(text: string): Date | undefined {
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime()) || instant.toISOString() !== text) return undefined;
  return instant;
}

function verifies(key: PublicKeyText, body: Json, signature: string): boolean {
  try {
    return verifyObject(key, DOMAIN.query, body, signature);
  } catch {
    return false; // a key or signature that is not one, or text that has no canonical form
  }
}

/**
 * Checks a signed query against the study it names. Refuses with INVALID_QUERY (shape),
 * STUDY_UNKNOWN, STUDY_AMENDED (an earlier version of it), FORBIDDEN (not an analyst of the study), SIGNATURE_REJECTED or QUERY_EXPIRED.
 */
export function verifyQuery(json: Json, study: Study<unknown>, now: Date): VerifiedQuery {
  const shape = shapeErrors(SignedQueryShape, json);
  if (shape.length > 0) throw new Refusal('INVALID_QUERY', 'signed form', { errors: shape });
  const { signature, ...body } = json as Static<typeof SignedQueryShape>;
  const [rho, expires] = [readFraction(body.rho), readInstant(body.expires)];
  const errors: InputError[] = [];
  if (rho === undefined || rho.isZero()) errors.push({ pointer: '/rho', code: 'RHO_INVALID' });
  if (!isNonce(body.nonce)) errors.push({ pointer: '/nonce', code: 'WRONG_FORMAT' });
  const ahead = expires === undefined ? 0 : expires.getTime() - now.getTime();
  if (expires === undefined) errors.push({ pointer: '/expires', code: 'DATE_INVALID' });
  if (ahead > LONGEST_LIFE_MS + CLOCK_SKEW_MS) {
    errors.push({ pointer: '/expires', code: 'TOO_FAR_AHEAD' });
  }
  if (errors.length > 0 || rho === undefined || expires === undefined) {
    throw new Refusal('INVALID_QUERY', 'signed form', { errors });
  }
  const named = versionOf(study, body.study);
  check(named !== undefined, 'STUDY_UNKNOWN', body.study);
  check(named === study, 'STUDY_AMENDED', `version ${study.version} is in force`);
  checkAnalyst(study, signature.analyst, signature.key);
  const valid = verifies(signature.key, body as unknown as Json, signature.signature);
  check(valid, 'SIGNATURE_REJECTED', 'signed query');
  check(ahead > 0, 'QUERY_EXPIRED', body.expires);
  return {
    query: body.query as unknown as Json,
    rho,
    nonce: body.nonce,
    expires,
    analyst: signature.analyst,
    key: signature.key,
  };
}
