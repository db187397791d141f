/** A problem document says one of our refusals, with its own public fields, or nothing. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import {
  refusalOfDocument,
  refusalOfResponse,
} from '../../../src/engine/transport/problem-response.ts';

const type = (code: string): string => `urn:kakehashi:problem:${code}`;
const answer = (text: string) => refusalOfResponse({ status: 403, body: utf8(text) });

test('the code, our own sentence, and the fields of the code', () => {
  const fields = { holder: 'lu', asked: '1/2', spent: '0/1', left: '1/4' };
  const document = { type: type('BUDGET_EXHAUSTED'), title: 'Pay!', status: 403, ...fields };
  const refusal = answer(JSON.stringify({ ...document, instance: 'r-1', secret: 'x' }));
  strictEqual(refusal.code, 'BUDGET_EXHAUSTED');
  strictEqual(refusal.message, 'The privacy budget does not cover this release.');
  deepStrictEqual(refusal.fields, fields);
  strictEqual(refusal.detail, 'status 403 r-1');
});

test('the rule that a study breaks, with its citation', () => {
  const fields = { holder: 'jp', rule: 'appi-27-2', cites: 'APPI Art. 27(2)' };
  const refusal = answer(JSON.stringify({ type: type('RULE_REFUSED'), ...fields, left: '1/2' }));
  strictEqual(refusal.code, 'RULE_REFUSED');
  deepStrictEqual(refusal.fields, fields);
});

test('fields of another code, or of a wrong shape, are left out', () => {
  const stranger = { type: type('NOT_FOUND'), holder: 'lu', asked: '1/2' };
  strictEqual(refusalOfDocument(stranger, '')?.fields, undefined);
  const wrong = { type: type('BUDGET_EXHAUSTED'), holder: 'lu', asked: 1, spent: 2, left: 3 };
  strictEqual(refusalOfDocument(wrong, '')?.fields, undefined);
  const steering = { type: type('INVALID_QUERY'), errors: [{ pointer: '/\u001b[2J', code: 'X' }] };
  strictEqual(refusalOfDocument(steering, '')?.fields, undefined);
});

test('a holder tells its own staff the reason', () => {
  const document = { type: type('COHORT_COLUMN_MISSING'), reason: 'file 1: age' };
  strictEqual(refusalOfDocument(document, '')?.detail, 'file 1: age');
});

test('what is no problem document of ours', () => {
  const strangers = ['', '<html>', '{}', '[]', 'null', '{"type":"about:blank"}', '{"type":1}'];
  for (const text of [
    ...strangers,
    `{"type":"${type('NO_SUCH_CODE')}"}`,
    `{"type":"${type('constructor')}"}`,
  ]) {
    strictEqual(answer(text).code, 'SANDBOX_RESPONSE');
  }
});
