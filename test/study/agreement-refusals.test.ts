/** Every refusal of a study draft, with its pointer. */
import { deepStrictEqual, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { Refusal } from '../../src/base/errors.ts';
import { SigningKey } from '../../src/base/sign.ts';
import { READS_ROWS } from '../../src/study/image-clause.ts';
import { parseStudy } from '../../src/study/agreement.ts';
import { present, refused } from '../support/refused.ts';
import { anyCohort, type JsonObject, KEYS, keyedDraft } from './example.ts';

const parse = (draft: unknown) => parseStudy(draft as Json, anyCohort);

const LINKAGE = {
  outputs: ['aggregate'],
  disclosure: 'membership',
  cardinality: { epsilon: '1/2', delta: '1/10000000' },
};

describe('refusals', () => {
  const [lu, jp] = keyedDraft().holders as [JsonObject, JsonObject];
  const steward = (holder: JsonObject) => (holder.stewards as { keys: string[] }).keys[0]!;
  const budget = { rho: '1/2', delta: '0/1' };
  const named = (name: string): object => ({
    holders: [{ ...lu, name }, jp],
    budget: { [name]: budget, jp: budget },
  });
  const cases: readonly [string, object, readonly string[]][] = [
    ['another format', { format: 'kakehashi/study/3' }, ['/format UNKNOWN_VALUE']],
    ['unknown field', { note: '' }, ['/note UNKNOWN_FIELD']],
    ['missing field', { purpose: undefined }, ['/purpose MISSING_FIELD']],
    ['empty title', { title: '' }, ['/title WRONG_LENGTH']],
    ['title with an escape sequence', { title: 'a\u001b[2Jb' }, ['/title WRONG_FORMAT']],
    ['title that reorders text', { title: 'a\u202eb' }, ['/title WRONG_FORMAT']],
    ['title not in NFC', { title: 'a\u0301' }, [' NOT_CANONICAL']],
    ['title with half a character', { title: '\ud800' }, [' NOT_CANONICAL']],
    ['day that is none', { expires: '2027-02-29' }, ['/expires DATE_INVALID']],
    ['expiry in words', { expires: 'in one year' }, ['/expires WRONG_LENGTH']],
    ['one holder', { holders: [lu], budget: { lu: budget } }, ['/holders TOO_FEW_ITEMS']],
    ['17 holders', { holders: Array.from({ length: 17 }, () => lu) }, ['/holders TOO_MANY_ITEMS']],
    [
      'holder twice',
      { holders: [lu, { ...jp, name: 'lu' }], budget: { lu: budget } },
      ['/holders/1/name DUPLICATE_HOLDER'],
    ],
    ['holder called sandbox', named('sandbox'), ['/holders/0/name RESERVED_NAME']],
    ['holder called holder', named('holder'), ['/holders/0/name RESERVED_NAME']],
    ['holder called *', named('*'), ['/holders/0/name WRONG_FORMAT']],
    ['holder with a capital', named('Lu'), ['/holders/0/name WRONG_FORMAT']],
    ['holder with a path', named('a/../b'), ['/holders/0/name WRONG_FORMAT']],
    ['holder of 32 characters', named('a'.repeat(32)), ['/holders/0/name WRONG_FORMAT']],
    [
      'country in words',
      { holders: [{ ...lu, country: 'Luxembourg' }, jp] },
      ['/holders/0/country WRONG_FORMAT'],
    ],
    [
      'no legal basis',
      { holders: [{ ...lu, legalBasis: '' }, jp] },
      ['/holders/0/legalBasis WRONG_LENGTH'],
    ],
    [
      'identity that is no key',
      { holders: [{ ...lu, identity: 'ed25519:...' }, jp] },
      ['/holders/0/identity KEY_INVALID'],
    ],
    [
      'key with loose bits',
      { holders: [{ ...lu, identity: `${KEYS.lu.identity.publicText.slice(0, -1)}_` }, jp] },
      ['/holders/0/identity KEY_INVALID'],
    ],
    [
      'need above the keys',
      { holders: [{ ...lu, stewards: { need: 2, keys: [steward(lu)] } }, jp] },
      ['/holders/0/stewards/need OUT_OF_RANGE'],
    ],
    [
      'need zero',
      { holders: [{ ...lu, stewards: { need: 0, keys: [steward(lu)] } }, jp] },
      ['/holders/0/stewards/need OUT_OF_RANGE'],
    ],
    [
      'no stewards',
      { holders: [{ ...lu, stewards: { need: 1, keys: [] } }, jp] },
      ['/holders/0/stewards/keys TOO_FEW_ITEMS'],
    ],
    [
      'steward of both holders',
      { holders: [lu, { ...jp, stewards: lu.stewards }] },
      ['/holders/1/stewards/keys/0 DUPLICATE_KEY'],
    ],
    [
      'one steward twice',
      { holders: [{ ...lu, stewards: { need: 2, keys: [steward(lu), steward(lu)] } }, jp] },
      ['/holders/0/stewards/keys/1 DUPLICATE_KEY'],
    ],
    [
      'analyst who is a steward',
      { analysts: [{ name: 'ana', key: steward(lu) }] },
      ['/analysts/0/key DUPLICATE_KEY'],
    ],
    [
      'two holders with one identity',
      { holders: [lu, { ...jp, identity: lu.identity }] },
      ['/holders/1/identity DUPLICATE_KEY'],
    ],
    ['no analysts', { analysts: [] }, ['/analysts TOO_FEW_ITEMS']],
    [
      'analyst name twice',
      {
        analysts: [
          { name: 'ana', key: KEYS.analyst.publicText },
          { name: 'ana', key: KEYS.stranger.publicText },
        ],
      },
      ['/analysts/1/name DUPLICATE_ANALYST'],
    ],
    ['unknown operation', { operations: ['count', 'dump'] }, ['/operations/1 UNKNOWN_VALUE']],
    ['operation twice', { operations: ['count', 'count'] }, ['/operations/1 DUPLICATE_OPERATION']],
    ['no operation', { operations: [] }, ['/operations TOO_FEW_ITEMS']],
    ['more honest holders than holders', { honestHolders: 3 }, ['/honestHolders OUT_OF_RANGE']],
    ['no honest holder', { honestHolders: 0 }, ['/honestHolders OUT_OF_RANGE']],
    ['images', { images: ['ab'] }, ['/images/0 WRONG_TYPE']],
    ['linkage of nothing', { linkage: [] }, ['/linkage WRONG_TYPE']],
    [
      'linkage without its clause',
      { linkage: { ...LINKAGE, disclosure: 'none' } },
      ['/linkage/disclosure UNKNOWN_VALUE'],
    ],
    [
      'a disclosure without how often',
      { linkage: { ...LINKAGE, outputs: ['aggregate', 'set'] } },
      ['/linkage/disclosures MISSING_FIELD'],
    ],
    [
      'how often, without a disclosure',
      { linkage: { ...LINKAGE, disclosures: 2 } },
      ['/linkage/disclosures UNKNOWN_FIELD'],
    ],
    [
      'an output twice',
      { linkage: { ...LINKAGE, outputs: ['aggregate', 'aggregate'] } },
      ['/linkage/outputs/1 DUPLICATE_OUTPUT'],
    ],
    [
      'linkage with amounts that no law has',
      { linkage: { ...LINKAGE, cardinality: { epsilon: '2/1', delta: '0/1' } } },
      ['/linkage/cardinality/epsilon AMOUNT_INVALID', '/linkage/cardinality/delta AMOUNT_INVALID'],
    ],
    ['negative minimum', { minimumCell: -1 }, ['/minimumCell OUT_OF_RANGE']],
    ['budget missing', { budget: { lu: budget } }, ['/budget/jp MISSING_FIELD']],
    [
      'budget of nobody',
      { budget: { lu: budget, jp: budget, fr: budget } },
      ['/budget/fr UNKNOWN_HOLDER'],
    ],
    [
      'budget of an object method',
      { budget: { lu: budget, jp: budget, valueOf: budget } },
      ['/budget/valueOf UNKNOWN_HOLDER'],
    ],
    ...['0/1', '-1/2', '2/4', '0.5', 'NaN', '1e9', '1/0'].map((rho): [string, object, string[]] => [
      `rho ${rho}`,
      { budget: { lu: { ...budget, rho }, jp: budget } },
      ['/budget/lu/rho AMOUNT_INVALID'],
    ]),
    [
      'delta of one',
      { budget: { lu: { ...budget, delta: '1/1' }, jp: budget } },
      ['/budget/lu/delta AMOUNT_INVALID'],
    ],
    [
      'rho as a number',
      { budget: { lu: { ...budget, rho: 0.5 }, jp: budget } },
      ['/budget/lu/rho WRONG_TYPE'],
    ],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    const draft = present({ ...keyedDraft(), ...change });
    deepStrictEqual(
      refused(() => parse(draft)),
      expected.map((line) => line.trim()).sort(),
    );
  });

  test('not an object', () => {
    for (const value of [null, 1, 'x', []])
      deepStrictEqual(
        refused(() => parse(value)),
        ['WRONG_TYPE'],
      );
  });

  test('faults of the cohort section carry their place in the study, beside all others', () => {
    const cohort = () => {
      throw new Refusal('INVALID_STUDY', 'x', { errors: [{ pointer: '/columns', code: 'C' }] });
    };
    deepStrictEqual(
      refused(() => parseStudy({ ...keyedDraft(), honestHolders: 9 }, cohort)),
      ['/cohort/columns C', '/honestHolders OUT_OF_RANGE'],
    );
    const fault = () => {
      throw new TypeError('bug');
    };
    throws(() => parseStudy(keyedDraft(), fault), TypeError);
  });
});

