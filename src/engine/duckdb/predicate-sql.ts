/**
 * A row filter as SQL over the stored cohort. Logic is two-valued: a comparison with null is
 * false and `not` complements it. Nothing here can raise (rulings 13).
 * @module
 */
import { check } from '../../base/errors.ts';
import type { PlanColumn, Predicate } from '../../cohort/plan.ts';
import type { Parameters } from './parameters.ts';
import { storedName } from './stored-cohort.ts';

/** How a column of the plan is stored. */
export type Stored = { readonly column: PlanColumn; readonly sql: string };
export type Lookup = (name: string) => Stored;

/** A plan has all columns of its study, in stored order; their names never reach SQL. */
export function lookupIn(columns: readonly PlanColumn[]): Lookup {
  const stored = new Map(
    columns.map((column, i) => [column.name, { column, sql: storedName(i) }] as const),
  );
  return (name) => {
    const found = stored.get(name);
    check(found !== undefined, 'INVALID_PARAMETER', 'plan names an unknown column');
    return found;
  };
}

function rangeSql(
  { column, sql }: Stored,
  { min, max }: { readonly min?: bigint; readonly max?: bigint },
  parameters: Parameters,
): string {
  check(column.type !== 'category', 'INVALID_PARAMETER', 'range over categories');
  const parts = [`${sql} IS NOT NULL`];
  if (min !== undefined) parts.push(`${sql} >= ${parameters.bigint(min)}`);
  if (max !== undefined) parts.push(`${sql} <= ${parameters.bigint(max)}`);
  return `(${parts.join(' AND ')})`;
}

function membershipSql(
  { column, sql }: Stored,
  values: readonly string[],
  parameters: Parameters,
): string {
  check(column.type === 'category', 'INVALID_PARAMETER', 'membership in a range');
  const wanted = new Set(values);
  const indices = column.domain.flatMap((value, i) => (wanted.has(value) ? [BigInt(i)] : []));
  return `(${sql} IS NOT NULL AND list_contains(${parameters.bigints(indices)}, ${sql}))`;
}

/**
 * Whether a row passes is a matter of its own person's records and of a public vocabulary: nobody
 * else's records change it, and the sensitivity is that of any filter. Neither `person` nor what
 * is selected is ever NULL, so that `not` complements it.
 */
function conceptSql(
  { hasConcept, descendants }: { readonly hasConcept: number; readonly descendants: boolean },
  parameters: Parameters,
): string {
  const concept = parameters.integer(hasConcept);
  const below = `OR concept IN (SELECT descendant FROM concept_ancestor WHERE ancestor = ${concept})`;
  return `(person IN (SELECT person FROM person_concept
    WHERE concept = ${concept} ${descendants ? below : ''}))`;
}

export function predicateSql(predicate: Predicate, lookup: Lookup, parameters: Parameters): string {
  const below = (inner: Predicate): string => predicateSql(inner, lookup, parameters);
  if ('all' in predicate) return `(${['TRUE', ...predicate.all.map(below)].join(' AND ')})`;
  if ('any' in predicate) return `(${['FALSE', ...predicate.any.map(below)].join(' OR ')})`;
  if ('not' in predicate) return `(NOT ${below(predicate.not)})`;
  if ('hasConcept' in predicate) return conceptSql(predicate, parameters);
  const stored = lookup(predicate.column);
  if ('isNull' in predicate) return `(${stored.sql} IS NULL)`;
  if ('in' in predicate) return membershipSql(stored, predicate.in, parameters);
  return rangeSql(stored, predicate, parameters);
}
