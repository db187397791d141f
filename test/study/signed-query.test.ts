/** Signed queries: round trip, life, analysts, and that nothing signed can be changed. */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../src/base/bytes.ts';
import {
  canonicalBytes,
  canonicalJson,
  type Json,
  parseStrict,
} from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { systemRng } from '../../src/base/rng.ts';
import { DOMAIN, type SigningKey } from '../../src/base/sign.ts';
import { signQuery, verifyQuery } from '../../src/study/signed-query.ts';
import { type JsonObject, KEYS, keyedStudy, tampered } from './example.ts';
import { refused } from '../support/refused.ts';

const study = keyedStudy();
const now = new Date('2026-03-01T12:00:00.000Z');
const later = (ms: number): Date => new Date(now.getTime() + ms);
const HOUR = 3_600_000;
const query: Json = {
  format: 'kakehashi/query/1',
  rho: '1/200',
  measures: [{ name: 'n', count: true }],
};
const ana = { name: 'ana', key: KEYS.analyst };
const sign = (expires = later(HOUR)): JsonObject =>
  signQuery(study, { query, rho: Rational.of(1, 200), expires }, ana, systemRng) as JsonObject;

/** A body of any content under a good signature. */
const signedBy = (key: SigningKey, change: JsonObject, analyst = 'ana'): Json => {
  const { signature: _, ...body } = { ...sign(), ...change };
  return {
    ...body,
    signature: { analyst, key: key.publicText, signature: key.signObject(DOMAIN.query, body) },
  };
};

test('what was signed is what is read, also through text', () => {
  const signed = sign();
  const read = verifyQuery(parseStrict(canonicalJson(signed)), study, now);
  deepStrictEqual(read, {
    query,
    rho: Rational.of(1, 200),
    nonce: signed.nonce,
    expires: later(HOUR),
    analyst: 'ana',
    key: KEYS.analyst.publicText,
  });
  notDeepStrictEqual(sign().nonce, sign().nonce);
});

describe('life', () => {
  const at = (expires: Date) => verifyQuery(sign(expires), study, now);
  test('up to 24 hours', () => deepStrictEqual(at(later(24 * HOUR)).expires, later(24 * HOUR)));
  test('over', () => {
    deepStrictEqual(
      refused(() => at(now)),
      ['QUERY_EXPIRED'],
    );
    deepStrictEqual(
      refused(() => at(later(-1))),
      ['QUERY_EXPIRED'],
    );
  });
  test('too long, beyond what clocks may differ', () => {
    at(later(24 * HOUR + 300_000));
    deepStrictEqual(
      refused(() => at(later(24 * HOUR + 300_001))),
      ['/expires TOO_FAR_AHEAD'],
    );
  });
});

