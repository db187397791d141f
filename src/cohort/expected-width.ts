/**
 * The noise half-width to expect of a measure, from public numbers, and the other way round: the least
 * price at which it is as small as somebody wants.
 *
 * Price      the first of the candidates m·10^e, 1000 ≤ m < 10000, at which the expected half-width of a
 *            released cell is at most what was asked for; of a model, that of its widest coefficient. A cell
 *            has the rows that the study declares, spread evenly. Half-widths fall as prices rise, so that
 *            the first is found by halving.
 * Charged    is an exact fraction of that list. Half-widths are doubles, and all of them come by + − × ÷ and
 *            √ (analysis/elementary.ts), which every machine rounds alike: all parties find the same one.
 * @module
 */
import { noiseHalfWidth } from '../analysis/interval.ts';
import { expectedMeanNoise } from '../analysis/measure/mean.ts';
import { expectedProportionNoise } from '../analysis/measure/proportion.ts';
import { expectedSumNoise } from '../analysis/measure/sum.ts';
import { expectedSurvivalNoise } from '../analysis/measure/survival.ts';
import { expectedVarianceNoise } from '../analysis/measure/variance.ts';
import type { TableMeasure } from '../analysis/table-measure.ts';
import { check, Refusal } from '../base/errors.ts';
import { Rational } from '../base/rational.ts';
import { type ExpectedNoise, expectedNoise, type NoisedBlock } from './expected-noise.ts';

/** The noise half width of a cell of `rows` rows with `shares` shares of noise. */
export function expectedWidth(
  measure: TableMeasure,
  block: NoisedBlock,
  shares: number,
  rows: number,
): Pick<ExpectedNoise, 'cell' | 'parts'> {
  const share = block.runs[0]?.variance;
  check(share !== undefined, 'INTERNAL', 'a block without noise');
  const variance = share.toNumber() * shares;
  const alone = (cell: number) => ({ cell, parts: [] });
  switch (measure.kind) {
    case 'count':
    case 'histogram':
      return alone(noiseHalfWidth(share, shares));
    case 'sum':
      return alone(expectedSumNoise(variance, measure.scale));
    case 'mean':
      return alone(expectedMeanNoise(variance, measure.scale, rows));
    case 'variance':
      return alone(expectedVarianceNoise(variance, measure.scale, rows));
    case 'proportion':
      return alone(expectedProportionNoise(variance, rows));
    case 'survival': {
      const arms = measure.arm?.labels.length ?? 1;
      // Where half of the people of an arm are left: about the median.
      return alone(expectedSurvivalNoise(variance, measure.grid.length - 1, rows / arms / 2));
    }
    case 'quantiles':
    case 'distribution':
    case 'table':
    case 'standardised':
    case 'trend':
    case 'incidence':
    case 'linear':
    case 'logistic':
    case 'hazards':
    case 'image':
      return expectedNoise(measure, block, shares, rows);
  }
}

/** Of a cell, of a point, or of the widest coefficient; infinite where one would not be determined. */
export function widestOf({ cell, parts }: Pick<ExpectedNoise, 'cell' | 'parts'>): number {
  if (cell !== undefined) return cell;
  return parts.reduce((most, { noise }) => Math.max(most, noise ?? Infinity), 0);
}

const MANTISSAS = 9000;
const FIRST_EXPONENT = -14;
/** Up to 9.999, where next to nothing is hidden. */
const EXPONENTS = 12;
const TEN = 10n;

/** Candidate `i`, of four significant digits; increasing. */
function candidate(i: number): Rational {
  const mantissa = BigInt(1000 + (i % MANTISSAS));
  const exponent = FIRST_EXPONENT + Math.floor(i / MANTISSAS);
  return exponent < 0
    ? Rational.of(mantissa, TEN ** BigInt(-exponent))
    : Rational.of(mantissa * TEN ** BigInt(exponent));
}

/** The least price whose expected half-width, as `at` tells it, is at most `wanted`. */
export function rhoForWidth(wanted: Rational, at: (rho: Rational) => number): Rational {
  const limit = wanted.toNumber();
  const holds = (i: number): boolean => at(candidate(i)) <= limit;
  let [low, high] = [-1, MANTISSAS * EXPONENTS - 1];
  if (!holds(high)) {
    const errors = [{ pointer: '/halfWidth', code: 'HALF_WIDTH_OUT_OF_REACH' }];
    throw new Refusal('INVALID_QUERY', 'no price has this half-width', { errors });
  }
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return candidate(high);
}
