/** What a holder draws for a linked plan: measure by measure, a cell of every group. */
import type { NoiseRun } from '../ports.ts';
import type { LinkedPlan } from './plan.ts';

export const linkedNoiseRuns = ({ measures, groups }: LinkedPlan): NoiseRun[] =>
  measures.map(({ variance }) => ({ variance, count: groups.length }));
