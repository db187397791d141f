/**
 * A privacy loss distribution on a lattice h·Z: what one mechanism gives away, never too little.
 *
 * Meaning      f(i) is the probability, under the input with the person, of a loss of i·h, and
 *              `infinite` that of an output impossible without them. δ(ε) = infinite + Σ f(i)·(1 −
 *              e^(ε − ih))⁺ (Sommer, Meiser, Mohammadi, PoPETs 2019, 245 ff.; Koskela, Jälkö,
 *              Honkela, AISTATS 2020).
 * Pessimistic  an output with probabilities (p, q) and loss x = ln p/q between two lattice points is
 *              split into two outputs on these points, a + b = p and a·e^−lo + b·e^−hi = q. Merging the
 *              two again is a function of the output, so the pair of laws before is a post-processing
 *              of the one after: δ is never below, for one mechanism and for any composition. It is
 *              the tightest such pair on this lattice (Doroshenko, Ghazi, Kamath, Kumar, Manurangsi,
 *              "Connect the dots", PoPETs 2022, arXiv 2207.04380). Error in ε is of order h², while
 *              rounding losses up is of order h a step.
 * Doubles      losses are moved up and masses enlarged by more than their rounding error.
 * @module
 */
import { check } from '../../base/errors.ts';

/** Losses are computed with fewer than 8 roundings. */
const LOSS_MARGIN = 2 ** -49;

export class LatticeLoss {
  /** h. */
  readonly grid: number;
  /** The loss of the first entry, in units of h. */
  readonly lower: number;
  readonly mass: Float64Array;
  readonly infinite: number;

  constructor(grid: number, lower: number, mass: Float64Array, infinite: number) {
    check(grid > 0 && Number.isFinite(grid), 'INVALID_PARAMETER', 'grid of a loss distribution');
    check(Number.isSafeInteger(lower) && mass.length > 0, 'INVALID_PARAMETER', 'loss distribution');
    check(infinite >= 0 && infinite <= 1, 'INVALID_PARAMETER', 'infinite loss');
    check(
      mass.every((p) => p >= 0 && Number.isFinite(p)),
      'INVALID_PARAMETER',
      'mass of a loss',
    );
    this.grid = grid;
    this.lower = lower;
    this.mass = mass;
    this.infinite = infinite;
  }

  /** The loss of entry `i`. */
  loss(i: number): number {
    return (this.lower + i) * this.grid;
  }

  /** δ at ε, any real number. */
  delta(epsilon: number): number {
    check(Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon is not finite');
    let delta = this.infinite;
    for (let i = 0; i < this.mass.length; i++) {
      const excess = this.loss(i) - epsilon;
      if (excess > 0) delta -= (this.mass[i] ?? 0) * Math.expm1(-excess);
    }
    return Math.min(1, delta);
  }

  /**
   * Both mechanisms, term by term. At most half of `tail` is cut on each side: below it moves up to
   * the lowest loss that is kept, above it becomes infinite.
   */
  with(other: LatticeLoss, tail = 0): LatticeLoss {
    check(other.grid === this.grid, 'INVALID_PARAMETER', 'loss distributions of different grids');
    check(tail >= 0 && tail < 1, 'INVALID_PARAMETER', 'tail of a composition');
    const mass = new Float64Array(this.mass.length + other.mass.length - 1);
    this.mass.forEach((p, i) => {
      other.mass.forEach((q, j) => {
        mass[i + j] = (mass[i + j] ?? 0) + p * q;
      });
    });
    const infinite = this.infinite + other.infinite - this.infinite * other.infinite;
    const lower = this.lower + other.lower;
    return cut(new LatticeLoss(this.grid, lower, mass, Math.min(1, infinite)), tail / 2);
  }
}

function cut({ grid, lower, mass, infinite }: LatticeLoss, most: number): LatticeLoss {
  let [first, below] = [0, 0];
  while (first < mass.length - 1 && below + (mass[first] ?? 0) <= most) below += mass[first++] ?? 0;
  let [last, above] = [mass.length - 1, 0];
  while (last > first && above + (mass[last] ?? 0) <= most) above += mass[last--] ?? 0;
  const kept = mass.slice(first, last + 1);
  kept[0] = (kept[0] ?? 0) + below;
  return new LatticeLoss(grid, lower + first, kept, Math.min(1, infinite + above));
}

/** Collects outputs of a mechanism on a lattice. */
export class LatticeBuilder {
  readonly #grid: number;
  readonly #lower: number;
  readonly #mass: Float64Array;
  #infinite = 0;

  /** For losses of at most `reach` in absolute value. */
  constructor(grid: number, reach: number) {
    const half = Math.ceil((reach * (1 + LOSS_MARGIN)) / grid) + 1;
    const fits = grid > 0 && half > 0 && half <= 2 ** 21;
    check(fits, 'INVALID_PARAMETER', 'grid of a loss distribution');
    this.#grid = grid;
    this.#lower = -half;
    this.#mass = new Float64Array(2 * half + 1);
  }

  #add(index: number, mass: number): void {
    const i = index - this.#lower;
    check(i >= 0 && i < this.#mass.length, 'INVALID_PARAMETER', 'loss beyond its reach');
    this.#mass[i] = (this.#mass[i] ?? 0) + mass;
  }

  /** An output of probability `mass` and finite loss: both rounded, by less than the margins. */
  atom(loss: number, mass: number): this {
    const grid = this.#grid;
    // On a lattice point up to rounding, it stays there: the next one up would cost h.
    const near = Math.round(loss / grid);
    if (Math.abs(loss - near * grid) <= Math.abs(loss) * LOSS_MARGIN) {
      this.#add(near, mass * (1 + Math.abs(loss) * LOSS_MARGIN));
      return this;
    }
    const up = loss + Math.abs(loss) * LOSS_MARGIN;
    const low = Math.floor(up / grid);
    const toLow = Math.min(1, Math.max(0, Math.expm1((low + 1) * grid - up) / Math.expm1(grid)));
    this.#add(low, mass * toLow);
    this.#add(low + 1, mass * (1 - toLow));
    return this;
  }

  /** Outputs whose losses fill one cell [index·h, (index + 1)·h], with p with and q without. */
  cell(index: number, p: number, q: number): this {
    const [low, high] = [index * this.#grid, (index + 1) * this.#grid];
    // (q − p·e^−high)/(e^−low − e^−high), scaled by e^high
    const a = (q * Math.exp(high) - p) / Math.expm1(high - low);
    const toLow = Math.min(p, Math.max(0, a));
    this.#add(index, toLow);
    this.#add(index + 1, p - toLow);
    return this;
  }

  infinite(mass: number): this {
    this.#infinite += mass;
    return this;
  }

  /** Every mass enlarged by `margin`, what rounding may have lost. */
  build(margin: number): LatticeLoss {
    let [first, last] = [0, this.#mass.length - 1];
    while (first < last && this.#mass[first] === 0) first++;
    while (last > first && this.#mass[last] === 0) last--;
    const mass = this.#mass.slice(first, last + 1).map((p) => p * (1 + margin));
    return new LatticeLoss(this.#grid, this.#lower + first, mass, Math.min(1, this.#infinite));
  }
}
