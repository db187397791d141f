/**
 * Same query, same key: trivial rewrites never change the key, and queries that pass different
 * rows, or release anything else, never share one.
 */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { canonicalJson, type Json } from '../../src/base/canonical-json.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { queryKey, splitKey } from '../../src/cohort/normal-form.ts';
import { plainJson } from '../../src/cohort/plan-digest.ts';
import { parseQuery, type StudyTerms } from '../../src/cohort/query.ts';
import { OPERATIONS } from '../../src/study/agreement-shape.ts';
import { passes } from '../support/reference-plan.ts';
import { ALL_ROWS, evaluate, type Node, smallTerms, storedRow, whereNode } from './where-twin.ts';

const base = { format: 'kakehashi/query/1', measures: [{ name: 'n', count: true }], rho: '1/200' };
const keyOf = (change: object, terms: StudyTerms = smallTerms): string =>
  queryKey(terms, parseQuery({ ...base, ...change }, terms));
const STORED = ALL_ROWS.map((row) => storedRow(row));

/** Choices of one rewriting, drawn from a list so that a failure shrinks. */
type Pick = (below: number) => number;

const shuffled = <T>(items: readonly T[], pick: Pick): T[] => {
  const rest = [...items];
  return items.map(() => rest.splice(pick(rest.length), 1)[0]!);
};

function rewriteLeaf(node: Node, pick: Pick): Node {
  const column = node.column!;
  if (node.in !== undefined) {
    const values = node.in as Json[];
    if (pick(3) === 0) return { any: values.map((eq): Node => ({ column, eq })) };
    return { column, in: shuffled([...values, values[pick(values.length)]!], pick) };
  }
  const comparators = Object.entries(node).filter(([name]) => name !== 'column');
  if (comparators.length > 1) {
    return {
      all: shuffled(comparators, pick).map(([name, value]): Node => ({ column, [name]: value })),
    };
  }
  const [name, value] = comparators[0]!;
  const negated: Record<string, string> = {
    lt: 'ge',
    ge: 'lt',
    le: 'gt',
    gt: 'le',
    eq: 'ne',
    ne: 'eq',
  };
  if (name === 'isNull') return node;
  const choice = pick(4);
  if (choice === 0) {
    const known: Node = { not: { column, isNull: true } };
    return { all: [{ not: { column, [negated[name]!]: value! } }, known] };
  }
  if (choice === 1 && name === 'eq') return { column, in: [value!] };
  if (choice === 2 && column === 'age' && Number.isInteger(value)) {
    if (name === 'lt') return { column, le: (value as number) - 1 };
    if (name === 'le') return { column, lt: (value as number) + 1 };
    if (name === 'gt') return { column, ge: (value as number) + 1 };
    if (name === 'ge') return { column, gt: (value as number) - 1 };
  }
  return node;
}

function rewriteChildren(kind: 'all' | 'any', node: Node, pick: Pick): Node {
  let children = shuffled(
    (node[kind] as Node[]).map((child) => rewrite(child, pick)),
    pick,
  );
  const first = children[0];
  if (first !== undefined && pick(3) === 0) children.push(first);
  if (children.length > 1 && pick(3) === 0) {
    children = [{ [kind]: children.slice(0, 2) }, ...children.slice(2)];
  }
  if (pick(4) > 0) return { [kind]: children };
  const other = kind === 'all' ? 'any' : 'all';
  return { not: { [other]: children.map((child): Node => ({ not: child })) } };
}

/** The same filter in other words. */
function rewrite(node: Node, pick: Pick): Node {
  const inner =
    node.all !== undefined
      ? rewriteChildren('all', node, pick)
      : node.any !== undefined
        ? rewriteChildren('any', node, pick)
        : node.not !== undefined
          ? { not: rewrite(node.not as Node, pick) }
          : rewriteLeaf(node, pick);
  const choice = pick(8);
  if (choice === 0) return { not: { not: inner } };
  if (choice === 1) return { all: [inner] };
  if (choice === 2) return { any: [inner] };
  return inner;
}

const depth = (node: Node): number => {
  const children = (node.all ?? node.any ?? (node.not === undefined ? [] : [node.not])) as Node[];
  return 1 + Math.max(0, ...children.map(depth));
};

test('a filter passes the rows that the slow evaluator passes', () => {
  fc.assert(
    fc.property(whereNode, (node) => {
      const plan = compileQuery(smallTerms, { ...base, where: node });
      ALL_ROWS.forEach((row, i) => {
        const result = plan.where === undefined || passes(plan.where, STORED[i]!);
        ok(result === evaluate(node, row));
      });
    }),
    { numRuns: 300 },
  );
});

