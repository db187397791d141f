/** The study draft: what is accepted, its id, its terms and words. */
import { deepStrictEqual, notDeepStrictEqual, throws } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'vitest';
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { Rational } from '../../src/base/rational.ts';
import { parseStudy } from '../../src/study/agreement.ts';
import { checkLive, expiryOf, studyTerms } from '../../src/study/terms.ts';
import { anyCohort, exampleDraft, type JsonObject, keyedDraft, keyedStudy } from './example.ts';
import { refused } from '../support/refused.ts';

const parse = (draft: unknown) => parseStudy(draft as Json, anyCohort);

test('the example of DESIGN 9 is accepted; its id is the SHA-256 of its RFC 8785 bytes', () => {
  const draft = exampleDraft();
  const study = parse(draft);
  deepStrictEqual(study.id, createHash('sha256').update(canonicalJson(draft)).digest('hex'));
  deepStrictEqual(
    study.holders.map(({ name }) => name),
    ['jp', 'lu'],
  );
  deepStrictEqual(study.budget.get('lu'), {
    rho: Rational.of(1, 2),
    delta: Rational.of(1, 1_000_000),
  });
  deepStrictEqual([study.honestHolders, study.minimumCell], [1, 10]);
});

test('key order and white space do not change the id, anything else does', () => {
  const draft = exampleDraft();
  const reversed = Object.fromEntries(Object.entries(draft).reverse());
  deepStrictEqual(parse(reversed).id, parse(draft).id);
  deepStrictEqual(parse(parseStrict(JSON.stringify(draft, null, 7))).id, parse(draft).id);
  notDeepStrictEqual(parse({ ...draft, minimumCell: 11 }).id, parse(draft).id);
});

test('what is signed is a copy: the caller cannot change it afterwards', () => {
  const draft = keyedDraft();
  const study = parse(draft);
  draft.title = 'other';
  deepStrictEqual((study.draft as JsonObject).title, 'HbA1c by age');
});

test('JSON with a key twice is no study', () => {
  const text = canonicalJson(exampleDraft()).replace('"purpose"', '"title":"x","purpose"');
  throws(() => parseStrict(text), Refusal);
});

describe('terms', () => {
  const study = keyedStudy();
  test('live until the end of the last day, UTC', () => {
    deepStrictEqual(expiryOf(study).toISOString(), '2028-01-01T00:00:00.000Z');
    checkLive(study, new Date('2027-12-31T23:59:59.999Z'));
    deepStrictEqual(
      refused(() => checkLive(study, new Date('2028-01-01T00:00:00.000Z'))),
      ['STUDY_EXPIRED'],
    );
  });
  test('what a query is compiled against', () => {
    deepStrictEqual(studyTerms(study), {
      study: study.id,
      basis: study.id,
      holders: ['jp', 'lu'],
      honestHolders: 1,
      cohort: keyedDraft().cohort,
      operations: ['count', 'mean', 'survival'],
      minimumCell: 10,
      rounding: undefined,
      linkage: undefined,
    });
  });
});
