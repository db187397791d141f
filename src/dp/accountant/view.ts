/**
 * What one release tells somebody who knows all of a person's rows but not all of the noise, by the
 * exact law of the noise: ε at a δ, and how many people an attacker finds.
 *
 * Noise    a cell carries so many discrete Gaussian shares that the reader does not know. Their sum is
 *          taken term by term where a share is small; from σ² = 4 on it is a discrete Gaussian of the
 *          summed variance but for a factor of 1 ± 5·Σ_{k<n} e^(−2π²σ²k/(k+1)) of every probability
 *          (Kairouz, Liu, Steinke, ICML 2021, theorem 9), for up to 16 shares below 1e−15.
 * One cell  sums of discrete Gaussians are log-concave, so that likelihood ratios of a shifted one are
 *          monotone: the best test accuses from a threshold on, and a larger shift is never told less
 *          of. Both curves are sums over the table of the law.
 * Several  cells are independent: Composition of the loss of each.
 * Doubles  for reading, rounded up by more than their error. What is charged is counted in rho
 *          (rulings 16); (ε, δ) of one release are not added up.
 * @module
 */
import { check } from '../../base/errors.ts';
import { type Law, sumLaw } from '../mechanism/gaussian-law.ts';
import { Composition } from './composition.ts';
import { noiseLoss } from './loss-of.ts';
import { lawEpsilon } from './outsider-law.ts';

/** Cells of equal noise that a person moves by `shift` each. */
export type MovedCells = {
  /** σ² of one share. */
  readonly variance: number;
  readonly shift: number;
  readonly cells: number;
};

export type View = {
  /** ε at the δ that was asked for, rounded up; infinite where the tables of the laws end before that δ. */
  readonly epsilon: number;
  /** Of the people who are in the data, the share found at the rate of false accusations; rounded up. */
  readonly found: number;
};

/** Longest table of a law: 24 σ entries. */
export const WIDEST_VARIANCE = 1e6;
export const MOST_SHARES = 16;
/** Lattice points in a standard deviation of a loss: the error in ε is of the order of their square. */
const POINTS = 100;
const MARGIN = 1e-9;

/**
 * P(X ≥ k − shift) at the threshold k where P(X ≥ k) is the rate of false accusations, the outcome at
 * the threshold itself drawn by lot.
 */
function foundInOneCell({ mass }: Law, shift: number, falsePositives: number): number {
  let [accused, found] = [0, 0];
  for (let i = mass.length - 1; i >= 0; i--) {
    const [absent, present] = [mass[i] ?? 0, mass[i - shift] ?? 0];
    if (accused + absent > falsePositives) {
      // The largest outcomes are impossible without the person: shifts are accused first.
      const top = mass.slice(-shift).reduce((sum, p) => sum + p, 0);
      return top + found + (present * (falsePositives - accused)) / absent;
    }
    accused += absent;
    found += present;
  }
  return 1;
}

function oneCell(law: Law, shift: number, delta: number, falsePositives: number): View {
  return {
    epsilon: lawEpsilon(law, shift, delta),
    found: foundInOneCell(law, shift, falsePositives),
  };
}

function severalCells(
  cells: readonly MovedCells[],
  shares: number,
  delta: number,
  falsePositives: number,
): View {
  const parts = cells.map(({ variance, shift, cells: count }) => ({
    mechanism: noiseLoss(sumLaw(variance, shares), shift),
    count,
  }));
  const spread = Math.sqrt(
    parts.reduce((sum, { mechanism, count }) => sum + count * mechanism.spread ** 2, 0),
  );
  const composed = new Composition(parts, spread / POINTS);
  return {
    epsilon: composed.epsilonUp(delta),
    found: composed.truePositivesUp(falsePositives),
  };
}

const kept = new Map<string, View>();
const MOST_KEPT = 512;

/**
 * The view of a reader to whom `shares` shares of noise in every cell are unknown, for a person who
 * moves these cells. Refuses variances above `WIDEST_VARIANCE`. Answers are kept by their law.
 */
export function viewOf(
  moved: readonly MovedCells[],
  { shares, delta, falsePositives }: { shares: number; delta: number; falsePositives: number },
): View {
  const whole = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
  check(whole(shares) && shares <= MOST_SHARES, 'INVALID_PARAMETER', 'unknown shares');
  check(moved.length > 0, 'INVALID_PARAMETER', 'nobody moves anything');
  for (const { variance, shift, cells } of moved) {
    check(variance > 0 && variance <= WIDEST_VARIANCE, 'INVALID_PARAMETER', 'variance of a share');
    check(whole(shift) && whole(cells), 'INVALID_PARAMETER', 'moved cells');
  }
  const proper = falsePositives > 0 && falsePositives < 1;
  check(proper && delta > 0 && delta < 1, 'INVALID_PARAMETER', 'delta or false positives');
  const key = JSON.stringify([moved, shares, delta, falsePositives]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const [first] = moved;
  const { epsilon, found } =
    first !== undefined && moved.length === 1 && first.cells === 1
      ? oneCell(sumLaw(first.variance, shares), first.shift, delta, falsePositives)
      : severalCells(moved, shares, delta, falsePositives);
  const view = {
    epsilon: epsilon * (1 + MARGIN) + MARGIN,
    found: Math.min(1, found * (1 + MARGIN)),
  };
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
  kept.set(key, view);
  return view;
}