test('trivial rewrites keep key, filter and split key', () => {
  fc.assert(
    fc.property(whereNode, fc.infiniteStream(fc.nat(1 << 20)), (node, choices) => {
      const pick: Pick = (below) => Number(choices.next().value) % below;
      const other = rewrite(node, pick);
      fc.pre(depth(other) <= 8);
      deepStrictEqual(keyOf({ where: other }), keyOf({ where: node }));
      const plans = [node, other].map((where) => compileQuery(smallTerms, { ...base, where }));
      deepStrictEqual(plans[1], plans[0]);
    }),
    { numRuns: 500 },
  );
});

test('one key, one set of rows', () => {
  fc.assert(
    fc.property(whereNode, whereNode, (a, b) => {
      const same = ALL_ROWS.every((row) => evaluate(a, row) === evaluate(b, row));
      fc.pre(!same);
      notDeepStrictEqual(keyOf({ where: a }), keyOf({ where: b }));
    }),
    { numRuns: 300 },
  );
});

test('positive control: a changed value is a changed key', () => {
  notDeepStrictEqual(
    keyOf({ where: { column: 'age', lt: 3 } }),
    keyOf({ where: { column: 'age', le: 3 } }),
  );
});

describe('what is and what is not part of the key', () => {
  const groupBy = ['sex', { column: 'age', bins: [0, 2, 5] }];
  const key = keyOf({ groupBy });
  const same: readonly [string, object][] = [
    ['another order of axes', { groupBy: [...groupBy].reverse() }],
    ['an axis by name and as an object', { groupBy: [{ column: 'sex' }, groupBy[1]] }],
    ['another measure name', { groupBy, measures: [{ name: 'people', count: true }] }],
    ['an empty where', { groupBy, where: { all: [] } }],
    [
      'a where that is always true',
      {
        groupBy,
        where: {
          any: [
            { column: 'age', ge: 0 },
            { column: 'age', isNull: true },
          ],
        },
      },
    ],
  ];
  test.each(same)('same: %s', (_, change) => deepStrictEqual(keyOf(change), key));

  const different: readonly [string, object, Partial<StudyTerms>?][] = [
    ['other bins', { groupBy: ['sex', { column: 'age', bins: [0, 3, 5] }] }],
    ['an axis less', { groupBy: ['sex'] }],
    ['by holder', { groupBy: [...groupBy, 'holder'] }],
    ['another rho', { groupBy, rho: '1/201' }],
    ['a filter', { groupBy, where: { not: { column: 'sex', isNull: true } } }],
    ['another study', { groupBy }, { study: 'cd'.repeat(32) }],
    ['another set of holders', { groupBy }, { holders: ['lu', 'jp', 'fr'] }],
    ['another h', { groupBy }, { honestHolders: 2 }],
  ];
  test.each(different)('different: %s', (_, change, terms = {}) =>
    notDeepStrictEqual(keyOf(change, { ...smallTerms, ...terms }), key),
  );

  test('every value of an integer by name and by bins', () => {
    deepStrictEqual(
      keyOf({ groupBy: ['age'] }),
      keyOf({ groupBy: [{ column: 'age', bins: [0, 1, 2, 3, 4, 5] }] }),
    );
  });

  test('a half width and the rho that it costs', () => {
    const { rho } = compileQuery(smallTerms, {
      ...base,
      rho: undefined,
      halfWidth: 20,
    } as unknown as Json);
    const asked = parseQuery(
      { format: base.format, measures: base.measures, halfWidth: 20 },
      smallTerms,
    );
    deepStrictEqual(queryKey(smallTerms, asked), keyOf({ rho: rho.toString() }));
  });

  test('the order of holders does not matter', () => {
    deepStrictEqual(keyOf({ groupBy }, { ...smallTerms, holders: ['jp', 'lu'] }), key);
  });

  test('the split key of a pooled query is the key of the split query', () => {
    const pooled = parseQuery({ ...base, groupBy }, smallTerms);
    const split = parseQuery({ ...base, groupBy: ['holder', ...groupBy] }, smallTerms);
    deepStrictEqual(splitKey(smallTerms, pooled), queryKey(smallTerms, split));
    deepStrictEqual(splitKey(smallTerms, split), queryKey(smallTerms, split));
    notDeepStrictEqual(queryKey(smallTerms, pooled), queryKey(smallTerms, split));
  });
});

