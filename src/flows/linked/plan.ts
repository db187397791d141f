/**
 * A linked plan as this flow computes with it: cells, columns of integers, lists of one public length. What it costs and
 * why the noise suffices is in cohort/linked/link.ts.
 *
 * Columns are the components of the plan's blocks in the order of its vector, so that result j of
 * cell g is value j·cells + g of the vector that is released.
 * @module
 */
import { check } from '../../base/errors.ts';
import type { Rational } from '../../base/rational.ts';
import { largestOfPair } from '../../cohort/linked/link.ts';
import { MOST_SUMS } from '../../cohort/linked/limits.ts';
import type { Link, Plan } from '../../cohort/plan.ts';
import { noiseRuns } from '../pooled/noise-runs.ts';
import type { NoiseRun } from '../ports.ts';

export type LinkedColumn = {
  /** Values are integers in [0, bound]. */
  readonly bound: bigint;
  /** sigma squared of the discrete Gaussian that each holder adds in each cell. */
  readonly variance: Rational;
};

export type LinkedPlan = Pick<Link, 'declaredSize' | 'length' | 'dummies'> & {
  /** How many. */
  readonly cells: number;
  readonly columns: readonly LinkedColumn[];
  /** What each holder draws, in the order of the vector. */
  readonly noise: readonly NoiseRun[];
  /** From touching data to the first message that follows from it. */
  readonly deadlineSeconds: number;
};

/** Who is who in a linked plan. */
export function linkOf({ link }: Pick<Plan, 'link'>): Link {
  check(link !== undefined, 'INTERNAL', 'a plan that is not linked');
  return link;
}

export function linkedPlan(plan: Plan): LinkedPlan {
  const { declaredSize, length, dummies } = linkOf(plan);
  const columns = plan.blocks.flatMap((block) => {
    const bounds = largestOfPair(block);
    const variances = block.runs.flatMap(({ components, variance }) =>
      Array.from({ length: components }, () => variance),
    );
    return bounds.flatMap((bound, i): LinkedColumn[] => {
      const variance = variances[i];
      return variance === undefined ? [] : [{ bound, variance }];
    });
  });
  const { cells, deadlineSeconds } = plan;
  check(columns.length * cells === plan.values, 'INTERNAL', 'components of a linked plan');
  check(plan.values <= MOST_SUMS, 'INTERNAL', 'sums of a linked plan');
  return { declaredSize, length, dummies, cells, columns, noise: noiseRuns(plan), deadlineSeconds };
}
