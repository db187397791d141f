/** A refusal shows its fixed sentence and public fields; the detail and the cause stay inside. */
import { deepStrictEqual, equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { asRefusal, check, PUBLIC_MESSAGE, Refusal, refuseAs } from '../../src/base/errors.ts';
import { refusal } from '../support/refusal.ts';

describe('refusals', () => {
  test('every sentence is one, fixed, without a place to fill in', () => {
    const sentences = Object.values<string>(PUBLIC_MESSAGE);
    for (const sentence of sentences) ok(/^[A-Z][^%{}$:\n]*\.$/.test(sentence), sentence);
    equal(new Set(sentences).size, sentences.length);
    ok(Object.keys(PUBLIC_MESSAGE).every((code) => /^[A-Z]+(?:_[A-Z]+)*$/.test(code)));
  });

  test('check throws the code with the detail apart from the message', () => {
    check(true, 'INTERNAL', 'unused');
    throws(
      () => check(false, 'PLAN_MISMATCH', 'canary'),
      (error) =>
        error instanceof Refusal &&
        error.code === 'PLAN_MISMATCH' &&
        error.detail === 'canary' &&
        error.message === PUBLIC_MESSAGE.PLAN_MISMATCH &&
        !String(error).includes('canary'),
    );
  });

  test('fields belong to their code', () => {
    const fields = { holder: 'lu', asked: '1/2', spent: '1/4', left: '1/4' };
    deepStrictEqual(new Refusal('BUDGET_EXHAUSTED', '', fields).fields, fields);
    equal(new Refusal('INTERNAL', '').fields, undefined);
  });

  test('refuseAs keeps a refusal and turns everything else into the code', () => {
    equal(
      refuseAs('MALFORMED_MESSAGE', 'd', () => 7),
      7,
    );
    throws(
      () => refuseAs('MALFORMED_MESSAGE', 'd', () => check(false, 'STUDY_EXPIRED', 'inner')),
      refusal('STUDY_EXPIRED'),
    );
    const cause = new TypeError('with data in it');
    throws(
      () =>
        refuseAs('MALFORMED_MESSAGE', 'd', () => {
          throw cause;
        }),
      (error) => refusal('MALFORMED_MESSAGE')(error) && (error as Refusal).cause === cause,
    );
  });

  test('asRefusal says INTERNAL of what nobody expected', () => {
    const known = new Refusal('NOT_FOUND', 'x');
    equal(asRefusal(known), known);
    const wrapped = asRefusal(new Error('row 17: Müller'));
    equal(wrapped.code, 'INTERNAL');
    equal(wrapped.message.includes('Müller') || wrapped.detail.includes('Müller'), false);
  });
});
