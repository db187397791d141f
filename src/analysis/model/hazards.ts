/**
 * Proportional hazards on noised tables of exits, one for each combination of factors.
 *
 * Model     a hazard e^(x_g·β) times one that is free in every interval of the grid: the piecewise
 *           exponential model, whose likelihood with the free hazards solved for is Breslow's partial
 *           likelihood of the grouped times (Breslow 1974; Holford 1980; Laird, Olivier 1981). On a grid
 *           of the unit of time of the data the estimates are those of Cox's model with Breslow's ties.
 * Score     Σ_i Σ_g d_gi(x_g − x̄_i), x̄_i the mean of x over those at risk, weighted by e^(xβ); d as
 *           noised, numbers at risk as fitted (survival/risk-table.ts). Intervals in which the noise hides the
 *           pooled number at risk are left out.
 * Errors    an exit of group g in interval i moves the score by its score residual,
 *               r = [event]·(x_g − x̄_i) − Σ_{l ≤ i} (d_l/S0_l)·e^(x_gβ)·(x_g − x̄_l),
 *           so the noise of the exits gives it the covariance Σ s²·r·r', and sampling the information.
 * Not told  where the information is not positive definite, or a coefficient runs away.
 * @module
 */
import { check } from '../../base/errors.ts';
import { exp } from '../elementary.ts';
import { type NamedEstimate, normalEstimate, undetermined } from '../named-estimate.ts';
import type { Reading } from '../reading.ts';
import { Z95 } from '../score-set.ts';
import { type RiskTable, riskTables } from '../survival/risk-table.ts';
import { designOf, groupsOf, type ModelFactor } from './grouped-design.ts';
import { addOuter, dot, sandwich, zeros } from './matrix.ts';
import { type Curvature, solveScore } from './newton.ts';

type Groups = {
  readonly rows: readonly (readonly number[])[];
  readonly tables: readonly RiskTable[];
  /** Intervals that take part. */
  readonly known: number;
};

/** Of one interval: Σ n·e^(xβ) and the weighted mean of x. */
function riskSet({ rows, tables }: Groups, weights: readonly number[], i: number) {
  const size = rows[0]?.length ?? 0;
  const mean = Array<number>(size).fill(0);
  let total = 0;
  tables.forEach(({ atRisk }, g) => {
    const weight = (atRisk[i] ?? 0) * (weights[g] ?? 0);
    total += weight;
    rows[g]?.forEach((value, k) => (mean[k] = (mean[k] ?? 0) + weight * value));
  });
  return { total, mean: mean.map((sum) => (total > 0 ? sum / total : 0)) };
}

const weightsAt = ({ rows }: Groups, beta: readonly number[]): number[] =>
  rows.map((row) => exp(dot(row, beta)));

const eventsIn = ({ tables }: Groups, i: number): number =>
  tables.reduce((sum, { noisedEvents }) => sum + (noisedEvents[i] ?? 0), 0);

function curvatureAt(groups: Groups, beta: readonly number[]): Curvature {
  const { rows, tables, known } = groups;
  const weights = weightsAt(groups, beta);
  const score = beta.map(() => 0);
  const information = zeros(beta.length);
  for (let i = 0; i < known; i++) {
    const { total, mean } = riskSet(groups, weights, i);
    if (!(total > 0)) break;
    const fitted = tables.reduce((sum, { events }) => sum + (events[i] ?? 0), 0);
    tables.forEach(({ atRisk, noisedEvents }, g) => {
      const apart = (rows[g] ?? []).map((value, k) => value - (mean[k] ?? 0));
      const events = noisedEvents[i] ?? 0;
      apart.forEach((value, k) => (score[k] = (score[k] ?? 0) + events * value));
      addOuter(information, (fitted * (atRisk[i] ?? 0) * (weights[g] ?? 0)) / total, apart);
    });
  }
  return { score, information };
}

/** Covariance of the score from the noise of every exit. */
function noiseOfScore(groups: Groups, beta: readonly number[]): number[][] {
  const { rows, tables, known } = groups;
  const weights = weightsAt(groups, beta);
  const matrix = zeros(beta.length);
  const sets = Array.from({ length: known }, (_, i) => riskSet(groups, weights, i));
  const hazards = sets.map(({ total }, i) => (total > 0 ? eventsIn(groups, i) / total : 0));
  tables.forEach(({ noise }, g) => {
    const taken = beta.map(() => 0);
    sets.forEach(({ mean }, i) => {
      const apart = (rows[g] ?? []).map((value, k) => value - (mean[k] ?? 0));
      const hazard = (hazards[i] ?? 0) * (weights[g] ?? 0);
      apart.forEach((value, k) => (taken[k] = (taken[k] ?? 0) - hazard * value));
      const own = noise[i] ?? { event: 0, censored: 0 };
      addOuter(
        matrix,
        own.event,
        apart.map((value, k) => value + (taken[k] ?? 0)),
      );
      addOuter(matrix, own.censored, taken);
    });
    addOuter(matrix, noise[known - 1]?.later ?? 0, taken);
  });
  return matrix;
}

/** Intervals before the first in which the pooled number at risk is hidden by its noise. */
function knownIntervals(tables: readonly RiskTable[]): number {
  const intervals = tables[0]?.atRisk.length ?? 0;
  for (let i = 0; i < intervals; i++) {
    const pooled = tables.reduce((sum, { atRisk }) => sum + (atRisk[i] ?? 0), 0);
    const noise = tables.reduce((sum, { atRiskNoise }) => sum + (atRiskNoise[i] ?? 0), 0);
    if (!(pooled > Z95 * Math.sqrt(noise))) return i;
  }
  return intervals;
}

/** Coefficients: logarithms of hazard ratios. 2·`intervals` + 1 exits a group. */
export function hazardsOf(
  reading: Reading,
  factors: readonly ModelFactor[],
  intervals: number,
): NamedEstimate[] {
  const { names, rows } = designOf(factors);
  check(names.length > 0, 'INVALID_PARAMETER', 'no factor');
  const tables = riskTables(reading, groupsOf(factors), intervals);
  const groups: Groups = { rows, tables, known: knownIntervals(tables) };
  const solved = solveScore(
    names.map(() => 0),
    (beta) => curvatureAt(groups, beta),
  );
  if (solved === undefined) return names.map(undetermined);
  const { information } = curvatureAt(groups, solved.beta);
  const sampling = sandwich(solved.bread, information);
  const noise = sandwich(solved.bread, noiseOfScore(groups, solved.beta));
  return names.map((name, i) =>
    normalEstimate(name, solved.beta[i] ?? 0, sampling[i] ?? 0, noise[i] ?? 0),
  );
}
