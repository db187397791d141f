/** Every refusal of a `where`, with its pointer. */
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
  const deep = (depth: number): Json =>
    depth === 0 ? { column: 'age', ge: 1 } : { not: deep(depth - 1) };
  const cases: readonly [string, object, readonly string[]][] = [
    ['where that is a list', { where: [] }, ['/where WRONG_TYPE']],
    [
      'concepts',
      { where: { all: [{ hasConcept: 201826, descendants: true }] } },
      ['/where/all/0/hasConcept CONCEPTS_NOT_IN_STUDY'],
    ],
    [
      'unknown column in where',
      { where: { not: { column: 'bmi', ge: 3 } } },
      ['/where/not/column UNKNOWN_COLUMN'],
    ],
    ['no comparator', { where: { column: 'age' } }, ['/where TOO_FEW_ITEMS']],
    ['unknown comparator', { where: { column: 'age', like: 3 } }, ['/where/like UNKNOWN_FIELD']],
    ['empty node', { where: {} }, ['/where TOO_FEW_ITEMS', '/where/column MISSING_FIELD']],
    ['all and any', { where: { all: [], any: [] } }, ['/where/any UNKNOWN_FIELD']],
    ['all of no list', { where: { all: {} } }, ['/where/all WRONG_TYPE']],
    ['in and ge', { where: { column: 'age', in: [1], ge: 0 } }, ['/where/ge UNKNOWN_FIELD']],
    ['in nothing', { where: { column: 'age', in: [] } }, ['/where/in TOO_FEW_ITEMS']],
    ['isNull false', { where: { column: 'age', isNull: false } }, ['/where/isNull UNKNOWN_VALUE']],
    [
      'value outside the domain',
      { where: { column: 'sex', in: ['F', 'X'] } },
      ['/where/in/1 UNKNOWN_VALUE'],
    ],
    [
      'equal to a value outside the domain',
      { where: { column: 'sex', eq: 'f' } },
      ['/where/eq UNKNOWN_VALUE'],
    ],
    [
      'integer outside the bounds',
      { where: { column: 'age', eq: 111 } },
      ['/where/eq OUT_OF_RANGE'],
    ],
    ['value off the step', { where: { column: 'hba1c', eq: 6.55 } }, ['/where/eq NOT_ON_STEP']],
    [
      'order of categories',
      { where: { column: 'sex', lt: 'M' } },
      ['/where/lt COMPARATOR_NOT_ALLOWED'],
    ],
    ['number as text', { where: { column: 'age', ge: '40' } }, ['/where/ge WRONG_TYPE']],
    ['number above 2^53', { where: { column: 'age', le: 1e300 } }, ['/where/le OUT_OF_RANGE']],
    ['null as a value', { where: { column: 'age', eq: null } }, ['/where/eq WRONG_TYPE']],
    [
      'a day that is none',
      { where: { column: 'visit', ge: '2021-02-29' } },
      ['/where/ge DATE_INVALID'],
    ],
    ['nine levels', { where: deep(8) }, [`/where${'/not'.repeat(8)} TOO_DEEP`]],
    [
      '257 nodes',
      { where: { all: Array.from({ length: 256 }, () => ({ column: 'age', ge: 1 })) } },
      ['/where/all/255 TOO_MANY_ITEMS'],
    ],
  ];
  test.each(cases)('%s', (_, change, expected) => {
    const query = present({ ...base, ...change });
    deepStrictEqual(
      refused(() => parseQuery(query as Json, terms())),
      [...expected].sort(),
    );
  });

  test('4,000 values in all are served, one more is not', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i % 111);
    const all = Array.from({ length: 4 }, () => ({ column: 'age', in: values }));
    parseQuery({ ...base, where: { all } }, terms());
    const more = { any: [...all, { column: 'age', in: [1] }] };
    deepStrictEqual(
      refused(() => parseQuery({ ...base, where: more }, terms())),
      ['/where/any/4/in TOO_MANY_ITEMS'],
    );
  });

  test('eight levels and 256 nodes are served', () => {
    parseQuery({ ...base, where: deep(7) }, terms());
    const all = Array.from({ length: 255 }, () => ({ column: 'age', ge: 1 }));
    parseQuery({ ...base, where: { all } }, terms());
  });
});
