/** What a holder draws for a plan, in the order of its vector. */
import { runsOf } from '../../cohort/blocks.ts';
import type { Plan } from '../../cohort/plan.ts';
import type { NoiseRun } from '../ports.ts';

export const noiseRuns = (plan: Plan): NoiseRun[] =>
  runsOf(plan).map(({ components, variance }) => ({ variance, count: components * plan.cells }));
