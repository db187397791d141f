/**
 * Composition of many mechanisms with parameters fixed beforehand: δ(ε), ε(δ) and what an attacker
 * can do, tight and never too little.
 *
 * For          pricing a plan, and selling "k answers with this noise". A composed loss distribution
 *              is **not** a valid adaptive stopping rule: what is spent is counted by filters.ts.
 * Method       with K(λ) = Σ k_j·ln Σ f_j(x)·e^(λx), every f_j is tilted to f_j(x)·e^(λx)/M_j before
 *              the transform and the result weighed by e^(K(λ) − λx) after it. λ is the saddle point
 *              of what is asked, so the tail that matters is in the middle of the window, and its
 *              relative error is small however small δ is.
 * Error term   added to δ:
 *              1. the mass above the window, at most e^(K(λ+θ) − (λ+θ)U) for any θ > 0 (Chernoff), and
 *                 below it where ε is below it. What wraps around inside only adds to δ.
 *              2. ‖g̃ − g‖₂·‖w‖₂ by Cauchy and Schwarz, w(x) = e^(K − λx)·(1 − e^(ε − x)), g the tilted
 *                 composition, with Λ = FOURIER_ERROR·log₂ N and u = 2^−53:
 *                 ‖g̃ − g‖₂ ≤ 2·(Σ k_j·Λ·‖f_j‖₂ + (4u·Σ k_j + Λ)·‖g‖₂). Transforms of laws have
 *                 absolute value at most 1; computed values are brought back into that disc, which
 *                 cannot increase their error, so k-th powers multiply it by at most k; one complex
 *                 product errs by at most √5·u of itself (Brent, Percival, Zimmermann, Math. Comp.
 *                 2007), k of them by less than 4u·k; the factor 2 covers products of errors.
 *              3. a relative 2^−40·Σ k_j for the rounding of masses and of e^(λx).
 * @module
 */
import { check } from '../../base/errors.ts';
import { Fourier, FOURIER_ERROR } from './fourier.ts';
import { multiplyPower } from './fourier-power.ts';
import type { LatticeLoss } from './lattice-loss.ts';
import type { Mechanism } from './loss-of.ts';
import { leastOf, Tilt, type Window } from './tilt.ts';

export type Part = { readonly mechanism: Mechanism; readonly count: number };

/** Lattice points in a standard deviation of the total, and of the smallest step. */
const TOTAL_POINTS = 1000;
const STEP_POINTS = 16;
const MOST = 2 ** 24;
const MOST_POINTS = 2 ** 21;

function checkCount(count: number): number {
  check(Number.isSafeInteger(count) && count > 0, 'INVALID_PARAMETER', 'count of a mechanism');
  return count;
}

/** Standard deviation of the total, roughly. */
const spreadOf = (parts: readonly Part[]): number =>
  Math.sqrt(parts.reduce((sum, { mechanism, count }) => sum + count * mechanism.spread ** 2, 0));

/** Fine enough for the total and for each step, and a divisor of the first one's largest loss. */
function gridOf(parts: readonly Part[]): number {
  const step = Math.min(...parts.map(({ mechanism }) => mechanism.spread));
  const finest = Math.min(spreadOf(parts) / TOTAL_POINTS, step / STEP_POINTS);
  const top = parts[0]?.mechanism.top ?? 1;
  return top / Math.ceil(top / finest);
}

/** The composition, tilted for one question and transformed: answers for ε near that tilt. */
type Composed = {
  readonly tilt: Tilt;
  readonly lowest: number;
  readonly window: Float64Array;
  readonly grid: number;
  readonly error: number;
  readonly low: number;
  readonly outside: Window['outside'];
};

/** A fixed list of mechanisms, in any order. */
export class Composition {
  readonly #losses: readonly { readonly loss: LatticeLoss; readonly count: number }[];
  readonly #grid: number;
  readonly #spread: number;
  readonly #steps: number;
  /** Probability of an output impossible for the neighbour, in any of the mechanisms. */
  readonly infinite: number;
  /** The largest finite loss of all together. */
  readonly top: number;

