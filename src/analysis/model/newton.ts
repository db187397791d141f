/** Newton's method for a concave log-likelihood of few parameters, with halved steps. @module */
import { apply, dot, inverse } from './matrix.ts';

export type Curvature = {
  readonly score: readonly number[];
  /** Minus the second derivative. */
  readonly information: readonly (readonly number[])[];
};

const STEPS = 60;
const TOLERANCE = 1e-18;
/** A coefficient beyond this is one that runs away: the table is separated. */
const LARGEST = 40;

/**
 * The root of the score from `start`, with the inverse of the information there; undefined where there
 * is none: information that is not positive definite on the way, or a coefficient that runs away.
 */
export function solveScore(
  start: readonly number[],
  at: (beta: readonly number[]) => Curvature,
): { readonly beta: readonly number[]; readonly bread: number[][] } | undefined {
  let beta = [...start];
  let { score, information } = at(beta);
  for (let step = 0; step < STEPS; step++) {
    const bread = inverse(information);
    if (bread === undefined) return undefined;
    const move = apply(bread, score);
    const gain = dot(move, score);
    if (!Number.isFinite(gain)) return undefined;
    if (gain < TOLERANCE) return { beta, bread };
    let [scale, next] = [1, beta];
    for (let half = 0; half < 30; half++, scale /= 2) {
      const share = scale;
      next = beta.map((value, i) => value + share * (move[i] ?? 0));
      ({ score, information } = at(next));
      // Along the way the score falls from `gain` to zero: not past it by more than it was before.
      if (dot(move, score) > -gain) break;
    }
    beta = next;
    if (beta.some((value) => !(Math.abs(value) < LARGEST))) return undefined;
  }
  return undefined;
}
