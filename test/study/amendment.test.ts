/** What an amendment changes, in words; what it never may, by code; and who must have signed it. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { queryKey } from '../../src/cohort/normal-form.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { readPartlySigned, termsOf } from '../../src/flows/study-terms.ts';
import { amendmentOf, narrows } from '../../src/study/amendment.ts';
import { AMENDMENT_RULES, type NeverCode } from '../../src/study/amendment-table.ts';
import { isNarrowing } from '../../src/study/narrowing.ts';
import { approvals, signedJson, signStudy, verifySigned } from '../../src/study/signatures.ts';
import { versionOf } from '../../src/study/versions.ts';
import { signedImage } from '../support/image.ts';
import { answering, CONSTANT, i64, RESERVE, wasm } from '../support/wasm-text.ts';
import { refused } from '../support/refused.ts';
import { amendedStudy, signedStudy, studyDraft, studyKeys } from '../support/study.ts';

type Draft = Record<string, Json>;
type Holder = Record<string, Json> & { stewards: { need: number; keys: string[] } };

const keys = studyKeys(['jp', 'lu']);
const first = signedStudy(
  studyDraft(keys, { minimumCell: 5, linkage: null, cohort: { cellsPerPerson: 2 } }),
  keys,
);
const clauseOf = (wasm: Uint8Array): Draft => {
  const { digest, declaration, signers } = signedImage(wasm, {}, [...keys.steward.values()]);
  const place = { digest, place: 'holder', boundary: 'bubblewrap' };
  return {
    ...place,
    declaration: declaration,
    signers: signers,
  };
};
const clause = clauseOf(CONSTANT);
const bob = SigningKey.generate().publicText;
const analysts = (draft: Draft) => draft['analysts'] as { name: string; key: string }[];
const holders = (draft: Draft) => draft['holders'] as unknown as Holder[];
const cohort = (draft: Draft) => draft['cohort'] as Draft;
const columns = (draft: Draft) => cohort(draft)['columns'] as Draft;
const ofLu = (draft: Draft, change: (holder: Holder) => object): Draft => ({
  ...draft,
  holders: holders(draft).map((one) => (one['name'] === 'lu' ? { ...one, ...change(one) } : one)),
});
const inCohort = (draft: Draft, change: Draft): Draft => ({
  ...draft,
  cohort: { ...cohort(draft), ...change },
});
const withBob = (draft: Draft): Draft => ({
  ...draft,
  analysts: [...analysts(draft), { name: 'bob', key: bob }],
});
const withoutBob = (draft: Draft): Draft => ({
  ...draft,
  analysts: analysts(draft).filter(({ name }) => name !== 'bob'),
});
const next = (change: (draft: Draft) => Draft, before: Json = first, signers?: string[]): Json =>
  amendedStudy(before, keys, change, signers);
const changesOf = (signed: Json) => amendmentOf(readPartlySigned(signed).study);

describe('the difference between two versions, in words', () => {
  const CASES: readonly [string, string, (draft: Draft) => Draft][] = [
    ['analyst bob added', 'widens', withBob],
    [
      'expires 2098-12-31 instead of 2099-12-31',
      'narrows',
      (d) => ({ ...d, expires: '2098-12-31' }),
    ],
    [
      'expires 2100-12-31 instead of 2099-12-31',
      'widens',
      (d) => ({ ...d, expires: '2100-12-31' }),
    ],
    [
      'operation mean removed',
      'narrows',
      (d) => ({
        ...d,
        operations: (d['operations'] as string[]).filter((one) => one !== 'mean'),
      }),
    ],
    ['minimum cell: 10 instead of 5', 'narrows', (d) => ({ ...d, minimumCell: 10 })],
    ['minimum cell: 1 instead of 5', 'widens', (d) => ({ ...d, minimumCell: 1 })],
    ['rounding: 5 instead of 1', 'narrows', (d) => ({ ...d, rounding: 5 })],
    [
      'budget of lu: rho 2/1',
      'widens',
      (d) => ({
        ...d,
        budget: { ...(d['budget'] as Draft), lu: { rho: '2/1', delta: '1/1000000' } },
      }),
    ],
    [
      'budget of lu: rho 1/2',
      'narrows',
      (d) => ({
        ...d,
        budget: { ...(d['budget'] as Draft), lu: { rho: '1/2', delta: '1/1000000' } },
      }),
    ],
    [
      'each analyst: limited',
      'narrows',
      (d) => ({
        ...d,
        ceilings: { analyst: { rho: '1/10', delta: '1/1000000' } },
      }),
    ],
    [
      'queries above rho 1/2 wait',
      'narrows',
      (d) => ({ ...d, approval: { above: '1/2', stewards: 1 } }),
    ],
    [
      'column bmi added',
      'widens',
      (d) =>
        inCohort(d, { columns: { ...columns(d), bmi: { type: 'integer', min: 10, max: 80 } } }),
    ],
    [
      'people of lu: 2000 declared',
      'alters',
      (d) => inCohort(d, { declaredSize: { ...(cohort(d)['declaredSize'] as Draft), lu: 2000 } }),
    ],
    [
      'steward of lu ed25519:',
      'widens',
      (d) =>
        ofLu(d, ({ stewards }) => ({
          stewards: { need: 1, keys: [...stewards.keys, SigningKey.generate().publicText] },
        })),
    ],
    ['title: Another', 'alters', (d) => ({ ...d, title: 'Another' })],
    ['legal basis of lu', 'alters', (d) => ofLu(d, () => ({ legalBasis: 'GDPR 9(2)(a)' }))],
  ];
  for (const [words, effect, change] of CASES) {
    test(`${words}: ${effect}`, () => {
      const found = changesOf(next(change));
      strictEqual(found.length, 1);
      ok(found[0]?.words.startsWith(words), found[0]?.words);
      strictEqual(found[0]?.effect, effect);
      strictEqual(narrows(found), effect === 'narrows');
    });
  }
});

describe('what no amendment may change', () => {
  const other = SigningKey.generate().publicText;
  const CASES: Record<NeverCode, (draft: Draft) => Draft> = {
    HOLDERS_FIXED: (d) => ({
      ...d,
      holders: [
        ...holders(d),
        { ...holders(d)[0], name: 'fr', identity: other, stewards: { need: 1, keys: [bob] } },
      ] as never,
      budget: { ...(d['budget'] as Draft), fr: { rho: '1/1', delta: '1/1000000' } },
      cohort: { ...cohort(d), declaredSize: { jp: 1000, lu: 1000, fr: 1000 } },
    }),
    IDENTITY_FIXED: (d) => ofLu(d, () => ({ identity: other })),
    COUNTRY_FIXED: (d) => ofLu(d, () => ({ country: 'FR' })),
    PURPOSE_FIXED: (d) => ({ ...d, purpose: 'marketing' }),
    UNIT_FIXED: (d) => inCohort(d, { cellsPerPerson: 1 }),
    COLUMN_FIXED: (d) =>
      inCohort(d, {
        columns: { ...columns(d), age: { type: 'integer', min: 0, max: 120, unit: 'a' } },
      }),
    NOISE_FIXED: (d) => ({ ...d, honestHolders: 2 }),
    LINKAGE_FIXED: (d) => ({
      ...d,
      linkage: {
        outputs: ['aggregate'],
        disclosure: 'membership',
        cardinality: { epsilon: '1/2', delta: '1/1000000' },
      },
    }),
    IMAGE_FIXED: (d) => ({
      ...d,
      images: [{ ...clause, boundary: 'process' }],
    }),
    KEY_RETIRED: withBob,
    KEY_ROLE_FIXED: (d) => ({
      ...d,
      analysts: [{ name: 'carla', key: keys.analyst.publicText }],
    }),
    UNCHANGED: (d) => d,
  };
  // In no version but the one before the last: a clause is what it was when it comes back.
  const unpushed = next(
    (d) => ({ ...d, images: [] }),
    next((d) => ({ ...d, images: [clause] })),
  );
  const gone = next(withoutBob, next(withBob));
  for (const [code, change] of Object.entries(CASES)) {
    test(code, () => {
      const before = code === 'KEY_RETIRED' ? gone : code === 'IMAGE_FIXED' ? unpushed : first;
      let errors: readonly { code: string }[] | undefined;
      try {
        next(change, before);
      } catch (error) {
        ok(error instanceof Refusal && error.code === 'AMENDMENT_REFUSED', String(error));
        ({ errors } = (error as Refusal<'AMENDMENT_REFUSED'>).fields ?? {});
      }
      ok(
        errors?.some((one) => one.code === code),
        JSON.stringify(errors),
      );
    });
  }
  test('the table has every code with a reason', () => {
    for (const code of Object.keys(CASES))
      ok(
        AMENDMENT_RULES.some(({ may, why }) => may === `never (${code})` && why.length > 20),
        code,
      );
  });
  test('an image that comes back as it was, or another one beside it', () => {
    const back = changesOf(next((d) => ({ ...d, images: [clause] }), unpushed));
    deepStrictEqual(
      back.map(({ effect }) => effect),
      ['widens'],
    );
    const both = next((d) => ({ ...d, images: [clause] }));
    const other = {
      ...clauseOf(wasm({ functions: [RESERVE, [[], answering(...i64(8n))]] })),
      boundary: 'process',
    };
    strictEqual(changesOf(next((d) => ({ ...d, images: [clause, other] }), both)).length, 1);
  });
  test('a version without those before it, or a first version behind another', () => {
    const { history: _, ...alone } = next(withBob) as Draft;
    deepStrictEqual(
      refused(() => readPartlySigned(alone)),
      ['/amends HISTORY_MISSING'],
    );
    const again = { ...(first as Draft), history: [first] };
    deepStrictEqual(
      refused(() => readPartlySigned(again)),
      ['/amends MISSING_FIELD'],
    );
  });
  test('a draft that skips a version, or is of another study', () => {
    const bump = (d: Draft, change: Draft): Draft => ({
      ...withBob(d),
      amends: { ...(d['amends'] as Draft), ...change },
    });
    for (const change of [{ version: 3 }, { previous: '0'.repeat(64) }, { study: '0'.repeat(64) }])
      deepStrictEqual(
        refused(() => next((d) => bump(d, change))),
        ['/amends ANOTHER_HISTORY'],
      );
  });
});

describe('who signs a version', () => {
  const verify = (signed: Json, revoked: readonly string[] = []) =>
    verifySigned(readPartlySigned(signed), revoked);

  test('every holder: the id stays, the digest is another, what was is found again', () => {
    const before = verify(first);
    const after = verify(next(withBob));
    strictEqual(after.id, before.id);
    ok(after.agreement !== before.agreement && after.version === 2);
    strictEqual(versionOf(after, before.agreement)?.analysts.length, 1);
    strictEqual(verify(next(withoutBob, next(withBob))).version, 3);
  });

  test('of one holder only, mixed from two amendments, or of before a change', () => {
    deepStrictEqual(
      refused(() => verify(next(withBob, first, ['lu']))),
      ['STUDY_UNSIGNED'],
    );
    const [a, b] = [next(withBob), next((d) => ({ ...d, title: 'B' }))] as [Draft, Draft];
    deepStrictEqual(
      refused(() => verify({ ...a, signatures: b['signatures'] ?? null })),
      ['SIGNATURE_REJECTED'],
    );
    const old = (first as Draft)['signatures'] ?? null;
    deepStrictEqual(
      refused(() => verify({ ...a, signatures: old })),
      ['SIGNATURE_REJECTED'],
    );
  });

  test('stewards of before and of after: k of n of each, nobody twice, nobody revoked', () => {
    const [one, two] = [SigningKey.generate(), SigningKey.generate()];
    const replaced = next((d) =>
      ofLu(d, ({ stewards }) => ({
        stewards: { need: 2, keys: [...stewards.keys, one.publicText, two.publicText] },
      })),
    );
    const { study, history = [], signatures } = readPartlySigned(replaced);
    const signed = (more: readonly SigningKey[]) => ({
      study,
      history,
      signatures: [...signatures, ...more.map((key) => signStudy(study, 'lu', key))],
    });
    const lu = (more: readonly SigningKey[], revoked: readonly string[] = []) =>
      approvals(signed(more), revoked).find(({ holder }) => holder === 'lu');
    // The old steward of lu signed: enough for before, one of two for after.
    deepStrictEqual(lu([]), { holder: 'lu', given: 1, need: 2 });
    deepStrictEqual(
      refused(() => verifySigned(signed([]))),
      ['STUDY_UNSIGNED'],
    );
    strictEqual(verifySigned(signed([one])).version, 2);
    deepStrictEqual(
      refused(() => verifySigned(signed([one, one]))),
      ['SIGNATURE_REJECTED'],
    );
    deepStrictEqual(
      refused(() => verifySigned(signed([one]), [one.publicText])),
      ['STUDY_UNSIGNED'],
    );
    strictEqual(verifySigned(signed([one, two]), [one.publicText]).version, 2);
    // Only new stewards: those of before did not agree.
    const onlyNew = {
      study,
      history,
      signatures: [
        ...signatures.filter(({ holder }) => holder === 'jp'),
        signStudy(study, 'lu', one),
        signStudy(study, 'lu', two),
      ],
    };
    deepStrictEqual(
      refused(() => verifySigned(onlyNew)),
      ['STUDY_UNSIGNED'],
    );
    ok(JSON.stringify(signedJson(onlyNew)).includes(one.publicText));
  });

  test('a narrowing needs the stewards of one holder, and a widening is none', () => {
    const before = next(withBob);
    const narrowing = readPartlySigned(next(withoutBob, before, ['jp']));
    strictEqual(isNarrowing(narrowing), true);
    strictEqual(isNarrowing(narrowing, [keys.steward.get('jp')?.publicText ?? '']), false);
    strictEqual(isNarrowing(readPartlySigned(next(withoutBob, before, []))), false);
    strictEqual(isNarrowing(readPartlySigned(next(withBob, first, ['lu']))), false);
  });
});

test('a query means the same while only people and budgets change, and another thing after a threshold', () => {
  const query = {
    format: 'kakehashi/query/1',
    measures: [{ name: 'n', count: true }],
    rho: '1/100',
  };
  const keyIn = (signed: Json) => {
    const terms = termsOf(readPartlySigned(signed).study);
    return queryKey(terms, parseQuery(query, terms));
  };
  strictEqual(keyIn(next(withBob)), keyIn(first));
  ok(keyIn(next((d) => ({ ...d, minimumCell: 1 }))) !== keyIn(first));
  const twice = next(
    withBob,
    next((d) => ({ ...d, minimumCell: 1 })),
  );
  strictEqual(keyIn(twice), keyIn(next((d) => ({ ...d, minimumCell: 1 }))));
});
