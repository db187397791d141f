/**
 * Mechanisms as privacy losses: what composition.ts composes.
 *
 * All of these are symmetric: removing a person has the losses of adding one. Discrete laws cut at 12
 * standard deviations or 1e−17 of mass; what is cut counts as infinite loss. Parameters are doubles:
 * a price in ε is for reading, and a release enters the filter by its rho and delta (rulings 16).
 * @module
 */
import { check } from '../../base/errors.ts';
import { laplaceMass } from '../mechanism/discrete-laplace.ts';
import { gaussianLaw, type Law } from '../mechanism/gaussian-law.ts';
import { LatticeBuilder, type LatticeLoss } from './lattice-loss.ts';
import { normalBetween, normalTail } from './normal.ts';

export type Mechanism = {
  /** The standard deviation of its loss, roughly: chooses the grid. */
  readonly spread: number;
  /** Its largest finite loss: a grid that divides it is exact where all losses are ±top. */
  readonly top: number;
  readonly on: (grid: number) => LatticeLoss;
};

/** Relative error of one mass of a law in doubles, with room. */
const MASS_MARGIN = 2 ** -43;
/** Standard deviations of a loss that is normal, beyond which it counts as infinite. */
const NORMAL_REACH = 12;

const checkPositive = (value: number, name: string): void => {
  check(value > 0 && Number.isFinite(value), 'INVALID_PARAMETER', `${name} is not positive`);
};

function checkShift(shift: number): void {
  const valid = Number.isSafeInteger(shift) && shift > 0;
  check(valid, 'INVALID_PARAMETER', 'sensitivity is not a positive integer');
}

/** Integer noise of any symmetric law that is positive on its radius, moved by `shift`. */
export function noiseLoss(law: Law, shift: number): Mechanism {
  checkShift(shift);
  const { radius, mass } = law;
  const at = (n: number): number => mass[n + radius] ?? 0;
  let [top, mean, square] = [0, 0, 0];
  for (let n = -radius; n <= radius - shift; n++) {
    const loss = Math.log(at(n) / at(n + shift));
    if (!Number.isFinite(loss)) continue;
    top = Math.max(top, Math.abs(loss));
    mean += at(n) * loss;
    square += at(n) * loss * loss;
  }
  checkPositive(top, 'largest loss of a law');
  return {
    spread: Math.sqrt(Math.max(square - mean * mean, top * top * 1e-6)),
    top,
    on(grid) {
      const builder = new LatticeBuilder(grid, top);
      let outside = 0;
      for (let n = -radius; n <= radius; n++) {
        const [p, q] = [at(n), at(n + shift)];
        if (p === 0) continue;
        if (q === 0) outside += p;
        else builder.atom(Math.log(p / q), p);
      }
      return builder.infinite(outside * (1 + MASS_MARGIN) + 1e-30).build(MASS_MARGIN);
    },
  };
}

/** Discrete Gaussian noise of parameter `variance`, integer sensitivity. */
export function discreteGaussianLoss(variance: number, shift: number): Mechanism {
  checkShift(shift);
  const { radius, mass } = gaussianLaw(variance);
  const top = (shift * (2 * radius + shift)) / (2 * variance);
  return {
    spread: shift / Math.sqrt(variance),
    top,
    on(grid) {
      const builder = new LatticeBuilder(grid, top);
      // p(n)/p(n + shift) = e^(shift·(2n + shift)/2σ²), also where the neighbour's mass is cut.
      mass.forEach((p, i) =>
        builder.atom((shift * (2 * (i - radius) + shift)) / (2 * variance), p),
      );
      return builder.infinite(1e-30).build(MASS_MARGIN);
    },
  };
}

