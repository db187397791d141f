/** The query language: what a query means as a plan. */
import { deepStrictEqual } from 'node:assert/strict';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { conditionPredicate } from '../../src/cohort/condition.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { exampleQuery, terms } from './terms.ts';

const base = {
  format: 'kakehashi/query/1',
  measures: [{ name: 'people', count: true }],
  rho: '1/200',
};
const parse = (change: object) => parseQuery({ ...base, ...change }, terms());
const where = (node: Json) => conditionPredicate(parse({ where: node }).where);
const axis = (node: Json) => parse({ groupBy: [node] }).dimensions[0];
const day = (text: string) => BigInt(Date.parse(text) / 86_400_000);

test('the example is accepted; axes are sorted for the vector, kept for display', () => {
  const query = parseQuery(exampleQuery(), terms());
  deepStrictEqual(query.groupBy, ['holder', 'sex', 'age']);
  deepStrictEqual(query.split, true);
  deepStrictEqual(query.dimensions, [
    {
      column: 'age',
      kind: 'bins',
      edges: [0n, 40n, 60n, 80n, 111n],
      labels: ['[0,40)', '[40,60)', '[60,80)', '[80,111)'],
    },
    { column: 'sex', kind: 'category', labels: ['F', 'M'] },
  ]);
});

describe('comparisons become ranges of stored values', () => {
  const cases: readonly [Json, object][] = [
    [
      { column: 'age', ge: 40 },
      { column: 'age', min: 40n },
    ],
    [
      { column: 'age', gt: 40, lt: 60 },
      { column: 'age', min: 41n, max: 59n },
    ],
    [
      { column: 'age', lt: 40.5 },
      { column: 'age', max: 40n },
    ],
    [
      { column: 'age', eq: 0 },
      { column: 'age', max: 0n },
    ],
    [
      { column: 'hba1c', ge: 6.5 },
      { column: 'hba1c', min: 65n },
    ],
    [
      { column: 'hba1c', gt: 6.55 },
      { column: 'hba1c', min: 66n },
    ],
    [
      { column: 'hba1c', le: 6.55 },
      { column: 'hba1c', max: 65n },
    ],
    [
      { column: 'visit', lt: '2020-01-01' },
      { column: 'visit', max: day('2019-12-31') },
    ],
    [
      { column: 'age', in: [3, 1, 2, 7] },
      {
        any: [
          { column: 'age', min: 1n, max: 3n },
          { column: 'age', min: 7n, max: 7n },
        ],
      },
    ],
    [
      { column: 'sex', in: ['M', 'M'] },
      { column: 'sex', in: ['M'] },
    ],
    [
      { column: 'sex', ne: 'M' },
      { column: 'sex', in: ['F'] },
    ],
    [{ not: { column: 'sex', eq: 'M' } }, { not: { column: 'sex', in: ['M'] } }],
    [
      { column: 'sex', isNull: true },
      { column: 'sex', isNull: true },
    ],
    [{ not: { column: 'sex', isNull: true } }, { not: { column: 'sex', isNull: true } }],
    [{ column: 'age', lt: 0 }, { any: [] }],
    [{ all: [] }, { all: [] }],
    [{ any: [] }, { any: [] }],
    [
      {
        any: [
          { column: 'age', isNull: true },
          { column: 'age', ge: 0 },
        ],
      },
      { all: [] },
    ],
  ];
  test.each(cases)('%j', (node, expected) => deepStrictEqual(where(node), expected));
});

describe('labels of bins', () => {
  const cases: readonly [Json, readonly string[]][] = [
    [{ column: 'age', bins: [0, 18, 111] }, ['[0,18)', '[18,111)']],
    [{ column: 'age', bins: [0, 1, 2] }, ['0', '1']],
    [{ column: 'hba1c', bins: [3, 6.5, 20.1] }, ['[3,6.5)', '[6.5,20.1)']],
    [{ column: 'visit', bins: ['2015-01-01', '2016-01-01'] }, ['[2015-01-01,2016-01-01)']],
    ['sex', ['F', 'M']],
    [{ column: 'sex' }, ['F', 'M']],
  ];
  test.each(cases)('%j', (node, labels) => deepStrictEqual(axis(node)?.labels, labels));

  test('a small integer column without bins has a cell for each value', () => {
    const dimension = axis('age');
    deepStrictEqual(
      [dimension?.labels.length, dimension?.labels[0], dimension?.labels[110]],
      [111, '0', '110'],
    );
  });
});
