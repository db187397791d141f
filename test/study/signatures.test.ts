/** Approval of a study, and that nothing signed can be changed. */
import { deepStrictEqual, ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { canonicalJson, type Json, parseStrict } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { DOMAIN, SigningKey } from '../../src/base/sign.ts';
import {
  approvals,
  parseSigned,
  signedJson,
  signStudy,
  type StudySignature,
  verifySigned,
} from '../../src/study/signatures.ts';
import { anyCohort, type JsonObject, KEYS, keyedDraft, keyedStudy, tampered } from './example.ts';
import { refused } from '../support/refused.ts';

const study = keyedStudy();
const lu = signStudy(study, 'lu', KEYS.lu.steward);
const jp = signStudy(study, 'jp', KEYS.jp.steward);
const verify = (signatures: readonly StudySignature[]) => verifySigned({ study, signatures });

test('one steward of every holder: the study stands, also through its text', () => {
  deepStrictEqual(verify([jp, lu]), study);
  const text = canonicalJson(signedJson({ study, signatures: [lu, jp] }));
  const read = parseSigned(parseStrict(text), anyCohort);
  deepStrictEqual(verifySigned(read).id, study.id);
});

test('a missing holder, and nobody at all', () => {
  deepStrictEqual(
    refused(() => verify([lu])),
    ['STUDY_UNSIGNED'],
  );
  deepStrictEqual(
    refused(() => verify([])),
    ['STUDY_UNSIGNED'],
  );
  deepStrictEqual(approvals({ study, signatures: [lu] }), [
    { holder: 'jp', given: 0, need: 1 },
    { holder: 'lu', given: 1, need: 1 },
  ]);
});

test('two stewards needed: one is not enough, the same one twice is refused', () => {
  const second = SigningKey.generate();
  const [first, other] = keyedDraft().holders as [JsonObject, JsonObject];
  const keys = [KEYS.lu.steward.publicText, second.publicText];
  const strict = keyedStudy({ holders: [{ ...first, stewards: { need: 2, keys } }, other] });
  const [a, b, c] = [
    signStudy(strict, 'lu', KEYS.lu.steward),
    signStudy(strict, 'lu', second),
    signStudy(strict, 'jp', KEYS.jp.steward),
  ];
  deepStrictEqual(verifySigned({ study: strict, signatures: [a, b, c] }).id, strict.id);
  deepStrictEqual(
    refused(() => verifySigned({ study: strict, signatures: [a, c] })),
    ['STUDY_UNSIGNED'],
  );
  deepStrictEqual(
    refused(() => verifySigned({ study: strict, signatures: [a, a, c] })),
    ['SIGNATURE_REJECTED'],
  );
});

describe('signatures that are refused', () => {
  const foreign = KEYS.stranger.signObject(DOMAIN.study, study.draft);
  const identity = KEYS.lu.identity.signObject(DOMAIN.study, study.draft);
  const otherDomain = KEYS.lu.steward.signObject(DOMAIN.query, study.draft);
  const otherStudy = KEYS.lu.steward.signObject(DOMAIN.study, keyedStudy({ minimumCell: 3 }).draft);
  const cases: readonly [string, StudySignature][] = [
    ['of a stranger', { holder: 'lu', key: KEYS.stranger.publicText, signature: foreign }],
    ['of a stranger under a steward key', { ...lu, signature: foreign }],
    [
      'of the identity key',
      { holder: 'lu', key: KEYS.lu.identity.publicText, signature: identity },
    ],
    ['of a steward of the other holder', { ...jp, holder: 'lu' }],
    ['for a holder that is not there', { ...lu, holder: 'fr' }],
    ['under another domain tag', { ...lu, signature: otherDomain }],
    ['over another study', { ...lu, signature: otherStudy }],
    ['that is no base64url', { ...lu, signature: '!'.repeat(86) }],
    ['of zeros', { ...lu, signature: 'A'.repeat(86) }],
  ];
  test.each(cases)('%s', (_, bad) => {
    deepStrictEqual(
      refused(() => verify([bad, jp])),
      ['SIGNATURE_REJECTED'],
    );
    // Also where the study would stand without it.
    deepStrictEqual(
      refused(() => verify([lu, jp, bad])),
      ['SIGNATURE_REJECTED'],
    );
  });
});

test('a key that is no steward of that holder cannot sign', () => {
  for (const key of [KEYS.stranger, KEYS.jp.steward, KEYS.lu.identity]) {
    deepStrictEqual(
      refused(() => signStudy(study, 'lu', key)),
      ['FORBIDDEN'],
    );
  }
  deepStrictEqual(
    refused(() => signStudy(study, 'fr', KEYS.lu.steward)),
    ['FORBIDDEN'],
  );
});

describe('the signed form', () => {
  const signed = signedJson({ study, signatures: [lu, jp] }) as JsonObject;
  const cases: readonly [string, Json, readonly string[]][] = [
    ['unknown field', { ...signed, note: 1 }, ['/note UNKNOWN_FIELD']],
    ['no signatures', { study: study.draft }, ['/signatures MISSING_FIELD']],
    [
      'short signature',
      { ...signed, signatures: [{ ...lu, signature: 'x' }] },
      ['/signatures/0/signature WRONG_LENGTH'],
    ],
    [
      'field in a signature',
      { ...signed, signatures: [{ ...lu, at: 1 }] },
      ['/signatures/0/at UNKNOWN_FIELD'],
    ],
    ['not an object', [], ['WRONG_TYPE']],
  ];
  test.each(cases)('%s', (_, json, expected) =>
    deepStrictEqual(
      refused(() => parseSigned(json, anyCohort)),
      expected,
    ),
  );

  test('no change of any member of the study or of a signature survives', () => {
    let tried = 0;
    for (const changed of tampered(signed, 5)) {
      try {
        verifySigned(parseSigned(changed, anyCohort));
      } catch (error) {
        ok(error instanceof Refusal, String(error));
        tried += 1;
        continue;
      }
      ok(false, `accepted: ${canonicalJson(changed)}`);
    }
    ok(tried > 250);
  });
});
