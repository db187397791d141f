/**
 * A plan in plain English, for the steward whose holder is asked to run it. Written from the
 * plan itself, not from the text of the query: it says what will happen.
 * @module
 */
import { check } from '../base/errors.ts';
import type {
  Block,
  BlockContent,
  Dimension,
  Feature,
  Link,
  Part,
  Pick,
  Plan,
  PlanColumn,
  Predicate,
} from './plan.ts';
import { insideWords } from './inside/describe.ts';
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
  if ('hasConcept' in predicate) {
    const below = predicate.descendants ? ' or one below it' : '';
    return `the person has a record of concept ${predicate.hasConcept}${below}`;
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

function partWords(part: Part, columns: readonly PlanColumn[]): string {
  switch (part.kind) {
    case 'all':
      return '';
    case 'condition':
      return ` for which ${predicateWords(part.holds, columns)}, and for which not`;
    case 'bins':
      return ` by ${axisWords(part.dimension)}`;
    case 'leaves':
      return ` by ${part.column}`;
    case 'cross':
      return part.factors.map((factor) => partWords(factor.part, columns)).join(', and');
    case 'exits': {
      const time = columns.find(({ name }) => name === part.time);
      check(time !== undefined && time.type !== 'category', 'INTERNAL', 'time of a survival');
      const [first = 0n, last = 0n] = [part.edges[0], part.edges.at(-1)];
      const count = plural(part.edges.length - 1, 'interval');
      const grid = `${count} of ${part.time} from ${storedText(time, first)} to ${storedText(time, last)}`;
      const events = part.events.map((event) => predicateWords(event, columns));
      return ` by ${grid}, by whether ${joined(events, 'or')}`;
    }
  }
}

function featureWords(feature: Feature, columns: readonly PlanColumn[]): string {
  return feature.kind === 'number' ? feature.column : predicateWords(feature.holds, columns);
}

function contentWords(
  content: BlockContent,
  counted: string,
  columns: readonly PlanColumn[],
): string {
  switch (content.kind) {
    case 'tally':
      return `Counts ${counted}${partWords(content.part, columns)}`;
    case 'dyadic':
      return `Counts ${counted}${partWords(content.part, columns)} in halves of its range, ${content.depth} times over`;
    case 'moments':
      return `Adds up the values of ${content.column} over ${counted}, as distances from both bounds, and their products`;
    case 'image': {
      const on =
        content.mode === 'map' ? 'each person' : `each of ${content.blocks} blocks of people`;
      const names = content.columns.map(({ name }) => name);
      return `Adds up what image ${content.image} answers for ${on}, ${plural(content.fields.length, 'number')} within declared bounds, from ${joined(names, 'and')}, and products of them`;
    }
    case 'gram': {
      const words = content.features.map((feature) => featureWords(feature, columns));
      return `Adds up over ${counted} the products of each two of: 1, ${words.join(', ')}`;
    }
  }
}

/** What a block sums, and the noise on it. */
function blockWords({ content, runs, rho }: Block, plan: Plan): string {
  const counted = plan.rowsPerPerson === 1 ? 'people' : 'rows';
  const what = contentWords(content, counted, plan.columns);
  const all = runs.map(({ variance }) => noiseHalfWidth(variance, 1));
  const widths = [...new Set(all.length > SHOWN ? [Math.min(...all), Math.max(...all)] : all)].map(
    String,
  );
  const one = plan.blocks.length === 1;
  return [
    `${what}; every holder adds noise that stays within ${joined(widths, 'and')} in 95 % of`,
    one ? 'the sums.' : `the sums, at rho ${rho.toString()}.`,
  ].join(' ');
}

const PICKED = { max: 'largest', min: 'smallest', mean: 'mean', any: '' } as const;

function perWords({ pick, by, window }: Pick, columns: readonly PlanColumn[]): string {
  const date = columns.find(({ name }) => name === by)?.type === 'date';
  const word = date ? (pick === 'max' ? 'latest' : 'earliest') : PICKED[pick];
  const row =
    by === undefined
      ? 'one row'
      : pick === 'mean'
        ? `the mean ${by}`
        : `the row of the ${word} ${by}`;
  const within =
    window === undefined
      ? ''
      : `, of rows whose ${window.date} is ${window.from} to ${window.to} days after ${window.index}`;
  return `Of each person ${row} counts${within}.`;
}

/** Who matches whom, and who learns what beside the table. */
function linkWords({ link }: Plan): string[] {
  if (link === undefined) return [];
  const { groups, values } = link.holders;
  return [
    `Only people count whom ${groups} and ${values} both have: ${groups} knows their groups, ${values} the values.`,
    `The sandbox sees how many there are with 0 to ${2 * link.dummies.reach} dummies added, and together with one of the two holders who of that holder's people they are.`,
    ...disclosureWords(link),
  ];
}

const TOLD = {
  set: 'are told who of their own people are in both',
  cardinality: 'are told exactly how many are in both',
  ids: 'give all their people ids that are the same for the same person',
} as const;

/** Said apart: it has no epsilon. */
function disclosureWords({ holders, disclose }: Link): string[] {
  if (disclose === undefined) return [];
  const { groups, values } = holders;
  return [
    `Disclosed by agreement, without a price: ${groups} and ${values} ${TOLD[disclose.output]}, unless the released count is below the minimum.`,
  ];
}

function chargeWords({ link, inside, rho, holders }: Plan): string {
  const delta = link?.dummies.delta ?? inside?.delta;
  const beside = delta === undefined || delta.isZero() ? '' : ` and delta ${delta.toString()}`;
  if (inside !== undefined) return `${holders.join('')} is charged rho ${rho.toString()}${beside}.`;
  const who = link === undefined ? 'Every holder is' : 'Both holders are';
  return `${who} charged rho ${rho.toString()}${beside}.`;
}

/** A short paragraph. */
export function describePlan(plan: Plan): string {
  const isSplit = plan.split && plan.inside === undefined;
  const axes = [...(isSplit ? ['holder'] : []), ...plan.dimensions.map(axisWords)];
  const { inside } = plan;
  const measures = [...plan.measures, ...(inside?.measures ?? [])];
  const names = measures.map(({ name, kind }) => `${kind} "${name}"`);
  const by = axes.length === 0 ? ', in one number' : ` by ${joined(axes, 'and')}`;
  const where =
    plan.where === undefined ? '' : `, where ${predicateWords(plan.where, plan.columns)}`;
  const released =
    inside !== undefined
      ? `of ${plan.holders.join('')} alone`
      : isSplit
        ? 'for each holder and, added up, for all'
        : plan.link === undefined
          ? 'for all holders together'
          : 'of the people in both';
  return [
    `Releases ${joined(names, 'and')}${by}${where}.`,
    ...linkWords(plan),
    ...(plan.per === undefined ? [] : [perWords(plan.per, plan.columns)]),
    ...plan.blocks.map((block) => blockWords(block, plan)),
    ...(inside === undefined ? [] : insideWords(inside)),
    `Each person adds at most ${plural(plan.rowsPerPerson, 'row')} to at most ${plural(plan.cellsPerPerson, 'cell')}.`,
    `The table has ${plural(plan.cells, 'cell')} ${released}.`,
    ...(plan.minimumCell > 0 && inside === undefined
      ? [`Counts below ${plan.minimumCell} are not shown.`]
      : []),
    ...(plan.rounding === undefined || inside !== undefined
      ? []
      : [`Counts are shown in multiples of ${plan.rounding}.`]),
    chargeWords(plan),
  ].join(' ');
}