describe('one key, one vector', () => {
  const DIED: Json = { column: 'age', ge: 2 };
  const WIDE: Json = { column: 'age', ge: 3 };
  const of = (...variants: Json[]): Json[] =>
    variants.map((one) => ({ name: 'm', ...(one as object) }));
  const grid = (...edges: number[]): Json[] => edges;
  /** Each beside what differs from it in one thing. */
  const measures: Json[][] = [
    of({ count: true }),
    of({ mean: 'age' }, { mean: 'ratio' }, { sum: 'age' }, { variance: 'age' }),
    of({ proportion: DIED }, { proportion: WIDE }),
    of(
      { histogram: 'sex' },
      { histogram: 'age' },
      { histogram: { column: 'age', bins: [0, 2, 5] } },
    ),
    of(
      { quantiles: 'age' },
      { quantiles: { column: 'age', at: [0.5] } },
      { quantiles: { column: 'age', resolution: 2 } },
      { distribution: { column: 'age', at: [1] } },
      { distribution: { column: 'age', at: [2] } },
    ),
    of(
      { table: { rows: 'sex', columns: { name: 'd', when: DIED } } },
      { table: { rows: 'sex', columns: { name: 'd', when: WIDE } } },
      { table: { rows: { column: 'age', bins: [0, 2, 5] }, columns: 'sex' } },
    ),
    of(
      { trend: { by: 'age' } },
      { trend: { by: 'age', of: DIED } },
      { trend: { by: 'age', of: WIDE } },
    ),
    of(
      { linear: { outcome: 'ratio', on: ['age'] } },
      { linear: { outcome: 'age', on: ['ratio'] } },
      { linear: { outcome: 'ratio', on: [{ name: 'd', when: DIED }] } },
      { linear: { outcome: 'ratio', on: [{ name: 'd', when: WIDE }] } },
    ),
    of(
      { logistic: { outcome: DIED, on: ['sex'] } },
      { logistic: { outcome: WIDE, on: ['sex'] } },
      { logistic: { outcome: DIED, on: [{ column: 'age', bins: [0, 2, 5] }] } },
    ),
    of(
      { survival: { time: 'age', event: DIED, grid: grid(0, 2, 4) } },
      { survival: { time: 'age', event: WIDE, grid: grid(0, 2, 4) } },
      { survival: { time: 'age', event: DIED, grid: grid(0, 3, 4) } },
      { survival: { time: 'age', event: DIED, arm: 'sex', grid: grid(0, 2, 4) } },
      { hazards: { time: 'age', event: DIED, on: ['sex'], grid: grid(0, 2, 4) } },
      { incidence: { time: 'age', causes: [{ name: 'd', when: DIED }], grid: grid(0, 2, 4) } },
      { incidence: { time: 'age', causes: [{ name: 'd', when: WIDE }], grid: grid(0, 2, 4) } },
    ),
  ];
  const pers: Json[] = [
    { pick: 'any' },
    { pick: 'latest', by: 'visit' },
    { pick: 'first', by: 'visit' },
    { pick: 'mean', by: 'age' },
    { pick: 'max', by: 'age' },
    { pick: 'latest', by: 'visit', window: { index: 'visit', days: [0, 9] } },
    { pick: 'latest', by: 'visit', window: { index: 'visit', days: [0, 8] } },
  ];
  const study = { ...smallTerms, operations: [...OPERATIONS] };

  test('of queries that differ in one thing, none shares the key of a query that sums other things', () => {
    const known = new Map<string, string>();
    const queries = [
      ...measures.flat().map((one) => ({ measures: [one], per: pers[0] })),
      ...pers.map((per) => ({ measures: measures[0], per })),
      ...pers.map((per) => ({ measures: measures[0], per, groupBy: ['sex'] })),
      { measures: measures[0] },
      { measures: measures[0], where: DIED },
      { measures: measures[0], where: WIDE },
    ];
    for (const query of queries) {
      const json = { ...base, ...query } as Json;
      const { blocks, where, per, dimensions, rho, split } = compileQuery(study, json);
      const summed = canonicalJson(plainJson({ blocks, where, per, dimensions, rho, split }));
      const key = queryKey(study, parseQuery(json, study));
      deepStrictEqual(known.get(key) ?? summed, summed, JSON.stringify(query));
      known.set(key, summed);
    }
    ok(known.size > 40, `${known.size}`);
  });
});