  constructor(parts: readonly Part[], grid = gridOf(parts)) {
    check(parts.length > 0, 'INVALID_PARAMETER', 'composition of nothing');
    this.#steps = parts.reduce((sum, { count }) => sum + checkCount(count), 0);
    check(this.#steps <= MOST, 'INVALID_PARAMETER', 'too many mechanisms');
    this.#losses = parts.map(({ mechanism, count }) => ({ loss: mechanism.on(grid), count }));
    this.#grid = grid;
    this.#spread = spreadOf(parts);
    const finite = this.#losses.reduce(
      (sum, { loss, count }) => sum + count * Math.log1p(-loss.infinite),
      0,
    );
    this.infinite = Math.min(1, Math.abs(Math.expm1(finite)) * (1 + 1e-12));
    this.top = this.#losses.reduce(
      (sum, { loss, count }) => sum + count * loss.loss(loss.mass.length - 1),
      0,
    );
  }

  /** The smallest δ at ε ≥ 0, rounded up. */
  deltaUp(epsilon: number): number {
    check(epsilon >= 0 && Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon');
    if (epsilon >= this.top) return this.infinite;
    const k = this.#cumulant();
    const lambda = leastOf((t) => k.at(t) - t * epsilon, this.#spread);
    return this.#deltaUp(this.#composed(lambda), epsilon);
  }

  /** The smallest ε ≥ 0 at δ, rounded up; infinite where no ε has that δ. */
  epsilonUp(delta: number): number {
    check(delta >= 0 && delta < 1, 'INVALID_PARAMETER', 'delta');
    const rest = delta - this.infinite;
    if (rest < 0) return Number.POSITIVE_INFINITY;
    if (rest < 1e-300) return this.top;
    const k = this.#cumulant();
    const lambda = leastOf((t) => (k.at(t) - Math.log(rest)) / t, this.#spread);
    const composed = this.#composed(lambda);
    if (this.#deltaUp(composed, 0) <= delta) return 0;
    let [low, high] = [0, Math.max(this.top, 0)];
    for (let i = 0; i < 60 && high - low > 1e-12 * high; i++) {
      const middle = (low + high) / 2;
      if (this.#deltaUp(composed, middle) <= delta) high = middle;
      else low = middle;
    }
    return high;
  }

  /**
   * The most often that a test between an input and its neighbour detects the person when it is
   * wrong about those without them at most `falsePositives` of the time: min over ε of
   * δ(ε) + e^ε·falsePositives (Neyman and Pearson), rounded up.
   */
  truePositivesUp(falsePositives: number): number {
    const proper = falsePositives > 0 && falsePositives < 1;
    check(proper, 'INVALID_PARAMETER', 'rate of false positives');
    const k = this.#cumulant();
    const tail = leastOf((t) => (k.at(t) - Math.log(falsePositives)) / t, this.#spread);
    // The best ε of a rare false positive is in the tail, that of a frequent one is not.
    return Math.min(
      ...[0, tail].map((t) => this.#truePositives(this.#composed(t), falsePositives)),
    );
  }

  #truePositives(composed: Composed, falsePositives: number): number {
    const rate = (epsilon: number): number =>
      this.#deltaUp(composed, epsilon) + Math.exp(epsilon) * falsePositives;
    // A bound at every ε; convex in e^ε, so the search finds the least. Far below it the rate is 1 but for
    // rounding, which says nothing of where to go: up.
    const tells = 1 - 1e-9;
    let [low, high] = [-this.top, Math.min(this.top, -Math.log(falsePositives))];
    let best = Math.min(1, rate(low), rate(high));
    for (let i = 0; i < 50; i++) {
      const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
      const [fa, fb] = [rate(a), rate(b)];
      best = Math.min(best, fa, fb);
      if (fa < fb && fa < tells) high = b;
      else low = a;
    }
    return best;
  }

  #cumulant(): Tilt {
    return new Tilt(this.#losses);
  }

  /** The tilted law of the sum of the finite losses on a window that holds all but e^−36 of it. */
  #composed(lambda: number): Composed {
    const tilt = this.#cumulant().with(lambda);
    const grid = this.#grid;
    const { low, high, outside } = tilt.window(this.#spread);
    const lowest = Math.floor(low / grid);
    const points = Math.ceil(high / grid) - lowest + 1;
    check(points <= MOST_POINTS, 'INVALID_PARAMETER', 'losses too wide for their lattice');
    const size = 2 ** Math.max(1, Math.ceil(Math.log2(points)));
    const transform = new Fourier(size);
    const product = [new Float64Array(size).fill(1), new Float64Array(size)] as const;
    const share = FOURIER_ERROR * transform.levels;
    let error = 0;
    let start = 0;
    for (const { loss, count } of this.#losses) {
      const re = new Float64Array(size);
      tilt.tilted(loss).forEach((p, i) => {
        re[i % size] = (re[i % size] ?? 0) + p;
      });
      error += count * share * Math.sqrt(re.reduce((sum, p) => sum + p * p, 0));
      const im = new Float64Array(size);
      transform.forward(re, im);
      multiplyPower(product, [re, im], count);
      start += count * loss.lower;
    }
    const [re, im] = product;
    const norm = Math.sqrt(re.reduce((sum, x, i) => sum + x * x + (im[i] ?? 0) ** 2, 0) / size);
    transform.inverse(re, im);
    // Entry i is the loss start + i modulo the size; the window begins at `lowest`.
    const shift = (((lowest - start) % size) + size) % size;
    const window = Float64Array.from({ length: size }, (_, i) =>
      Math.max(0, re[(i + shift) % size] ?? 0),
    );
    error = 2 * (error + (4 * this.#steps * 2 ** -53 + share) * norm);
    return { tilt, lowest, window, grid, error, low, outside };
  }

  #deltaUp(composed: Composed, epsilon: number): number {
    if (epsilon >= this.top) return this.infinite;
    const { tilt, lowest, window, grid, error, low, outside } = composed;
    const first = Math.max(0, Math.floor(epsilon / grid) - lowest);
    let [delta, squares] = [0, 0];
    for (let i = first; i < window.length; i++) {
      const loss = (lowest + i) * grid;
      if (loss <= epsilon) continue;
      const weight = -tilt.weight(loss) * Math.expm1(epsilon - loss);
      if (weight === 0) break;
      delta += weight * (window[i] ?? 0);
      squares += weight * weight;
    }
    const below = epsilon < low ? outside.below : 0;
    const finite = delta * (1 + 2 ** -40 * this.#steps) + error * Math.sqrt(squares);
    return Math.min(1, this.infinite + finite + outside.above + below);
  }
}
