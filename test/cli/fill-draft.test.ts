/** Keys go where they belong; everything else of a draft stays as it is. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { demoStudy } from '../../src/cli/demo-study.ts';
import { analystName, fillDraft, holderNames, stewardsNeeded } from '../../src/cli/fill-draft.ts';
import { readDraft } from '../../src/flows/study-terms.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { refusal } from '../support/refusal.ts';
import { refused } from '../support/refused.ts';

const NONE = { identities: new Map(), stewards: new Map(), analysts: new Map() };
const key = (): string => SigningKey.generate().publicText;

describe('filling a draft', () => {
  test('holders without any key, and no analysts at all', () => {
    const draft = { holders: [{ name: 'lu', country: 'LU' }] };
    const filled = fillDraft(draft, {
      identities: new Map([['lu', 'I']]),
      stewards: new Map([['lu', ['S', 'T']]]),
      analysts: new Map([['ana', 'A']]),
    });
    deepStrictEqual(filled, {
      holders: [
        { name: 'lu', country: 'LU', identity: 'I', stewards: { need: 1, keys: ['S', 'T'] } },
      ],
      analysts: [{ name: 'ana', key: 'A' }],
    });
  });

  test('what was there stays: other keys, need, other analysts', () => {
    const draft = {
      holders: [{ name: 'lu', identity: 'I', stewards: { need: 2, keys: ['S'] } }],
      analysts: [
        { name: 'ana', key: 'A' },
        { name: 'ben', key: 'B' },
      ],
    };
    deepStrictEqual(fillDraft(draft, NONE), draft);
    const filled = fillDraft(draft, {
      ...NONE,
      stewards: new Map([['lu', ['X', 'Y']]]),
      analysts: new Map([['ben', 'C']]),
    });
    deepStrictEqual(filled, {
      holders: [{ name: 'lu', identity: 'I', stewards: { need: 2, keys: ['X', 'Y'] } }],
      analysts: [
        { name: 'ana', key: 'A' },
        { name: 'ben', key: 'C' },
      ],
    });
  });

  test('the study of the demonstration is a study once it has keys', () => {
    const study = readDraft(
      fillDraft(demoStudy(), {
        identities: new Map([
          ['lu', key()],
          ['jp', key()],
        ]),
        stewards: new Map([
          ['lu', [key()]],
          ['jp', [key()]],
        ]),
        analysts: new Map([['ana', key()]]),
      }),
    );
    deepStrictEqual(
      study.holders.map(({ name }) => name),
      ['jp', 'lu'],
    );
  });

  test('what is no draft', () => {
    const wrong: Json[] = [null, [], 'x', {}, { holders: 1 }, { holders: [1] }, { holders: [{}] }];
    for (const draft of wrong) throws(() => holderNames(draft), refusal('INVALID_STUDY'));
    // Names become directories.
    for (const name of ['..', 'a/b', '', 'LU']) {
      throws(() => holderNames({ holders: [{ name }] }), refusal('INVALID_STUDY'));
    }
    deepStrictEqual(
      [[], { holders: 1 }, { holders: [1] }].map((draft) => refused(() => fillDraft(draft, NONE))),
      [['WRONG_TYPE'], ['/holders WRONG_TYPE'], ['/holders WRONG_TYPE']],
    );
    const twice = { holders: [{ name: 'lu' }, { name: 'lu' }] };
    throws(() => holderNames(twice), refusal('INVALID_STUDY'));
    throws(
      () => fillDraft({ holders: [] }, { ...NONE, identities: new Map([['fr', 'I']]) }),
      refusal('USAGE'),
    );
  });

  test('how many stewards and which analyst', () => {
    const draft = { holders: [{ name: 'lu', stewards: { need: 3 } }, { name: 'jp' }] };
    deepStrictEqual([stewardsNeeded(draft, 'lu'), stewardsNeeded(draft, 'jp')], [3, 1]);
    deepStrictEqual(analystName({ analysts: [{ name: 'ben' }] }), 'ben');
    deepStrictEqual(
      [analystName({}), analystName({ analysts: [{ name: '../x' }] })],
      ['ana', 'ana'],
    );
  });
});
