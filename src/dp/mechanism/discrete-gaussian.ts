/**
 * What discrete Gaussian noise costs, in exact fractions: rho from variance and back, a bound on
 * the tail, and the rho that buys a wanted half-width.
 *
 * Papers  Canonne, Kamath, Steinke 2020 (arXiv 2004.00010): theorem 4 (a vector of squared L2
 *         sensitivity Δ² with N_Z(0, σ²) on every coordinate is Δ²/2σ²-zCDP), and there as well:
 *         the discrete Gaussian is sub-Gaussian with the same σ².
 * Exact   everything here may be charged or decides what is, so nothing is a float: two holders
 *         that compile the same query get the same bits on any machine.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { integerRoot } from '../sampler/laplace-scale.ts';

const TWO = Rational.of(2);

/** ln 2 = 0.693147180559945309417232..., rounded up. */
const LN2_UP = Rational.of(693_147_180_559_945_310n, 10n ** 18n);
/** The 97.5 % point of the normal law, 1.959963984540054..., rounded up. */
const Z95_UP = Rational.of(1_959_963_985n, 10n ** 9n);
/**
 * Rho of a wanted half-width has four significant decimal digits, rounded up: at most 0.1 % more.
 */
const LEAST_LEADING = Rational.of(1000);

function checkPositive(squaredL2: bigint, amount: Rational, name: string): void {
  check(squaredL2 > 0n, 'INVALID_PARAMETER', 'squared sensitivity is not positive');
  check(amount.sign() > 0, 'INVALID_PARAMETER', `${name} is not positive`);
}

/** σ² = Δ²/(2·rho): the noise on every cell of a release that costs `rho`. */
export function varianceFor(squaredL2: bigint, rho: Rational): Rational {
  checkPositive(squaredL2, rho, 'rho');
  return Rational.of(squaredL2).dividedBy(TWO.times(rho));
}

/** rho = Δ²/(2·σ²). */
export function rhoFor(squaredL2: bigint, variance: Rational): Rational {
  checkPositive(squaredL2, variance, 'variance');
  return Rational.of(squaredL2).dividedBy(TWO.times(variance));
}

/** The smallest integer that is at least √value, for value ≥ 0. */
function rootUp(value: Rational): bigint {
  const whole = value.ceil();
  const root = integerRoot(whole);
  return root * root === whole ? root : root + 1n;
}

/**
 * An integer t with P(|X| ≥ t) ≤ 2^−bits, from P(X ≥ t) ≤ e^(−t²/2σ²) on both sides:
 * t = ⌈√(2σ²·(bits + 1)·ln 2)⌉. For the sum of n shares pass n times the variance of one:
 * sub-Gaussian bounds add.
 */
export function tailAtMost(variance: Rational, bits: number): bigint {
  check(variance.sign() > 0, 'INVALID_PARAMETER', 'variance is not positive');
  check(Number.isSafeInteger(bits) && bits >= 0, 'INVALID_PARAMETER', 'bits of a tail');
  return rootUp(
    TWO.times(variance)
      .times(Rational.of(bits + 1))
      .times(LN2_UP),
  );
}

/**
 * The rho of one holder for which a cell made of `shares` noise shares has a 95 % noise
 * half-width of at most `halfWidth`: `shares` is the number of holders for a pooled cell, also
 * for one that is derived from a split table, and 1 for a by-holder cell of a split table.
 *
 * The sum of the shares has variance nσ² and, as far as a half-width can tell, a normal law with
 * continuity correction: P(|X| ≤ h) ≥ 95 % when h + 1/2 ≥ z·√(nσ²), h the whole part of
 * `halfWidth`. So rho = Δ²/2σ² = 2·n·Δ²·z²/(2h + 1)², rounded up to four significant digits. The
 * correction is on the safe side (the sum of a convex density exceeds its integral); for h below
 * 3 it charges more than the exact law would need, and is kept because it needs no exponential.
 */
export function rhoForHalfWidth(halfWidth: Rational, squaredL2: bigint, shares: number): Rational {
  checkPositive(squaredL2, halfWidth, 'half-width');
  check(Number.isSafeInteger(shares) && shares > 0, 'INVALID_PARAMETER', 'number of shares');
  const odd = 2n * halfWidth.floor() + 1n;
  const rho = Z95_UP.times(Z95_UP).times(Rational.of(2n * BigInt(shares) * squaredL2, odd * odd));
  let grid = 1n;
  while (rho.times(Rational.of(grid)).compare(LEAST_LEADING) < 0) grid *= 10n;
  return rho.roundUpTo(grid);
}
