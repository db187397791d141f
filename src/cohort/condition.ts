/**
 * Row filters in normal form: negations pushed into column sets (De Morgan), nested `all` and
 * `any` flattened, sets on one column merged, children sorted and distinct, constants folded.
 *
 * Two filters with the same normal form pass the same rows. The converse is not promised:
 * distribution and absorption are left alone, for they can grow a filter without bound.
 * @module
 */
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import {
  type ColumnSet,
  complement,
  intersection,
  isEverything,
  isNothing,
  setPredicate,
  union,
} from './column-set.ts';
import type { Predicate } from './plan.ts';

export type Condition =
  | { readonly kind: 'set'; readonly set: ColumnSet }
  /** Of every row of a person at once; `has` is false where the condition is negated. */
  | {
      readonly kind: 'concept';
      readonly concept: number;
      readonly descendants: boolean;
      readonly has: boolean;
    }
  | Junction;

type Junction = { readonly kind: 'all' | 'any'; readonly children: readonly Condition[] };

/** `all` of nothing is true, `any` of nothing is false. */
export const TRUE: Junction = { kind: 'all', children: [] };
export const FALSE: Junction = { kind: 'any', children: [] };

/** The normal form as JSON: stored values as decimal strings, domain values as indices. */
export function conditionJson(condition: Condition): Json {
  if (condition.kind === 'concept') {
    const { concept, descendants, has } = condition;
    return { hasConcept: concept, descendants, has };
  }
  if (condition.kind !== 'set') {
    return { [condition.kind]: condition.children.map(conditionJson) };
  }
  const { column, intervals, withNull } = condition.set;
  const values = intervals.map(([low, high]) => [low.toString(), high.toString()]);
  return { column: column.name, values, null: withNull };
}

const keyOf = (condition: Condition): string => canonicalJson(conditionJson(condition));

export const conceptCondition = (concept: number, descendants: boolean): Condition => ({
  kind: 'concept',
  concept,
  descendants,
  has: true,
});

export function setCondition(set: ColumnSet): Condition {
  if (isEverything(set)) return TRUE;
  if (isNothing(set)) return FALSE;
  return { kind: 'set', set };
}

const isConstant = (c: Condition): boolean => 'children' in c && c.children.length === 0;

function join(kind: 'all' | 'any', children: readonly Condition[]): Condition {
  const merge = kind === 'all' ? intersection : union;
  const sets = new Map<string, ColumnSet>();
  const others: Condition[] = [];
  // Also flattens the neutral element away: TRUE is an `all` without children.
  for (const child of children.flatMap((c) =>
    'children' in c && c.kind === kind ? c.children : [c],
  )) {
    if (child.kind === 'set') {
      const name = child.set.column.name;
      const known = sets.get(name);
      sets.set(name, known === undefined ? child.set : merge(known, child.set));
    } else {
      others.push(child);
    }
  }
  const merged = [...sets.values()].map(setCondition).filter((c) => c.kind !== kind);
  const kept = [...merged, ...others];
  const zero = kind === 'all' ? FALSE : TRUE;
  if (kept.some((c) => isConstant(c) && c.kind === zero.kind)) return zero;
  const distinct = new Map(kept.map((c) => [keyOf(c), c]));
  const sorted = [...distinct.keys()].sort().flatMap((key) => distinct.get(key) ?? []);
  const [only] = sorted;
  return sorted.length === 1 && only !== undefined ? only : { kind, children: sorted };
}

export const allOf = (children: readonly Condition[]): Condition => join('all', children);
export const anyOf = (children: readonly Condition[]): Condition => join('any', children);

export function negate(condition: Condition): Condition {
  if (condition.kind === 'set') return setCondition(complement(condition.set));
  if (condition.kind === 'concept') return { ...condition, has: !condition.has };
  const children = condition.children.map(negate);
  return condition.kind === 'all' ? anyOf(children) : allOf(children);
}

export function conditionPredicate(condition: Condition): Predicate {
  if (condition.kind === 'set') return setPredicate(condition.set);
  if (condition.kind === 'concept') {
    const { concept, descendants, has } = condition;
    const predicate = { hasConcept: concept, descendants };
    return has ? predicate : { not: predicate };
  }
  const children = condition.children.map(conditionPredicate);
  return condition.kind === 'all' ? { all: children } : { any: children };
}
