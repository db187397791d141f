/**
 * Which columns a row must have a value in, for a condition to say anything about it. Nulls leave
 * a row out of a measure, whether the condition or its negation is asked for; a condition that
 * itself asks for null (`isNull`) is answered by every row.
 * @module
 */
import { complement, isNothing } from '../column-set.ts';
import type { Condition } from '../condition.ts';

function collect(condition: Condition, into: Set<string>): void {
  if (condition.kind === 'all' || condition.kind === 'any') {
    for (const child of condition.children) collect(child, into);
    return;
  }
  if (condition.kind !== 'set') return;
  const { set } = condition;
  const asksForNull =
    (set.withNull && set.intervals.length === 0) ||
    (!set.withNull && isNothing(complement({ ...set, withNull: true })));
  if (!asksForNull) into.add(set.column.name);
}

/** Sorted names, once each. */
export function knownColumns(condition: Condition): string[] {
  const names = new Set<string>();
  collect(condition, names);
  return [...names].sort();
}