/** Discrete Laplace noise of rate a = 1/scale, integer sensitivity; three runs of outputs. */
export function discreteLaplaceLoss(rate: number, shift: number): Mechanism {
  checkPositive(rate, 'rate');
  checkShift(shift);
  const top = rate * shift;
  const q = Math.exp(-rate);
  return {
    spread: Math.min(top, Math.SQRT2),
    top,
    on(grid) {
      const builder = new LatticeBuilder(grid, top);
      builder.atom(top, 1 / (1 + q)); // n ≤ 0
      for (let n = 1; n < shift; n++) builder.atom(rate * (shift - 2 * n), laplaceMass(rate, n));
      builder.atom(-top, Math.exp(-top) / (1 + q)); // n ≥ shift
      return builder.build(MASS_MARGIN);
    },
  };
}

/** The worst mechanism that is (epsilon, delta)-DP: randomised response, and δ of giving it away. */
export function pairLoss(epsilon: number, delta: number): Mechanism {
  checkPositive(epsilon, 'epsilon');
  check(delta >= 0 && delta < 1, 'INVALID_PARAMETER', 'delta');
  const truth = (1 - delta) / (1 + Math.exp(-epsilon));
  return {
    spread: Math.min(epsilon, Math.SQRT2),
    top: epsilon,
    on: (grid) =>
      new LatticeBuilder(grid, epsilon)
        .atom(epsilon, truth)
        .atom(-epsilon, truth * Math.exp(-epsilon))
        .infinite(delta)
        .build(MASS_MARGIN),
  };
}

/** Continuous Gaussian noise: the loss is normal of mean μ²/2 and variance μ², μ = Δ/σ. */
export function gaussianLoss(sigma: number, l2: number): Mechanism {
  checkPositive(sigma, 'sigma');
  checkPositive(l2, 'sensitivity');
  const mu = l2 / sigma;
  const reach = NORMAL_REACH * mu + (mu * mu) / 2;
  return {
    spread: mu,
    top: reach,
    on(grid) {
      const builder = new LatticeBuilder(grid, reach);
      const last = Math.floor(reach / grid);
      const z = (loss: number, sign: 1 | -1): number => loss / mu - (sign * mu) / 2;
      for (let i = -last; i < last; i++) {
        const [low, high] = [i * grid, (i + 1) * grid];
        const p = normalBetween(z(low, 1), z(high, 1));
        // Below one part in 2^100 the split is lost in rounding: all of it moves up.
        if (p < 2 ** -100) builder.atom(high, p);
        else builder.cell(i, p, normalBetween(z(low, -1), z(high, -1)));
      }
      builder.atom(-last * grid, normalTail(-z(-last * grid, 1)));
      builder.infinite(normalTail(z(last * grid, 1)) * (1 + 1e-9));
      // The split of a cell is a difference of values that agree but for h/μ.
      return builder.build(MASS_MARGIN * (1 + (mu / grid) ** 2));
    },
  };
}

/** Continuous Laplace noise of scale b and sensitivity Δ. */
export function laplaceLoss(scale: number, l1: number): Mechanism {
  checkPositive(scale, 'scale');
  checkPositive(l1, 'sensitivity');
  const top = l1 / scale;
  /** P and Q of losses in [low, high]: x from (top − high)/2 to (top − low)/2, in units of b. */
  const between = (low: number, high: number): readonly [number, number] => {
    const [from, to] = [(top - high) / 2, (top - low) / 2];
    const grown = -Math.expm1(from - to) / 2;
    return [Math.exp(-from) * grown, Math.exp(to - top) * grown];
  };
  return {
    spread: Math.min(top, Math.SQRT2),
    top,
    on(grid) {
      const builder = new LatticeBuilder(grid, top);
      builder.atom(top, 0.5).atom(-top, Math.exp(-top) / 2);
      const last = Math.ceil(top / grid);
      for (let i = -last; i < last; i++) {
        const [low, high] = [Math.max(-top, i * grid), Math.min(top, (i + 1) * grid)];
        if (low < high) builder.cell(i, ...between(low, high));
      }
      return builder.build(MASS_MARGIN * (1 + 1 / grid));
    },
  };
}
