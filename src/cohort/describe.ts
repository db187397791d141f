/**
 * A plan in plain English, for the steward whose holder is asked to run it. Written from the
 * plan itself, not from the text of the query: it says what will happen.
 * @module
 */
import { check } from '../base/errors.ts';
import type { Dimension, Plan, PlanColumn, Predicate } from './plan.ts';
import { noiseHalfWidth } from '../analysis/interval.ts';
import { storedText } from './stored-value.ts';

/** Labels shown of one axis. */
const SHOWN = 6;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function joined(words: readonly string[], last: string): string {
  const head = words.slice(0, -1).join(', ');
  return head === '' ? words.join('') : `${head} ${last} ${words.at(-1) ?? ''}`;
}

function axisWords({ column, labels }: Dimension): string {
  const shown = labels.slice(0, SHOWN).join(', ');
  return `${column} (${shown}${labels.length > SHOWN ? ', ...' : ''})`;
}

function rangeWords(column: PlanColumn, min: bigint | undefined, max: bigint | undefined): string {
  check(column.type !== 'category', 'INTERNAL', 'range of a category');
  const [low, high] = [min, max].map((end) =>
    end === undefined ? undefined : storedText(column, end),
  );
  if (low === undefined) return high === undefined ? 'is known' : `is at most ${high}`;
  if (high === undefined) return `is at least ${low}`;
  return low === high ? `is ${low}` : `is between ${low} and ${high}`;
}

function predicateWords(predicate: Predicate, columns: readonly PlanColumn[]): string {
  const nested = (child: Predicate): string => {
    const words = predicateWords(child, columns);
    return 'all' in child || 'any' in child ? `(${words})` : words;
  };
  if ('all' in predicate) return predicate.all.map(nested).join(' and ') || 'true for all';
  if ('any' in predicate) return predicate.any.map(nested).join(' or ') || 'never true';
  if ('not' in predicate) {
    const inner = predicate.not;
    return 'isNull' in inner
      ? `${inner.column} is known`
      : `not (${predicateWords(inner, columns)})`;
  }
  if ('isNull' in predicate) return `${predicate.column} is missing`;
  if ('in' in predicate) {
    const values = predicate.in.map((value) => `"${value}"`);
    return `${predicate.column} is ${values.length === 1 ? '' : 'one of '}${values.join(', ')}`;
  }
  const column = columns.find(({ name }) => name === predicate.column);
  check(column !== undefined, 'INTERNAL', 'predicate on an unknown column');
  return `${predicate.column} ${rangeWords(column, predicate.min, predicate.max)}`;
}

/** A short paragraph. */
export function describePlan(plan: Plan): string {
  const axes = [...(plan.split ? ['holder'] : []), ...plan.dimensions.map(axisWords)];
  const counted = plan.rowsPerPerson === 1 ? 'people' : 'rows';
  const by = axes.length === 0 ? ', in one number' : ` by ${joined(axes, 'and')}`;
  const where =
    plan.where === undefined ? '' : `, where ${predicateWords(plan.where, plan.columns)}`;
  const released = plan.split
    ? 'for each holder and, added up, for all'
    : 'for all holders together';
  return [
    `Counts ${counted}${by}${where}.`,
    `Each person adds at most ${plural(plan.rowsPerPerson, 'row')} to at most ${plural(plan.cellsPerPerson, 'cell')}.`,
    `Releases ${plural(plan.cells, 'cell')} ${released}.`,
    `Every holder adds noise that stays within ${noiseHalfWidth(plan.variance, 1)} in 95 % of cells,`,
    `and is charged rho ${plan.rho.toString()}.`,
  ].join(' ');
}
