/**
 * From a checked query inside one holder to its plan: what is drawn at which ε, what that costs, and the
 * layout of what is released. A pure function of public numbers (rulings 14).
 *
 * Charge     the query's rho, split equally over its choices, and the delta of those that have one.
 * Each draw  of the exponential mechanism: ε²/8 (dp/mechanism/selection.ts). A person is in C cells at
 *            most, and each of the k choices, of the three ranks or of the two quartiles of each
 *            of F fields is a draw there; draws add up (adaptive composition). Of a winsorised mean half
 *            of the rho of a field is for its quartiles, half for the noise of its sum: 1/(2v).
 * Keys       one row of a person counts, with one value: one pure ε, as ε·tanh(ε/2), and its delta
 *            (rulings 16).
 * @module
 */
import type { ChoiceMeasure } from '../../analysis/choice-measure.ts';
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { exponentialEpsilon, pureEpsilon } from '../../dp/accountant/epsilon-for.ts';
import { quantileReach } from '../../dp/mechanism/answer-quantile.ts';
import { PartitionSelection } from '../../dp/mechanism/partition-selection.ts';
import { checkVariance } from '../../dp/sampler/gaussian-reference.ts';
import { integerRoot } from '../../dp/sampler/laplace-scale.ts';
import { callsOfPerson, fieldWidths } from '../blocks.ts';
import { cellCount } from '../cells.ts';
import { personBounds } from '../charge.ts';
import { conditionPredicate } from '../condition.ts';
import { deadlineSeconds } from '../deadline.ts';
import { queryKey } from '../normal-form.ts';
import type { BlockContent, ImageContent, Plan } from '../plan.ts';
import type { Query, StudyTerms } from '../query.ts';
import { planColumns } from '../schema.ts';
import type { Choice, ChoiceSpec, ChosenBlock, NamedChoice } from './choice.ts';
import { insideTerms } from './terms.ts';
import { chosenComponents } from './question.ts';

const HALF = Rational.of(1, 2);
const RANKS = 3;
const QUARTILES = 2;
/** Each of the two outer ranks of a median is missed so often at most. */
const RANK_FAILURE = Rational.of(1, 100);
/** (z/2)² for z = 2.24, which 97.5 % of a normal law lies within: a rank varies by √B/2. */
const RANK_SPREAD = Rational.of(12_544, 10_000);

/** What a person may have a part in, at most. */
type Person = { readonly rows: number; readonly cells: number };

/** The median of B answers, and ranks that hold the median of their law between them in 95 %. */
function ranksOf({ blocks }: ImageContent, reach: number): [number, number, number] {
  const spread = integerRoot(RANK_SPREAD.times(Rational.of(blocks)).floor()) + 1n;
  const half = blocks / 2;
  const away = Number(spread) + reach;
  return [
    Math.floor(half),
    Math.max(0, Math.floor(half - away)),
    Math.min(blocks, Math.ceil(half + away)),
  ];
}

const shared = (rho: Rational, among: number): Rational => rho.dividedBy(Rational.of(among));

function chargedImage(
  kind: 'median' | 'winsorised',
  content: ImageContent,
  rho: Rational,
  { cells }: Person,
): Choice {
  const ofField = shared(rho, cells * content.fields.length);
  if (kind === 'median') {
    const epsilon = exponentialEpsilon(shared(ofField, RANKS));
    const ranks = content.fields.map(({ min, max }) =>
      ranksOf(content, quantileReach({ min, max }, epsilon, RANK_FAILURE)),
    );
    return { kind, content, ranks, epsilon };
  }
  // 1/(2v) is half of the rho of a field.
  const noise = Rational.ONE.dividedBy(ofField);
  for (const width of fieldWidths(content)) checkVariance(noise.times(Rational.of(width * width)));
  return {
    kind,
    content,
    epsilon: exponentialEpsilon(shared(ofField.times(HALF), QUARTILES)),
    noise,
  };
}

function charged(spec: ChoiceSpec, rho: Rational, person: Person, minimumCell: number): Choice {
  switch (spec.kind) {
    case 'top': {
      const { kind, content, k } = spec;
      const epsilon = exponentialEpsilon(shared(rho, person.cells * k));
      return { kind, content, k, sensitivity: BigInt(person.rows), epsilon };
    }
    case 'keys': {
      const { kind, column, most, delta } = spec;
      check(person.rows === 1, 'INTERNAL', 'keys of several rows');
      const least = Math.max(1, minimumCell);
      const choice = { kind, column, least, most, epsilon: pureEpsilon(rho), delta };
      // A law that never comes to one is refused here, where it costs nothing.
      new PartitionSelection({ ...choice, l0: 1 }).probability(Number.MAX_SAFE_INTEGER);
      return choice;
    }
    case 'median':
    case 'winsorised':
      return chargedImage(spec.kind, spec.content, rho, person);
  }
}

/** With what the reader of a winsorised mean needs to know of its noise. */
function measureOf({ name, released }: NamedChoice, { choice }: ChosenBlock): ChoiceMeasure {
  if (released.kind !== 'image' || released.aggregate === 'median') return { ...released, name };
  check(choice.kind === 'winsorised', 'INTERNAL', 'a measure of another choice');
  return { ...released, name, noise: choice.noise };
}

/** What the rows are read for, as the cost model knows it. */
const readContent = (choice: Choice): BlockContent =>
  choice.kind === 'keys' ? { kind: 'tally', parts: 1, part: { kind: 'all' } } : choice.content;

/** Refuses with NOISE_RANGE what is too little for a choice, or too much to be drawn. */
export function compileInside(terms: StudyTerms, query: Query): Plan {
  const { inside, price, dimensions } = query;
  check(inside !== undefined && 'rho' in price, 'INTERNAL', 'a query that is not inside a holder');
  const own = insideTerms(terms, inside.holder);
  const cells = cellCount(dimensions);
  const bounds = personBounds(own, query);
  const person = { rows: bounds.rowsPerPerson, cells: callsOfPerson(bounds, cells) };
  const each = shared(price.rho, inside.choices.length);
  const choices = inside.choices.map(
    ({ choice }): ChosenBlock => ({
      choice: charged(choice, each, person, terms.minimumCell),
      components: chosenComponents(choice),
      rho: each,
    }),
  );
  const values = cells * choices.reduce((sum, { components }) => sum + components, 0);
  const where = conditionPredicate(query.where);
  const keyed = choices.some(({ choice }) => choice.kind === 'keys');
  const blocks = choices.map(({ choice }) => ({ content: readContent(choice) }));
  return {
    version: 3,
    study: terms.study,
    holders: [inside.holder],
    honestHolders: 1,
    queryKey: queryKey(terms, query),
    split: true,
    dimensions,
    cells,
    blocks: [],
    measures: [],
    values,
    slots: values,
    parameters: [],
    columns: planColumns(terms.cohort),
    where: 'all' in where && where.all.length === 0 ? undefined : where,
    per: query.per,
    ...bounds,
    rho: price.rho,
    deadlineSeconds: deadlineSeconds(own.cohort, { blocks, dimensions, keyed }, values),
    minimumCell: terms.minimumCell,
    ...(terms.rounding !== undefined && { rounding: terms.rounding }),
    inside: {
      choices,
      measures: inside.choices.flatMap((choice, i) => {
        const chosen = choices[i];
        return chosen === undefined ? [] : [measureOf(choice, chosen)];
      }),
      delta: choices.reduce(
        (sum, { choice }) => ('delta' in choice ? sum.plus(choice.delta) : sum),
        Rational.ZERO,
      ),
    },
  };
}
