/**
 * How far off a choice is to be expected, in 95 %, from public numbers only (rulings 14).
 *
 *     top          rows by which a chosen label may be short of one that was passed over
 *     keys         people with whom a value is shown with probability 0.95
 *     median       blocks by which the chosen answer may be off the middle one
 *     winsorised   the noise of the mean where the fence is as wide as the declared range: the most it is
 * @module
 */
import { winsorNoise } from '../../analysis/measure/answers.ts';
import type { AnswerField, ChoiceMeasure } from '../../analysis/choice-measure.ts';
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { quantileReach } from '../../dp/mechanism/answer-quantile.ts';
import { PartitionSelection } from '../../dp/mechanism/partition-selection.ts';
import { topReach } from '../../dp/mechanism/top-candidates.ts';
import { FIXED_ONE } from '../../dp/exponential.ts';
import type { Choice, ChosenBlock, Inside } from './choice.ts';

const MISSED = Rational.of(1, 20);
const SHOWN = (FIXED_ONE * 19n) / 20n;
/** UCUM, with what is counted as an annotation. */
const BLOCKS = '{block}';

/** The fewest people with whom a value is shown with probability 0.95. */
function peopleShown(choice: Extract<Choice, { readonly kind: 'keys' }>): number {
  const law = new PartitionSelection({ ...choice, l0: 1 });
  let [low, high] = [choice.least - 1, choice.least];
  while (law.probability(high) < SHOWN) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (law.probability(middle) < SHOWN) low = middle;
    else high = middle;
  }
  return high;
}

export type ChoicePrice = {
  readonly measure: string;
  readonly kind: ChoiceMeasure['kind'];
  readonly rho: Rational;
  readonly unit: string;
  /** Rows or people; undefined where every field has its own. */
  readonly cell: number | undefined;
  readonly parts: readonly { readonly name: string; readonly unit: string; readonly off: number }[];
};

function ofField(choice: Choice, { name, scale, unit }: AnswerField, f: number) {
  check(choice.kind === 'median' || choice.kind === 'winsorised', 'INTERNAL', 'fields of a choice');
  const { blocks, fields } = choice.content;
  const field = fields[f];
  check(field !== undefined, 'INTERNAL', 'a field of no image');
  if (choice.kind === 'median') {
    const off = Math.min(blocks, quantileReach(field, choice.epsilon, MISSED));
    return { name, unit: BLOCKS, off };
  }
  const width = scale.max - scale.min;
  const most = winsorNoise(choice.noise.toNumber(), width, blocks);
  return { name, unit, off: Math.min(width, most) * scale.step };
}

function offOf(measure: ChoiceMeasure, choice: Choice): Pick<ChoicePrice, 'cell' | 'parts'> {
  if (choice.kind === 'top') {
    return { cell: Number(topReach(choice, choice.content.parts, MISSED)), parts: [] };
  }
  if (choice.kind === 'keys') return { cell: peopleShown(choice), parts: [] };
  check(measure.kind === 'image', 'INTERNAL', 'a measure of another choice');
  return { cell: undefined, parts: measure.fields.map((field, f) => ofField(choice, field, f)) };
}

export const choicePrices = ({ choices, measures }: Inside): ChoicePrice[] =>
  measures.map((measure, i) => {
    const chosen: ChosenBlock | undefined = choices[i];
    check(chosen !== undefined, 'INTERNAL', 'a measure without its choice');
    const { rho, choice } = chosen;
    const { name, kind } = measure;
    return { measure: name, kind, rho, unit: '1', ...offOf(measure, choice) };
  });
