/** New drafts, and keys filled into drafts written by hand. */
import { deepStrictEqual } from 'node:assert/strict';
import { test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { parseStudy } from '../../src/study/agreement.ts';
import { draftNames, draftStudy, withKeys } from '../../src/study/draft.ts';
import { anyCohort, exampleDraft, type JsonObject, KEYS, keyedDraft } from './example.ts';
import { refused } from '../support/refused.ts';

const holder = (name: 'lu' | 'jp') => ({
  name,
  country: name.toUpperCase(),
  legalBasis: 'a law',
  identity: KEYS[name].identity.publicText,
  stewards: [KEYS[name].steward.publicText],
  rho: '1/2',
  delta: '0/1',
});

test('a draft from options is a study, with the strict defaults', () => {
  const draft = draftStudy({
    title: 'A study',
    purpose: 'research',
    expires: '2027-12-31',
    holders: [holder('lu'), holder('jp')],
    analysts: [{ name: 'ana', key: KEYS.analyst.publicText }],
    cohort: exampleDraft().cohort!,
  });
  const study = parseStudy(draft, anyCohort);
  deepStrictEqual(
    [study.operations, study.honestHolders, study.minimumCell, study.holders[0]?.stewards.need],
    [['count'], 1, 10, 1],
  );
});

test('keys replace placeholders and leave all else', () => {
  const strip = (entry: Json): Json => {
    const { identity: _i, stewards: _s, key: _k, ...rest } = entry as JsonObject;
    return rest;
  };
  const draft = exampleDraft();
  const bare: JsonObject = {
    ...draft,
    holders: (draft.holders as Json[]).map(strip),
    analysts: [{ name: 'ana', key: 'ed25519:...' }],
  };
  deepStrictEqual(draftNames(bare), { holders: ['lu', 'jp'], analysts: ['ana'] });
  const keys = {
    holders: new Map(
      (['lu', 'jp'] as const).map((name) => {
        const { identity, stewards } = holder(name);
        return [name, { identity, stewards }];
      }),
    ),
    analysts: new Map([['ana', KEYS.analyst.publicText]]),
  };
  deepStrictEqual(withKeys(bare, keys), keyedDraft());
  deepStrictEqual(withKeys(draft, { holders: new Map(), analysts: new Map() }), draft);
});

test('drafts that are none', () => {
  const none = { holders: new Map(), analysts: new Map() };
  deepStrictEqual(
    refused(() => withKeys([], none)),
    ['WRONG_TYPE'],
  );
  deepStrictEqual(
    refused(() => withKeys({ holders: 1 }, none)),
    ['/holders WRONG_TYPE'],
  );
  deepStrictEqual(
    refused(() => withKeys({ holders: [1] }, none)),
    ['/holders/0 WRONG_TYPE'],
  );
  deepStrictEqual(
    refused(() => draftNames(null)),
    ['WRONG_TYPE'],
  );
  deepStrictEqual(
    refused(() => draftNames({ holders: [{ name: 7 }] })),
    ['/holders/0 WRONG_TYPE'],
  );
  deepStrictEqual(
    refused(() => draftNames({ holders: [] })),
    ['/analysts WRONG_TYPE'],
  );
});
