/**
 * What somebody sees who knows none, or not all, of the noise shares in a pooled sum.
 *
 * Paper   Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian Mechanism for Federated
 *         Learning with Secure Aggregation", ICML 2021 (arXiv 2102.06387), theorem 1 and
 *         proposition 14: the sum of n shares N_Z(0, σ²) on d coordinates is (α, α·Δ²/(2nσ²) +
 *         τ·d)-RDP for all α ≥ 1, with τ = 10·Σ_{k=1}^{n−1} e^(−2π²σ²·k/(k+1)).
 * Here    α·Δ²/(2nσ²) + τ·d ≤ α·(Δ²/(2nσ²) + τ·d) because α ≥ 1, so rho is Δ²/(2nσ²) + τ·d.
 *         Coordinates that a person does not move have the same law on both sides and add
 *         nothing, so d is the number of cells one person touches, not the length of the vector.
 * Limits  below σ² = 4 the sum is too far from a discrete Gaussian for this to be worth
 *         having, and the rho of a single share is reported: more noise cannot cost more.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';

/**
 * Share variance from which sums are accounted as sums (notes of the paper: τ is then below
 * 1e−15).
 */
export const SMOOTH_SHARE = Rational.of(4);
/** 2π²/ln 2 = 28.4776..., rounded down: e^(−2π²x) ≤ 2^(−28.4·x). */
const BITS_DOWN = Rational.of(142n, 5n);
/** Smaller terms are rounded up to 2^−96. */
const SMALLEST = 96n;
const GRID = 10n ** 12n;

/** τ of the paper, rounded up. */
export function tauUp(variance: Rational, shares: number): Rational {
  let sum = Rational.ZERO;
  for (let k = 1; k < shares; k++) {
    const bits = BITS_DOWN.times(variance)
      .times(Rational.of(k, k + 1))
      .floor();
    sum = sum.plus(Rational.of(1n, 1n << (bits < SMALLEST ? bits : SMALLEST)));
  }
  return sum.times(Rational.of(10));
}

/**
 * The rho of a sum of `shares` shares of `variance` each, given the rho of a single share
 * (Δ²/2σ²); rounded up to a multiple of 1e−12, never above `rho`. With all holders' shares this
 * is the outsider's figure, with h shares that of a coalition of n − h holders.
 */
export function outsiderRho(sum: {
  readonly rho: Rational;
  readonly shares: number;
  readonly variance: Rational;
  readonly touchedCells: bigint;
}): Rational {
  const { rho, shares, variance, touchedCells } = sum;
  check(rho.sign() > 0 && variance.sign() > 0, 'INVALID_PARAMETER', 'rho and variance');
  check(Number.isSafeInteger(shares) && shares > 0, 'INVALID_PARAMETER', 'number of shares');
  check(shares <= 4096 && touchedCells > 0n, 'INVALID_PARAMETER', 'shares and touched cells');
  if (shares === 1 || variance.compare(SMOOTH_SHARE) < 0) return rho;
  const joint = rho
    .dividedBy(Rational.of(shares))
    .plus(tauUp(variance, shares).times(Rational.of(touchedCells)))
    .roundUpTo(GRID);
  return joint.atMost(rho) ? joint : rho;
}
