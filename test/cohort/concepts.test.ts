/** `hasConcept`: where it is allowed, what it means beside comparisons, its normal form and words. */
import { deepStrictEqual, notDeepStrictEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Json } from '../../src/base/canonical-json.ts';
import { compileQuery } from '../../src/cohort/compile.ts';
import { describePlan } from '../../src/cohort/describe.ts';
import { queryKey } from '../../src/cohort/normal-form.ts';
import { planDigest } from '../../src/cohort/plan-digest.ts';
import { parseQuery } from '../../src/cohort/query.ts';
import { passes } from '../support/reference-plan.ts';
import { refused } from '../support/refused.ts';
import { terms } from './terms.ts';
import { evaluate, type Node, nodesOf, RAW_ROW, storedRow } from './where-twin.ts';

const COLUMNS: Json = { age: { type: 'integer', min: 0, max: 4 } };
const study = terms({ columns: COLUMNS, maps: {}, concepts: 'omop' });
const base = { format: 'kakehashi/query/1', measures: [{ name: 'n', count: true }], rho: '1/200' };
const parsed = (where: Json) => parseQuery({ ...base, where }, study);
const keyOf = (where: Json): string => queryKey(study, parsed(where));
const planOf = (where: Json) => compileQuery(study, { ...base, where });

describe('refusals', () => {
  const cases: readonly [string, Json, string][] = [
    ['no concept', { hasConcept: 0 }, '/where/hasConcept OUT_OF_RANGE'],
    ['one that the CDM cannot hold', { hasConcept: 2 ** 31 }, '/where/hasConcept OUT_OF_RANGE'],
    ['a code', { hasConcept: '44054006' }, '/where/hasConcept WRONG_TYPE'],
    ['a fraction', { hasConcept: 1.5 }, '/where/hasConcept WRONG_TYPE'],
    ['a word', { hasConcept: 1, descendants: 'yes' }, '/where/descendants WRONG_TYPE'],
    ['another field', { hasConcept: 1, column: 'age' }, '/where/column UNKNOWN_FIELD'],
  ];
  test.each(cases)('%s', (_, where, expected) => {
    deepStrictEqual(
      refused(() => parsed(where)),
      [expected],
    );
  });

  test('a study without concepts', () => {
    const plain = terms({ columns: COLUMNS, maps: {} });
    const where = { not: { any: [{ hasConcept: 1 }] } };
    deepStrictEqual(
      refused(() => parseQuery({ ...base, where }, plain)),
      ['/where/not/any/0/hasConcept CONCEPTS_NOT_IN_STUDY'],
    );
    deepStrictEqual(
      refused(() => terms({ concepts: 'icd' })),
      ['/concepts UNKNOWN_VALUE'],
    );
  });
});

/** Who has what: a concept, or one below it. Whoever has it also has it or one below it. */
type World = ReadonlySet<number>;
const WORLDS: readonly World[] = [[], [1], [2], [1, 2], [11], [12], [11, 2]].map(
  (has) => new Set(has),
);
const has = (world: World, concept: number, descendants: boolean): boolean =>
  world.has(concept) || (descendants && world.has(10 + concept));

function holds(node: Node, age: number | null, world: World): boolean {
  const below = (child: Json): boolean => holds(child as Node, age, world);
  if (node['all'] !== undefined) return (node['all'] as Json[]).every(below);
  if (node['any'] !== undefined) return (node['any'] as Json[]).some(below);
  if (node['not'] !== undefined) return !below(node['not']);
  if (node['hasConcept'] !== undefined) {
    return has(world, node['hasConcept'] as number, node['descendants'] === true);
  }
  return evaluate(node, { ...RAW_ROW, age });
}

const CASES = WORLDS.flatMap((world) => [0, 3, null].map((age) => ({ world, age })));

const leaf: fc.Arbitrary<Node> = fc.oneof(
  fc.constantFrom<Node>(
    { hasConcept: 1 },
    { hasConcept: 1, descendants: false },
    { hasConcept: 1, descendants: true },
    { hasConcept: 2 },
    { hasConcept: 2, descendants: true },
  ),
  fc.constantFrom<Node>({ column: 'age', ge: 2 }, { column: 'age', isNull: true }),
);
const node = nodesOf(leaf);

describe('meaning', () => {
  test('a filter passes the rows that its definition passes', () => {
    fc.assert(
      fc.property(node, (where) => {
        const plan = planOf(where);
        for (const { world, age } of CASES) {
          const row = {
            ...storedRow({ ...RAW_ROW, age }),
            hasConcept: (concept: number, descendants: boolean) => has(world, concept, descendants),
          };
          const result = plan.where === undefined || passes(plan.where, row);
          ok(result === holds(where, age, world));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('De Morgan and order keep the key; another set of rows never has it', () => {
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 3 }), node, (children, other) => {
        const where: Node = { all: children };
        const negated = children.map((not): Node => ({ not })).reverse();
        deepStrictEqual(keyOf({ not: { any: negated } }), keyOf(where));
        const same = CASES.every(
          ({ world, age }) => holds(where, age, world) === holds(other, age, world),
        );
        if (!same) notDeepStrictEqual(keyOf(other), keyOf(where));
      }),
      { numRuns: 200 },
    );
  });

  test('without `descendants` only the concept itself; the digest of the plan says which', () => {
    deepStrictEqual(keyOf({ hasConcept: 1 }), keyOf({ hasConcept: 1, descendants: false }));
    const [exact, below] = [false, true].map((descendants) =>
      planOf({ hasConcept: 1, descendants }),
    );
    notDeepStrictEqual(planDigest(exact!), planDigest(below!));
  });

  test('in words', () => {
    const words = (where: Json): string =>
      /where (.*?)\. /.exec(describePlan(planOf(where)))?.[1] ?? '';
    deepStrictEqual(
      words({ hasConcept: 201826, descendants: true }),
      'the person has a record of concept 201826 or one below it',
    );
    deepStrictEqual(
      words({ not: { hasConcept: 201826 } }),
      'not (the person has a record of concept 201826)',
    );
  });
});
