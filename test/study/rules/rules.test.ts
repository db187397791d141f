/** Rules of jurisdictions: for every row of the table a study that passes and one that is refused. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Refusal } from '../../../src/base/errors.ts';
import { checkRules, type RuleFacts, rulesOf } from '../../../src/study/rules/evaluate.ts';
import { provisionsOf, purposeOf } from '../../../src/study/rules/facts.ts';
import { type Rule, RULES } from '../../../src/study/rules/table.ts';

type Words = {
  readonly lu?: string;
  readonly jp?: string;
  readonly purpose?: string;
  readonly minimumCell?: number;
  readonly outputs?: readonly string[];
  readonly countries?: readonly [string, string];
};

const study = (words: Words): RuleFacts => {
  const { lu = 'GDPR 9(2)(j)', jp = 'APPI 27(1)(v)', countries = ['LU', 'JP'] } = words;
  return {
    holders: [
      { name: 'lu', country: countries[0], legalBasis: lu },
      { name: 'jp', country: countries[1], legalBasis: jp },
    ],
    purpose: words.purpose ?? 'research',
    minimumCell: words.minimumCell ?? 0,
    linkage: words.outputs && { outputs: words.outputs },
  };
};

/** `holder rule | citation` of the refusal, or undefined. */
function refusedBy(words: Words, table?: readonly Rule[]): string | undefined {
  try {
    checkRules(study(words), table);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'RULE_REFUSED') throw error;
    const { holder, rule, cites } = (error as Refusal<'RULE_REFUSED'>).fields!;
    return `${holder} ${rule} | ${cites}`;
  }
  return undefined;
}

const EHDS = 'Regulation (EU) 2025/327';

/** rule, a study under it that passes, one that is refused, and how the refusal cites the rule. */
const CASES: readonly (readonly [string, Words, Words, string])[] = [
  [
    'gdpr-9-1',
    { lu: 'GDPR 6(1)(e), 9(2)(j)' },
    { lu: 'GDPR 6(1)(e)' },
    'lu gdpr-9-1 | GDPR Art. 9(1), 9(2)',
  ],
  [
    'gdpr-9-2-i',
    { lu: 'GDPR 9(2)(i)', jp: 'agreement', purpose: 'public health' },
    { lu: 'GDPR 9(2)(i)', jp: 'agreement', purpose: 'insurance' },
    'lu gdpr-9-2-i | GDPR Art. 9(2)(i), recital 54',
  ],
  [
    'gdpr-9-2-j',
    { jp: 'agreement', purpose: 'statistics' },
    { jp: 'agreement', purpose: 'care' },
    'lu gdpr-9-2-j | GDPR Art. 9(2)(j), 89(1)',
  ],
  [
    'ehds-54',
    { lu: 'EHDS 68', jp: 'agreement', purpose: 'care' },
    { lu: 'EHDS 68', jp: 'agreement', purpose: 'advertising' },
    `lu ehds-54 | ${EHDS} Art. 54, recital 62`,
  ],
  [
    'ehds-53-1',
    { lu: 'EHDS 68', jp: 'agreement', purpose: 'public health' },
    { lu: 'EHDS 68', jp: 'agreement', purpose: 'archiving' },
    `lu ehds-53-1 | ${EHDS} Art. 53(1)`,
  ],
  [
    'ehds-69',
    { lu: 'EHDS 69', outputs: ['aggregate', 'cardinality'] },
    { lu: 'EHDS 69', outputs: ['aggregate', 'ids'] },
    `lu ehds-69 | ${EHDS} Art. 69`,
  ],
  [
    'appi-27-2',
    { jp: 'APPI 27(1)(v), 27(2)' },
    { jp: 'APPI 27(2)' },
    'jp appi-27-2 | APPI Art. 27(2) proviso, Art. 2(3)',
  ],
  [
    'appi-27-1-v',
    { lu: 'agreement', purpose: 'teaching' },
    { lu: 'agreement', purpose: 'care' },
    'jp appi-27-1-v | APPI Art. 27(1)(v)',
  ],
  [
    'appi-27-1-vi-vii',
    { lu: 'agreement', jp: 'APPI 27(1)(vi)' },
    { lu: 'agreement', jp: 'APPI 27(1)(vi), 27(1)(vii)', purpose: 'education' },
    'jp appi-27-1-vi-vii | APPI Art. 27(1)(vi), 27(1)(vii)',
  ],
  [
    'ndb-smallest-cell',
    { jp: 'NDB', minimumCell: 10 },
    { jp: 'NDB', minimumCell: 9 },
    'jp ndb-smallest-cell | MHLW guideline on the use of the NDB, principle of the smallest cell (最小集計単位の原則)',
  ],
];

describe('every rule', () => {
  test('has a case here, a name of its own and a citation', () => {
    deepStrictEqual(
      CASES.map(([id]) => id),
      RULES.map(({ id }) => id),
    );
    strictEqual(new Set(RULES.map(({ id }) => id)).size, RULES.length);
    for (const { cites, says } of RULES) ok(cites.length > 0 && says.length > 0);
  });

  test.each(CASES)('%s', (id, passes, breaks, citation) => {
    strictEqual(refusedBy(passes), undefined);
    strictEqual(refusedBy(breaks), citation);
    // The row does it alone, and nothing does it where no row is there.
    const alone = RULES.filter((rule) => rule.id === id);
    strictEqual(refusedBy(breaks, alone), citation);
    strictEqual(refusedBy(breaks, []), undefined);
  });
});

