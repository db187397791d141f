/**
 * Who of two holders knows the groups and who the values: it follows from where the study says that
 * the columns are, and so does who applies which part of a filter.
 *
 * A filter acts on indicators and values at the holder that has its columns, never on who is in a list
 * (rulings 28): `where` is a conjunction of parts of which each is known to one of the two.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import { allOf, type Condition } from '../condition.ts';
import type { Disclosure } from './disclosure.ts';
import type { BlockContent, Dimension, Pick } from '../plan.ts';

/** What a study signs about linkage, as queries need it. */
export type LinkageTerms = {
  /** What linkage may be used for. */
  readonly outputs: readonly string[];
  /** Queries that disclose, in the life of the study, at each holder. */
  readonly disclosures: number;
  /** Charged with every linked query: the sandbox sees a noised number of people in both. */
  readonly cardinality: { readonly epsilon: Rational; readonly delta: Rational };
};

/** One thing for each of the two. */
export type BySide<T> = { readonly groups: T; readonly values: T };

export type LinkRoles = {
  readonly holders: BySide<string>;
  readonly where: BySide<Condition>;
  readonly per: BySide<Pick>;
  readonly cardinality: LinkageTerms['cardinality'];
  /** What both holders are told besides. */
  readonly disclose?: Disclosure;
};

/** What a study says of its holders. */
export type LinkStudy = {
  readonly holders: readonly string[];
  readonly holds: (holder: string, column: string) => boolean;
  readonly cardinality: LinkageTerms['cardinality'];
};

export type LinkedParts = {
  readonly where: Condition;
  readonly dimensions: readonly Dimension[];
  readonly contents: readonly BlockContent[];
  readonly per: Pick;
};

const ANY: Pick = { pick: 'any', by: undefined, window: undefined };

/** Undefined: not a matter of columns. */
function columnsOfCondition(condition: Condition): readonly string[] | undefined {
  if (condition.kind === 'set') return [condition.set.column.name];
  if (condition.kind === 'concept') return undefined;
  const all = condition.children.map(columnsOfCondition);
  return all.includes(undefined) ? undefined : all.flatMap((names) => names ?? []);
}

type Part = Extract<BlockContent, { readonly kind: 'tally' }>['part'];

function columnsOfPart(part: Part): readonly string[] {
  switch (part.kind) {
    case 'all':
      return [];
    case 'condition':
      return [...part.known, ...columnsOfPredicate(part.holds)];
    case 'bins':
      return [part.dimension.column];
    case 'leaves':
      return [part.column];
    case 'cross':
      return part.factors.flatMap((factor) => columnsOfPart(factor.part));
    case 'exits':
      return [part.time, ...part.known, ...part.events.flatMap(columnsOfPredicate)];
  }
}

type Holds = Extract<Part, { readonly kind: 'condition' }>['holds'];

function columnsOfPredicate(predicate: Holds): readonly string[] {
  if ('all' in predicate) return predicate.all.flatMap(columnsOfPredicate);
  if ('any' in predicate) return predicate.any.flatMap(columnsOfPredicate);
  if ('not' in predicate) return columnsOfPredicate(predicate.not);
  return 'column' in predicate ? [predicate.column] : [];
}

/** Undefined of what is not served over pairs: one pair adds to one component, or to three moments. */
function columnsOfContent(content: BlockContent): readonly string[] | undefined {
  if (content.kind === 'moments') return [content.column];
  return content.kind === 'tally' ? columnsOfPart(content.part) : undefined;
}

const columnsOfPer = ({ by, window }: Pick): readonly string[] => [
  ...(by === undefined ? [] : [by]),
  ...(window === undefined ? [] : [window.date, window.index]),
];

const conjuncts = (where: Condition): readonly Condition[] =>
  where.kind === 'all' ? where.children : [where];

/** The roles of this pair, or what stands in the way: a part of the query. */
function rolesOf(
  { where, dimensions, contents, per }: LinkedParts,
  holders: BySide<string>,
  { holds, cardinality }: LinkStudy,
): LinkRoles | string {
  const has = (holder: string, names: readonly string[]): boolean =>
    names.every((name) => holds(holder, name));
  const { groups, values } = holders;
  const axes = dimensions.map(({ column }) => column);
  if (!has(groups, axes)) return '/groupBy';
  const measured = contents.map(columnsOfContent);
  const known = measured.every((names) => names !== undefined && has(values, names));
  if (!known) return '/measures';
  const parts = conjuncts(where).map((part) => {
    const names = columnsOfCondition(part);
    if (names === undefined) return { part, at: undefined };
    if (has(groups, names)) return { part, at: groups };
    return { part, at: has(values, names) ? values : undefined };
  });
  if (parts.some(({ at }) => at === undefined)) return '/where';
  const whereOf = (holder: string): Condition =>
    allOf(parts.flatMap(({ part, at }) => (at === holder ? [part] : [])));
  const chosen = columnsOfPer(per);
  const picks = has(values, chosen) ? values : groups;
  if (!has(picks, chosen)) return '/per';
  return {
    holders,
    where: { groups: whereOf(groups), values: whereOf(values) },
    per: { groups: picks === groups ? per : ANY, values: picks === values ? per : ANY },
    cardinality,
  };
}

/** Parts of a query in the order in which they are looked at. */
const ORDER = ['/groupBy', '/measures', '/where', '/per'];

/**
 * The roles of the one pair of holders that can answer; of two pairs that differ in their order only, the
 * first by name of who has the groups. `report` is told what no pair can do.
 */
export function readRoles(
  parts: LinkedParts,
  between: readonly string[] | undefined,
  study: LinkStudy,
  report: (pointer: string, code: string) => void,
): LinkRoles | undefined {
  const { holders } = study;
  const names = [...(between ?? holders)].sort();
  if (between !== undefined) {
    const known = between.every((name) => holders.includes(name)) && new Set(between).size === 2;
    if (!known) report('/between', 'UNKNOWN_HOLDER');
    if (!known) return undefined;
  }
  const tried = names.flatMap((groups) =>
    names
      .filter((values) => values !== groups)
      .map((values) => rolesOf(parts, { groups, values }, study)),
  );
  const found = tried.filter((one) => typeof one !== 'string');
  const [first] = found;
  if (first === undefined) {
    // How far the best pair got.
    const furthest = Math.max(
      ...tried.map((one) => ORDER.indexOf(typeof one === 'string' ? one : '')),
    );
    report(ORDER[furthest] ?? '', 'NOT_AT_ONE_HOLDER');
    return undefined;
  }
  const pair = (roles: LinkRoles): string => Object.values(roles.holders).sort().join();
  if (found.some((one) => pair(one) !== pair(first))) {
    report('/between', 'MISSING_FIELD');
    return undefined;
  }
  return first;
}