describe('refusals', () => {
  const cases: readonly [string, () => Json, readonly string[]][] = [
    ['a stranger', () => signedBy(KEYS.stranger, {}), ['FORBIDDEN']],
    ['a steward', () => signedBy(KEYS.lu.steward, {}), ['FORBIDDEN']],
    ['an analyst under another name', () => signedBy(KEYS.analyst, {}, 'bob'), ['FORBIDDEN']],
    ['another study', () => signedBy(KEYS.analyst, { study: 'ab'.repeat(32) }), ['STUDY_UNKNOWN']],
    ['rho zero', () => signedBy(KEYS.analyst, { rho: '0/1' }), ['/rho RHO_INVALID']],
    [
      'rho not in lowest terms',
      () => signedBy(KEYS.analyst, { rho: '2/400' }),
      ['/rho RHO_INVALID'],
    ],
    [
      'nonce of 15 bytes',
      () => signedBy(KEYS.analyst, { nonce: 'A'.repeat(20) }),
      ['/nonce WRONG_FORMAT'],
    ],
    [
      'nonce of 33 bytes',
      () => signedBy(KEYS.analyst, { nonce: 'A'.repeat(44) }),
      ['/nonce WRONG_FORMAT'],
    ],
    [
      'nonce with loose bits',
      () => signedBy(KEYS.analyst, { nonce: `${'A'.repeat(21)}B` }),
      ['/nonce WRONG_FORMAT'],
    ],
    [
      'an instant in another spelling',
      () => signedBy(KEYS.analyst, { expires: '2026-03-01T13:00:00+0000' }),
      ['/expires DATE_INVALID'],
    ],
    [
      'an instant that is none',
      () => signedBy(KEYS.analyst, { expires: '2026-02-30T13:00:00.000Z' }),
      ['/expires DATE_INVALID'],
    ],
    ['a query that is text', () => signedBy(KEYS.analyst, { query: 'x' }), ['/query WRONG_TYPE']],
    ['unknown field', () => signedBy(KEYS.analyst, { to: 'lu' }), ['/to UNKNOWN_FIELD']],
    [
      'field in the signature',
      () => ({ ...sign(), signature: { ...(sign().signature as JsonObject), at: 1 } }),
      ['/signature/at UNKNOWN_FIELD'],
    ],
    [
      'no signature',
      () => {
        const { signature: _, ...body } = sign();
        return body;
      },
      ['/signature MISSING_FIELD'],
    ],
    ['not an object', () => null, ['WRONG_TYPE']],
  ];
  test.each(cases)('%s', (_, signed, expected) =>
    deepStrictEqual(
      refused(() => verifyQuery(signed(), study, now)),
      expected,
    ),
  );

  test('a signature under another domain tag, or of another query', () => {
    const { signature, ...body } = sign();
    const as = (text: string): Json => ({
      ...body,
      signature: { ...(signature as JsonObject), signature: text },
    });
    const wrong = [
      KEYS.analyst.signObject(DOMAIN.study, body),
      (sign().signature as JsonObject).signature as string,
    ];
    for (const text of wrong)
      deepStrictEqual(
        refused(() => verifyQuery(as(text), study, now)),
        ['SIGNATURE_REJECTED'],
      );
  });

  test('text that has no canonical form', () => {
    const bad = { ...sign(), query: { x: 'a\u0301' } };
    deepStrictEqual(
      refused(() => verifyQuery(bad, study, now)),
      ['SIGNATURE_REJECTED'],
    );
  });

  test('only an analyst of the study can sign', () => {
    const asked = { query, rho: Rational.of(1, 200), expires: later(HOUR) };
    deepStrictEqual(
      refused(() => signQuery(study, asked, { name: 'ana', key: KEYS.stranger }, systemRng)),
      ['FORBIDDEN'],
    );
  });
});

test('no change of any leaf of a signed query survives', () => {
  for (const changed of tampered(sign())) {
    try {
      verifyQuery(changed, study, now);
    } catch (error) {
      ok(error instanceof Refusal, String(error));
      continue;
    }
    ok(false, `accepted: ${canonicalJson(changed)}`);
  }
});

test('no flipped bit of the text or of the signature survives', () => {
  const signed = sign();
  const bytes = canonicalBytes(signed);
  for (let i = 0; i < bytes.length; i++) {
    const flipped = Uint8Array.from(bytes);
    flipped[i] = flipped[i]! ^ (1 << (i % 8));
    const text = Buffer.from(flipped).toString('utf8');
    ok(
      refused(() => verifyQuery(parseStrict(text), study, now))[0] !== 'nothing was refused',
      `byte ${i}`,
    );
  }
  const signature = signed.signature as JsonObject;
  const raw = fromBase64Url(signature.signature as string);
  for (let i = 0; i < raw.length; i++) {
    const flipped = Uint8Array.from(raw, (byte, j) => (i === j ? byte ^ 1 : byte));
    const bad = { ...signed, signature: { ...signature, signature: toBase64Url(flipped) } };
    deepStrictEqual(
      refused(() => verifyQuery(bad, study, now)),
      ['SIGNATURE_REJECTED'],
    );
  }
});
