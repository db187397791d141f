/** Statements of erasure: signed by whom they name, of one format whatever is gone. */
import { deepStrictEqual, notStrictEqual, strictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import {
  erasureDigest,
  MOST_KEYS,
  readErasure,
  signErasure,
  verifyErasure,
} from '../../src/audit/erasure.ts';
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { MAX_HOLDERS } from '../../src/base/limits.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { LIMITS } from '../../src/cohort/query-shape.ts';
import { refusal } from '../support/refusal.ts';

const key = SigningKey.generate();
const facts = {
  study: 'a'.repeat(64),
  holder: 'lu',
  of: { kind: 'run', id: 'b'.repeat(64) },
  keys: ['mask-key/jp', 'run-key'],
  sandbox: null,
  at: new Date('2026-11-28T18:00:00.000Z'),
} as const;
const signed = signErasure({ ...facts, keys: [...facts.keys] }, key);
const json = (value: unknown): Json => parseStrict(canonicalJson(value));

describe('a statement of erasure', () => {
  test('is read as it was written and stands under its key', () => {
    deepStrictEqual(readErasure(json(signed)), signed);
    strictEqual(verifyErasure(signed, key.publicText).at, '2026-11-28T18:00:00.000Z');
    const later = signErasure({ ...facts, keys: [], at: new Date(1) }, key);
    notStrictEqual(erasureDigest(signed), erasureDigest(later));
  });

  test('of another key, or with any field altered, is refused', () => {
    const rejected = refusal('SIGNATURE_REJECTED');
    throws(() => verifyErasure(signed, SigningKey.generate().publicText), rejected);
    const changes = [
      { study: 'c'.repeat(64) },
      { holder: 'jp' },
      { of: { kind: 'columns', id: 'b'.repeat(64) } },
      { keys: [] },
      { sandbox: { ciphertexts: 1, bytes: 1 } },
      { at: '2026-11-28T18:00:00.001Z' },
    ];
    for (const change of changes) {
      const erasure = { ...signed.erasure, ...change } as typeof signed.erasure;
      throws(() => verifyErasure({ ...signed, erasure }, key.publicText), rejected);
    }
  });

  test('has room for a key of every holder for every program of a query, and no more', () => {
    const named = (length: number) =>
      signErasure(
        { ...facts, keys: Array.from({ length }, (_, i) => `upload/h${i % MAX_HOLDERS}/${i}`) },
        key,
      );
    strictEqual(MOST_KEYS, MAX_HOLDERS * LIMITS.measures);
    deepStrictEqual(readErasure(json(named(MOST_KEYS))), named(MOST_KEYS));
    throws(() => readErasure(json(named(MOST_KEYS + 1))), refusal('MALFORMED_MESSAGE'));
  });

  test('of another shape is refused', () => {
    const malformed = refusal('MALFORMED_MESSAGE');
    const changes = [
      { format: 'kakehashi/erasure/1' },
      { of: { kind: 'everything', id: 'b'.repeat(64) } },
      { keys: ['../../etc'] },
      { sandbox: { ciphertexts: -1, bytes: 0 } },
      { at: 'yesterday' },
      { note: 'x' },
    ];
    for (const change of changes) {
      throws(
        () => readErasure(json({ ...signed, erasure: { ...signed.erasure, ...change } })),
        malformed,
      );
    }
    throws(() => readErasure(json({ ...signed, signature: '' })), malformed);
    throws(() => readErasure(null), malformed);
  });
});
