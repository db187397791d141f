/**
 * What a program answered on B blocks of people inside one holder: a private median, or a winsorised mean.
 *
 * Median      the answer at the middle rank; its interval lies between the answers at two ranks so far
 *             out that the median of the law of a block's answer is between them in 95 %, sampling and
 *             the reach of the mechanism together (cohort/inside/compile.ts). What noise alone does
 *             is known in ranks, not in the unit of the field: no half-width.
 * Winsorised  mean of the cut answers, low + S/B, within the fence. Noise: √v·w/B of a fence of width w.
 *             Sampling: the spread of a block's answer by the released quartiles, (b − a)/1.349 as of a
 *             normal law. Answers that the fence cuts off, and that small blocks answer other than
 *             everybody would, are in no interval.
 * @module
 */
import { check } from '../../base/errors.ts';
import { winsorFence } from '../../dp/mechanism/winsorised-mean.ts';
import type { AnswerField, ChoiceMeasure } from '../choice-measure.ts';
import type { NamedEstimate } from '../named-estimate.ts';
import { clamp, Z95 } from '../score-set.ts';

/** The interquartile range of a standard normal law. */
const NORMAL_QUARTILES = 1.349;
const PARTS = 3;

type Answers = Extract<ChoiceMeasure, { readonly kind: 'image' }>;

/** 95 % half-width of the noise of a winsorised mean with a fence of `width`, in steps. */
export const winsorNoise = (noise: number, width: number, blocks: number): number =>
  (Z95 * Math.sqrt(noise) * width) / blocks;

/** Three integers of a field, in the order of cohort/inside/choose.ts. */
export function answersEstimate(
  measure: Answers,
  { name, scale }: AnswerField,
  values: readonly bigint[],
): NamedEstimate {
  check(values.length === PARTS, 'INVALID_PARAMETER', 'three values of a field');
  const { min, max, step } = scale;
  const bounded = values.map((value) => clamp(Number(value), min, max));
  const shown = (place: number): number => clamp(place, min, max) * step + 0;
  if (measure.aggregate === 'median') {
    const [middle = min, low = min, high = max] = bounded;
    return {
      name,
      value: shown(middle),
      interval: [shown(Math.min(middle, low, high)), shown(Math.max(middle, low, high))],
      noise: null,
      p: null,
    };
  }
  const [first = 0n, second = 0n, sum = 0n] = values;
  const { blocks } = measure;
  const fence = winsorFence([first, second], { min: BigInt(min), max: BigInt(max) });
  const [low, width] = [Number(fence.low), Number(fence.high - fence.low)];
  const place = low + clamp(Number(sum) / blocks, 0, width);
  const spread = Math.abs(Number(second - first)) / NORMAL_QUARTILES;
  const noise = winsorNoise(measure.noise.toNumber(), width, blocks);
  const sampling = (Z95 * spread) / Math.sqrt(blocks);
  const half = Math.sqrt(noise * noise + sampling * sampling);
  return {
    name,
    value: shown(place),
    interval: [shown(place - half), shown(place + half)],
    noise: Math.min(noise, width) * step,
    p: null,
  };
}