describe('where two holders disagree, the stricter wins', () => {
  const cases: readonly (readonly [string, Words, Words, string])[] = [
    [
      'statistics: Luxembourg may, Japan may not',
      { purpose: 'statistics', jp: 'agreement' },
      { purpose: 'statistics' },
      'jp appi-27-1-v',
    ],
    [
      'teaching: Japan may, Luxembourg may not',
      { purpose: 'teaching', lu: 'agreement' },
      { purpose: 'teaching' },
      'lu gdpr-9-2-j',
    ],
    [
      'who is in both: Japan may, a health data request may not',
      { outputs: ['set'], lu: 'GDPR 9(2)(j)' },
      { outputs: ['set'], lu: 'GDPR 9(2)(j), EHDS 69' },
      'lu ehds-69',
    ],
    [
      'small cells: Luxembourg may, the NDB may not',
      { minimumCell: 5 },
      { minimumCell: 5, jp: 'APPI 27(1)(v), NDB' },
      'jp ndb-smallest-cell',
    ],
    [
      'a prohibition is named before a minimum',
      { lu: 'GDPR 6(1)(e), 9(2)(a)', jp: 'NDB', minimumCell: 10 },
      { lu: 'GDPR 6(1)(e)', jp: 'NDB', minimumCell: 5 },
      'lu gdpr-9-1',
    ],
  ];
  test.each(cases)('%s', (_, alone, both, rule) => {
    strictEqual(refusedBy(alone), undefined);
    strictEqual(refusedBy(both)?.split(' | ')[0], rule);
    // In whatever order the holders are named.
    const turned = { ...study(both), holders: [...study(both).holders].reverse() };
    strictEqual(rulesOf(turned).rules[0]?.rule.id, rule.split(' ')[1]);
  });

  test('of two minima the larger is named', () => {
    const ndb = RULES.find(({ id }) => id === 'ndb-smallest-cell')!;
    const twenty: Rule = {
      ...ndb,
      id: 'twenty',
      jurisdiction: 'EU',
      law: 'EHDS',
      demand: { kind: 'minimum cell', atLeast: 20 },
    };
    for (const table of [
      [ndb, twenty],
      [twenty, ndb],
    ]) {
      const words = { lu: 'EHDS', jp: 'NDB' };
      strictEqual(refusedBy({ ...words, minimumCell: 5 }, table)?.split(' ')[1], 'twenty');
      strictEqual(refusedBy({ ...words, minimumCell: 15 }, table)?.split(' ')[1], 'twenty');
      strictEqual(refusedBy({ ...words, minimumCell: 20 }, table), undefined);
    }
  });
});

describe('what the table does not know is a notice', () => {
  const notices = (words: Words): string[] =>
    rulesOf(study(words)).notices.map(({ code, holder = '' }) => `${code} ${holder}`.trim());

  test.each<[Words, string[]]>([
    [{}, []],
    [{ lu: 'agreement' }, ['LEGAL_BASIS_UNKNOWN lu']],
    [{ jp: 'GDPR 6(1)(e)' }, ['LEGAL_BASIS_UNKNOWN jp']],
    [{ lu: 'GDPR 6(1)(e) with the consent of patients' }, ['LEGAL_BASIS_UNKNOWN lu']],
    [{ countries: ['CH', 'JP'], lu: 'GDPR 6(1)(e)' }, ['NO_RULES_FOR_COUNTRY lu']],
    [{ purpose: 'cardiology 2027' }, ['PURPOSE_UNKNOWN']],
  ])('%j', (words, expected) => {
    strictEqual(refusedBy(words), undefined);
    deepStrictEqual(notices(words), expected);
  });

  test('a country of the Union has the rules of the Union', () => {
    strictEqual(refusedBy({ countries: ['FR', 'JP'], lu: 'GDPR 6' })?.split(' ')[1], 'gdpr-9-1');
  });
});

describe('reading', () => {
  const said = (text: string, where: 'EU' | 'JP' = 'EU'): string | undefined =>
    provisionsOf(text, where)
      ?.map(({ law, provision }) => `${law} ${provision}`.trim())
      .join(' / ');

  test.each<[string, string | undefined]>([
    ['GDPR 9(2)(j)', 'GDPR 9(2)(j)'],
    ['GDPR Art. 6(1)(e); Article 9(2)(J)', 'GDPR 6(1)(e) / GDPR 9(2)(j)'],
    ['Regulation (EU) 2016/679 Art. 9(2)(i) and EHDS', 'GDPR 9(2)(i) / EHDS'],
    ['Regulation (EU) 2025/327 68 + GDPR 9(2)(j)', 'EHDS 68 / GDPR 9(2)(j)'],
    ['9(2)(j)', undefined],
    ['GDPRX 9', undefined],
    ['GDPR 9(2)(j),', undefined],
    ['APPI 27(2)', undefined],
  ])('%s', (text, expected) => {
    strictEqual(said(text), expected);
  });

  test('an article is not another that begins with the same digits', () => {
    strictEqual(refusedBy({ lu: 'GDPR 61' }), undefined);
    strictEqual(
      refusedBy({ jp: 'APPI 27(1)(vi)', purpose: 'education', lu: 'x' })?.split(' ')[1],
      'appi-27-1-vi-vii',
    );
  });

  test('purposes in other words and letters', () => {
    deepStrictEqual(['Scientific Research', ' care', 'toString', ''].map(purposeOf), [
      'research',
      'care',
      undefined,
      undefined,
    ]);
  });
});