describe('images', () => {
  const [author, one, two] = Array.from({ length: 3 }, () => SigningKey.generate().publicText);
  const clause = (change: object = {}, signers: object = {}, parties: object = {}): object => ({
    ...{ digest: 'ab'.repeat(32), place: 'holder', boundary: 'process', declaration: {} },
    signers: { author, parties: { need: 1, keys: [one, two], ...parties }, ...signers },
    ...change,
  });
  const other = { digest: 'cd'.repeat(32) };
  const there = (change: object = {}): object => {
    const sandbox = { operator: 'Tests', key: one, clause: READS_ROWS, ...change };
    return clause({ place: 'sandbox', boundary: 'bubblewrap', sandbox });
  };
  const cases: readonly [string, readonly object[], readonly string[]][] = [
    ['two (control)', [clause(), clause(other)], ['nothing was refused']],
    ['the same digest twice', [clause(), clause()], ['/images/1/digest DUPLICATE_IMAGE']],
    [
      'an author who is no key',
      [clause({}, { author: 'ed25519:...' })],
      ['/images/0/signers/author KEY_INVALID'],
    ],
    [
      'a party that is no key',
      [clause({}, {}, { keys: [one, 'ed25519:...'] })],
      ['/images/0/signers/parties/keys/1 KEY_INVALID'],
    ],
    [
      'a party twice',
      [clause({}, {}, { keys: [one, two, one] })],
      ['/images/0/signers/parties/keys/2 DUPLICATE_KEY'],
    ],
    [
      'an author who is a party',
      [clause(), clause(other, {}, { keys: [author] })],
      ['/images/1/signers/parties/keys/0 DUPLICATE_KEY'],
    ],
    [
      'more signatures than parties',
      [clause({}, {}, { need: 3 })],
      ['/images/0/signers/parties/need OUT_OF_RANGE'],
    ],
    ['in the sandbox (control)', [there()], ['nothing was refused']],
    ['a place that nobody knows', [clause({ place: 'cloud' })], ['/images/0/place UNKNOWN_VALUE']],
    [
      'in the sandbox of nobody, behind the weaker wall',
      [clause({ place: 'sandbox' })],
      ['/images/0/boundary BOUNDARY_TOO_WEAK', '/images/0/sandbox MISSING_FIELD'],
    ],
    [
      'a clause in other words',
      [there({ clause: 'The operator cannot read anything.' })],
      ['/images/0/sandbox/clause CLAUSE_MISSING'],
    ],
    [
      'an operator who is no key',
      [there({ key: 'ed25519:...' })],
      ['/images/0/sandbox/key KEY_INVALID'],
    ],
    [
      'rows of several holders joined',
      [there({ join: { by: 'universal-ids' } })],
      ['/images/0/sandbox/join JOIN_NOT_SERVED'],
    ],
    [
      'an operator where holders run it',
      [clause({ sandbox: { operator: 'Tests', key: one, clause: READS_ROWS } })],
      ['/images/0/sandbox UNKNOWN_FIELD'],
    ],
  ];
  test.each(cases)('%s', (_, images, expected) => {
    const draft = { ...keyedDraft(), images } as Json;
    deepStrictEqual(
      refused(() => parseStudy(draft, anyCohort, () => [])),
      expected,
    );
  });

  test('faults of a declaration carry their place; where nobody reads them none is taken', () => {
    const draft = { ...keyedDraft(), images: [clause(), clause(other)] } as Json;
    const faulty = (_: Json, base: string) => [{ pointer: `${base}/fuel`, code: 'C' }];
    deepStrictEqual(
      refused(() => parseStudy(draft, anyCohort, faulty)),
      ['/images/0/declaration/fuel C', '/images/1/declaration/fuel C'],
    );
    deepStrictEqual(
      refused(() => parseStudy(draft, anyCohort)),
      ['/images/0/declaration NOT_SERVED_YET', '/images/1/declaration NOT_SERVED_YET'],
    );
  });
});
