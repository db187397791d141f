/**
 * Logistic regression on a noised table: factors by outcome, yes and no.
 *
 * Model     logit P(yes) = β_0 + x_g·β in group g. The score Σ x_g(y_g − N_g·π_g), N_g = yes + no, is
 *           linear in the counts, so it is used with the counts as noised: nothing is cut, and the
 *           noise leaves it unbiased at the true coefficients.
 * Errors    of the score: Σ x x'·N·π(1 − π) from sampling and Σ x x'·s²((1 − π)² + π²) from noise,
 *           between the inverses of the information (sandwich).
 * Not told  where the noised information is not positive definite, or a coefficient runs away.
 * Without noise the estimates are those of the same model on the rows, for the table is sufficient
 * for factors (McCullagh, Nelder 1989, 4.3).
 * @module
 */
import { exp } from '../elementary.ts';
import { type NamedEstimate, normalEstimate, undetermined } from '../named-estimate.ts';
import { checkReading, type Reading } from '../reading.ts';
import { designOf, groupsOf, type ModelFactor } from './grouped-design.ts';
import { INTERCEPT } from './linear.ts';
import { addOuter, dot, sandwich, zeros } from './matrix.ts';
import { type Curvature, solveScore } from './newton.ts';

/** Intercept and coefficients: logarithms of odds ratios. Two counts a group, yes and no. */
export function logisticOf(reading: Reading, factors: readonly ModelFactor[]): NamedEstimate[] {
  checkReading(reading, 2 * groupsOf(factors));
  const { names: own, rows } = designOf(factors);
  const names = [INTERCEPT, ...own];
  const groups = rows.map((row, g) => ({
    x: [1, ...row],
    yes: reading.values[2 * g] ?? 0,
    no: reading.values[2 * g + 1] ?? 0,
    noise: [reading.noise[2 * g] ?? 0, reading.noise[2 * g + 1] ?? 0] as const,
  }));
  const chance = (x: readonly number[], beta: readonly number[]): number =>
    1 / (1 + exp(-dot(x, beta)));
  const at = (beta: readonly number[]): Curvature => {
    const score = beta.map(() => 0);
    const information = zeros(beta.length);
    for (const { x, yes, no } of groups) {
      const p = chance(x, beta);
      const rest = yes - (yes + no) * p;
      x.forEach((value, i) => (score[i] = (score[i] ?? 0) + value * rest));
      addOuter(information, (yes + no) * p * (1 - p), x);
    }
    return { score, information };
  };
  const solved = solveScore(
    names.map(() => 0),
    at,
  );
  if (solved === undefined) return names.map(undetermined);
  const [sampling, noise] = [zeros(names.length), zeros(names.length)];
  for (const { x, yes, no, noise: each } of groups) {
    const p = chance(x, solved.beta);
    addOuter(sampling, (yes + no) * p * (1 - p), x);
    addOuter(noise, each[0] * (1 - p) * (1 - p) + each[1] * p * p, x);
  }
  const [fromRows, fromNoise] = [sandwich(solved.bread, sampling), sandwich(solved.bread, noise)];
  return names.map((name, i) =>
    normalEstimate(name, solved.beta[i] ?? 0, fromRows[i] ?? 0, fromNoise[i] ?? 0),
  );
}
