/** What a holder states about the keys of a run: about that run, and signed by it. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { erasureDigest, signErasure } from '../../src/audit/erasure.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { canonicalBytes } from '../../src/base/canonical-json.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { attestedIn, readStatement } from '../../src/sandbox/statements.ts';
import { refusal } from '../support/refusal.ts';

const key = SigningKey.generate();
const [study, run] = ['a'.repeat(64), 'b'.repeat(64)];
const signed = signErasure(
  {
    ...{ study, holder: 'lu', of: { kind: 'run', id: run }, keys: ['run-key'] },
    ...{ sandbox: null, at: new Date(0) },
  },
  key,
);
const frame = { study, run, from: 'lu', body: canonicalBytes(signed) };

test('is taken from the holder that signed it, and named by its digest', () => {
  deepStrictEqual(readStatement(frame, key.publicText), signed);
  deepStrictEqual(attestedIn(frame), { holder: 'lu', digest: erasureDigest(signed) });
});

test('about another study, run or holder, or about columns, is malformed', () => {
  const malformed = refusal('MALFORMED_MESSAGE');
  const columns = signErasure(
    { ...signed.erasure, of: { kind: 'columns', id: run }, at: new Date(0) },
    key,
  );
  for (const change of [
    { study: run },
    { run: study },
    { from: 'jp' },
    { body: canonicalBytes(columns) },
    { body: canonicalBytes({ ...signed, more: 1 }) },
    { body: utf8('{') },
    { body: new Uint8Array(0) },
  ]) {
    throws(() => readStatement({ ...frame, ...change }, key.publicText), malformed);
  }
});

test('of another key is refused', () => {
  const other = SigningKey.generate().publicText;
  throws(() => readStatement(frame, other), refusal('SIGNATURE_REJECTED'));
});
