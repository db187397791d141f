/**
 * Restricted mean survival time: the area under the Kaplan-Meier curve to the last time of the
 * grid.
 *
 * From time 0, or from the start of the grid where that is negative, as R's survmean ("rmean"): a
 * step function with S = 1 before the first point. On a grid coarser than the data events count
 * at the end of their interval, so the area is too large by at most the longest interval times
 * the fall of the curve. Variance: Σ (area after t_i)²·d_i/(n_i(n_i − d_i)) (Irwin 1949; Klein,
 * Moeschberger 2003, 4.5.2) plus the noise by the delta method. Where the noise hides the number
 * at risk, the area from there on is taken between 0 and the last level of the curve.
 * @module
 */
import { clamp, Z95 } from '../score-set.ts';
import { greenwoodTerm, hiddenSurvival, kaplanMeier, survivalSlopes } from './curve.ts';
import { noiseOfWeightedSum } from './exit-noise.ts';
import type { RiskTable } from './risk-table.ts';

export type RestrictedMean = {
  readonly until: number;
  readonly value: number;
  readonly interval: readonly [number, number];
  /** 95 % half-width of the noise alone. */
  readonly noise: number;
};

export function restrictedMean(table: RiskTable, grid: readonly number[]): RestrictedMean {
  const [first = 0, second = 0] = grid;
  const until = grid.at(-1) ?? 0;
  const origin = Math.min(0, first);
  const slopes = survivalSlopes(table);
  const survival = kaplanMeier(table);
  // S after interval i holds from g_{i+1} to g_{i+2}; after the last one it has no area.
  const areas = survival.map((s, i) => s * ((grid[i + 2] ?? until) - (grid[i + 1] ?? until)));
  const sum = (terms: readonly number[]): number => terms.reduce((total, term) => total + term, 0);
  const known = areas.slice(0, slopes.length);
  const certain = second - origin + sum(known);
  const rest = sum(areas.slice(slopes.length));
  let after = sum(known);
  let sampling = 0;
  known.forEach((area, i) => {
    sampling += after * after * greenwoodTerm(table.atRisk[i] ?? 0, table.events[i] ?? 0);
    after -= area;
  });
  // ∂S = S·∂log S, so the areas are the weights.
  const noise = noiseOfWeightedSum(slopes, known, table.noise);
  const half = Z95 * Math.sqrt(sampling + noise);
  const level = survival[slopes.length - 1] ?? 1;
  const hidden =
    hiddenSurvival(table, slopes.length, level, level) *
    (until - (grid[slopes.length + 1] ?? until));
  const ends = [certain - half, certain + half + hidden] as const;
  return {
    until,
    value: certain + rest,
    interval: [clamp(ends[0], second - origin, until - origin), clamp(ends[1], 0, until - origin)],
    noise: Math.min(until - origin, Z95 * Math.sqrt(noise) + hidden),
  };
}
