/** Every refusal of a query but those of `where`, with its pointer. */
import { deepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { present, refused } from '../support/refused.ts';
import { terms } from './terms.ts';

const base = {
  format: 'kakehashi/query/1',
  measures: [{ name: 'people', count: true }],
  rho: '1/200',
};

describe('refusals', () => {
  const big = { columns: { n: { type: 'integer', min: 0, max: 1000 } }, maps: {} };
  const cases: readonly [string, object, readonly string[]][] = [
    ['another format', { format: 'kakehashi/query/2' }, ['/format UNKNOWN_VALUE']],
    ['unknown field', { limit: 1 }, ['/limit UNKNOWN_FIELD']],
    ['no measures', { measures: [] }, ['/measures TOO_FEW_ITEMS']],
    [
      '17 measures',
      { measures: Array.from({ length: 17 }, () => 0) },
      ['/measures TOO_MANY_ITEMS'],
    ],
    [
      'unknown measure',
      { measures: [{ name: 'x', mode: 'age' }] },
      ['/measures/0 MISSING_FIELD', '/measures/0/mode UNKNOWN_FIELD'],
    ],
    [
      'count of something',
      { measures: [{ name: 'x', count: 'age' }] },
      ['/measures/0/count UNKNOWN_VALUE'],
    ],
    [
      'two counts',
      {
        measures: [
          { name: 'a', count: true },
          { name: 'b', count: true },
        ],
      },
      ['/measures/1 DUPLICATE_MEASURE'],
    ],
    [
      'one name twice',
      {
        measures: [
          { name: 'a', count: true },
          { name: 'a', count: true },
        ],
      },
      ['/measures/1 DUPLICATE_MEASURE', '/measures/1/name DUPLICATE_NAME'],
    ],
    [
      'name with an escape character',
      { measures: [{ name: '\u001b[2J', count: true }] },
      ['/measures/0/name WRONG_FORMAT'],
    ],
    ['rho and half width', { halfWidth: 20 }, ['/halfWidth RHO_OR_HALF_WIDTH']],
    ['neither', { rho: undefined }, ['/rho RHO_OR_HALF_WIDTH']],
    ['half width zero', { rho: undefined, halfWidth: 0 }, ['/halfWidth OUT_OF_RANGE']],
    ['half width as text', { rho: undefined, halfWidth: '20' }, ['/halfWidth WRONG_TYPE']],
    ...[
      '0/1',
      '-1/200',
      '2/400',
      '0.005',
      '1e-3',
      '1/0',
      '01/2',
      '1/2 ',
      `1/${10n ** 18n + 1n}`,
    ].map((rho): [string, object, string[]] => [`rho ${rho}`, { rho }, ['/rho RHO_INVALID']]),
    ['rho as a number', { rho: 0.005 }, ['/rho WRONG_TYPE']],
    [
      'unknown column',
      { groupBy: ['sex', { column: 'bmi', bins: [0, 1] }] },
      ['/groupBy/1/column UNKNOWN_COLUMN'],
    ],
    ['unknown column by name', { groupBy: ['bmi'] }, ['/groupBy/0 UNKNOWN_COLUMN']],
    ['the person', { groupBy: ['patient_id'] }, ['/groupBy/0 UNKNOWN_COLUMN']],
    ['a method of objects', { groupBy: ['constructor'] }, ['/groupBy/0 UNKNOWN_COLUMN']],
    ['axis that is a number', { groupBy: [7] }, ['/groupBy/0 WRONG_TYPE']],
    [
      'axis with an unknown field',
      { groupBy: [{ column: 'sex', top: 3 }] },
      ['/groupBy/0/top UNKNOWN_FIELD'],
    ],
    ['nine axes', { groupBy: Array.from({ length: 9 }, () => 'sex') }, ['/groupBy TOO_MANY_ITEMS']],
    [
      'axis twice',
      { groupBy: ['age', { column: 'age', bins: [0, 9] }] },
      ['/groupBy/1 DUPLICATE_GROUP'],
    ],
    ['holder twice', { groupBy: ['holder', 'holder'] }, ['/groupBy/1 DUPLICATE_GROUP']],
    [
      'holder with bins',
      { groupBy: [{ column: 'holder', bins: [0, 1] }] },
      ['/groupBy/0/column UNKNOWN_COLUMN'],
    ],
    [
      'bins of a category',
      { groupBy: [{ column: 'sex', bins: [0, 1] }] },
      ['/groupBy/0/bins BINS_NOT_ALLOWED'],
    ],
    ['number without bins', { groupBy: ['hba1c'] }, ['/groupBy/0 BINS_REQUIRED']],
    ['date without bins', { groupBy: ['visit'] }, ['/groupBy/0 BINS_REQUIRED']],
    [
      'reversed bins',
      { groupBy: [{ column: 'age', bins: [80, 40, 0] }] },
      ['/groupBy/0/bins REVERSED_BINS'],
    ],
    [
      'repeated edge',
      { groupBy: [{ column: 'age', bins: [0, 40, 40, 80] }] },
      ['/groupBy/0/bins/2 BINS_NOT_INCREASING'],
    ],
    ['one edge', { groupBy: [{ column: 'age', bins: [0] }] }, ['/groupBy/0/bins TOO_FEW_ITEMS']],
    [
      '1,002 edges',
      { groupBy: [{ column: 'age', bins: Array.from({ length: 1002 }, (_, i) => i) }] },
      ['/groupBy/0/bins TOO_MANY_ITEMS'],
    ],
    [
      'edge off the step',
      { groupBy: [{ column: 'hba1c', bins: [3, 6.55] }] },
      ['/groupBy/0/bins/1 NOT_ON_STEP'],
    ],
    [
      'edge of another type',
      { groupBy: [{ column: 'visit', bins: [3, '2015-13-01'] }] },
      ['/groupBy/0/bins/0 WRONG_TYPE', '/groupBy/0/bins/1 DATE_INVALID'],
    ],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    const query = present({ ...base, ...change });
    deepStrictEqual(
      refused(() => parseQuery(query as Json, terms())),
      [...expected].sort(),
    );
  });

  test('an integer column of more than 1,000 values needs bins', () => {
    const query = { ...base, groupBy: ['n'] };
    deepStrictEqual(
      refused(() => parseQuery(query, terms(big))),
      ['/groupBy/0 BINS_REQUIRED'],
    );
  });

  test('more than 2^18 slots', () => {
    const v = { type: 'category', domain: Array.from({ length: 511 }, (_, i) => `v${i}`) };
    const wide = terms({ columns: { a: v, b: v }, maps: {} });
    parseQuery({ ...base, groupBy: ['a', 'b'] }, wide);
    const split = { ...base, groupBy: ['a', 'b', 'holder'] };
    deepStrictEqual(
      refused(() => parseQuery(split, wide)),
      ['/groupBy TOO_MANY_CELLS'],
    );
  });

  test('an operation that the study does not allow', () => {
    deepStrictEqual(
      refused(() => parseQuery(base, terms({}, { operations: ['mean'] }))),
      ['OPERATION_NOT_ALLOWED'],
    );
  });

  test('not an object', () => {
    for (const value of [null, 3, 'x', []])
      deepStrictEqual(
        refused(() => parseQuery(value, terms())),
        ['WRONG_TYPE'],
      );
  });

  test('everything found is reported at once', () => {
    deepStrictEqual(
      refused(() =>
        parseQuery(
          { ...base, rho: '0/1', groupBy: ['x'], where: { column: 'y', ge: 1 }, per: {} },
          terms(),
        ),
      ),
      [
        '/groupBy/0 UNKNOWN_COLUMN',
        '/per/pick MISSING_FIELD',
        '/rho RHO_INVALID',
        '/where/column UNKNOWN_COLUMN',
      ],
    );
  });
});
