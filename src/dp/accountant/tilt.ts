/**
 * Exponential tilting of a composition: its cumulant K(λ) = Σ k_j·ln Σ f_j(x)·e^(λx), the tilted
 * laws, and the window that holds all of the tilted sum but e^−36 on each side.
 * @module
 */
import type { LatticeLoss } from './lattice-loss.ts';

export type Counted = { readonly loss: LatticeLoss; readonly count: number };

export type Window = {
  readonly low: number;
  readonly high: number;
  /** Bounds on the probability of a loss above and below the window, before tilting. */
  readonly outside: { readonly above: number; readonly below: number };
};

/** −ln of the tilted probability outside the window. */
const FAR = 36;
/** ln of the range of λ around 1/spread. */
const RANGE = Math.log(1000);
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The λ > 0 where a unimodal f is least; any λ is valid, a poor one only less tight. */
export function leastOf(f: (lambda: number) => number, spread: number): number {
  const at = (x: number): number => f(Math.exp(x) / spread);
  let [low, high] = [-RANGE, RANGE];
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [fa, fb] = [at(a), at(b)];
  for (let i = 0; i < 40; i++) {
    if (fa < fb) {
      [high, b, fb] = [b, a, fa];
      a = high - GOLDEN * (high - low);
      fa = at(a);
    } else {
      [low, a, fa] = [a, b, fb];
      b = low + GOLDEN * (high - low);
      fb = at(b);
    }
  }
  return Math.exp((low + high) / 2) / spread;
}

/** ln Σ f(x)·e^(λx). */
function cumulant(loss: LatticeLoss, lambda: number): number {
  const { mass } = loss;
  const peak = lambda * loss.loss(lambda > 0 ? mass.length - 1 : 0);
  let sum = 0;
  for (let i = 0; i < mass.length; i++) {
    const p = mass[i] ?? 0;
    if (p > 0) sum += p * Math.exp(lambda * loss.loss(i) - peak);
  }
  return peak + Math.log(sum);
}

export class Tilt {
  readonly #losses: readonly Counted[];
  readonly #lambda: number;
  readonly #total: number;

  constructor(losses: readonly Counted[], lambda = 0) {
    this.#losses = losses;
    this.#lambda = lambda;
    this.#total = this.at(lambda);
  }

  with(lambda: number): Tilt {
    return new Tilt(this.#losses, lambda);
  }

  /** K(λ). */
  at(lambda: number): number {
    return this.#losses.reduce((sum, { loss, count }) => sum + count * cumulant(loss, lambda), 0);
  }

  /** f(x)·e^(λx)/M of one mechanism. */
  tilted(loss: LatticeLoss): Float64Array {
    const own = cumulant(loss, this.#lambda);
    return loss.mass.map((p, i) => (p > 0 ? p * Math.exp(this.#lambda * loss.loss(i) - own) : 0));
  }

  /** What a tilted probability is multiplied by: e^(K(λ) − λ·loss). */
  weight(loss: number): number {
    return Math.exp(this.#total - this.#lambda * loss);
  }

  window(spread: number): Window {
    const [lambda, total] = [this.#lambda, this.#total];
    const above = (t: number): number => (this.at(lambda + t) - total + FAR) / t;
    const under = (t: number): number => (this.at(lambda - t) - total + FAR) / t;
    const [bottom, top] = [this.#extreme(0), this.#extreme(1)];
    const high = Math.min(top, above(leastOf(above, spread)));
    const low = Math.max(bottom, -under(leastOf(under, spread)));
    // P(X > U) ≤ e^(K(λ+θ) − (λ+θ)U) = e^(K(λ) − λU − 36) at the θ that gave U.
    const tail = (t: number): number => this.at(-t) + t * low;
    return {
      low,
      high,
      outside: {
        above: high >= top ? 0 : this.weight(high) * Math.exp(-FAR) * 1.01,
        below: low <= bottom ? 0 : Math.min(1, Math.exp(tail(leastOf(tail, spread))) * 1.01),
      },
    };
  }

  #extreme(end: 0 | 1): number {
    return this.#losses.reduce(
      (sum, { loss, count }) => sum + count * loss.loss(end * (loss.mass.length - 1)),
      0,
    );
  }
}
