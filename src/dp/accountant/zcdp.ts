/**
 * Zero-concentrated DP: what a total rho means as (epsilon, delta), and what a pure epsilon
 * costs in rho.
 *
 * Papers  Bun, Steinke, TCC 2016 (the notion, composition by addition, pure ε ⇒ ε²/2); Canonne,
 *         Kamath, Steinke 2020 (arXiv 2004.00010), proposition 12: rho-zCDP gives (ε, δ) for
 *         every α > 1 with δ = e^((α−1)(αρ−ε))/(α−1)·(1−1/α)^α. Not the looser ρ + 2√(ρ ln 1/δ).
 * Floats  epsilon is for reading only and never charged. Every α > 1 gives a valid epsilon, so the
 *         search for the best one cannot go wrong in the unsafe direction; the value at that α is
 *         computed with an error far below `MARGIN`, which is added before rounding up.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';

/** Relative, and absolute below one: over 1e4 times the rounding error of the expression below. */
const MARGIN = 1e-10;
/** ln(α − 1) is searched in here: α from 1 + 2e−9 to 5e8. */
const SEARCH = [-20, 20] as const;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** min over ln(α − 1) of a unimodal f, by golden section. */
function minimum(f: (alpha: number) => number): number {
  const at = (x: number): number => f(1 + Math.exp(x));
  let [low, high] = SEARCH as readonly [number, number];
  let best = Math.min(at(low), at(high));
  for (let i = 0; i < 100; i++) {
    const a = high - GOLDEN * (high - low);
    const b = low + GOLDEN * (high - low);
    const [fa, fb] = [at(a), at(b)];
    best = Math.min(best, fa, fb);
    if (fa < fb) high = b;
    else low = a;
  }
  return best;
}

/** ln(n/d) of a fraction that may be beyond a double. */
function logarithm(value: Rational): number {
  const ln = (n: bigint): number => {
    const shift = Math.max(0, n.toString(2).length - 60);
    return Math.log(Number(n >> BigInt(shift))) + shift * Math.LN2;
  };
  return ln(value.numerator) - ln(value.denominator);
}

/** ln of δ(α)·e^((α−1)(ε − αρ)): what is left of the proposition when ρ and ε are taken out. */
const lnFactor = (alpha: number): number => alpha * Math.log1p(-1 / alpha) - Math.log(alpha - 1);

/** The delta of rho-zCDP at epsilon, in doubles; for display and tests. */
export function zcdpDelta(rho: number, epsilon: number): number {
  check(rho > 0 && Number.isFinite(rho), 'INVALID_PARAMETER', 'rho');
  check(epsilon >= 0 && Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon');
  const ln = minimum((alpha) => (alpha - 1) * (alpha * rho - epsilon) + lnFactor(alpha));
  return Math.min(1, Math.exp(ln));
}

/** The epsilon of rho-zCDP at delta, in doubles and without a margin; for display and tests. */
export function zcdpEpsilon(rho: Rational, delta: Rational): number {
  check(rho.sign() >= 0, 'INVALID_PARAMETER', 'rho is negative');
  check(delta.sign() > 0 && delta.compare(Rational.ONE) < 0, 'INVALID_PARAMETER', 'delta');
  if (rho.isZero()) return 0;
  const lnDelta = logarithm(delta);
  const r = rho.toNumber();
  check(Number.isFinite(r), 'INVALID_PARAMETER', 'rho is beyond a double');
  return Math.max(
    0,
    minimum((alpha) => alpha * r + (lnFactor(alpha) - lnDelta) / (alpha - 1)),
  );
}

/** The epsilon of rho-zCDP at delta as a decimal rounded up, with `digits` places; for reading. */
export function epsilonUp(rho: Rational, delta: Rational, digits = 4): string {
  check(Number.isInteger(digits) && digits >= 0 && digits <= 8, 'INVALID_PARAMETER', 'digits');
  const epsilon = zcdpEpsilon(rho, delta);
  if (rho.isZero()) return Rational.ZERO.toDecimalUp(digits);
  return decimalUp(epsilon + MARGIN * Math.max(1, epsilon), digits);
}

/** A double ≥ 0 as a decimal with `digits` places, rounded up; for reading. */
export function decimalUp(safe: number, digits = 4): string {
  const grid = 2 ** 40; // exact in a double as long as epsilon is below 2^12; rounded up above
  check(safe < 2 ** 60, 'INVALID_PARAMETER', 'epsilon is beyond reading');
  const scaled = safe < 2 ** 12 ? Math.ceil(safe * grid) : Math.ceil(safe) * grid;
  return Rational.of(BigInt(scaled), BigInt(grid)).toDecimalUp(digits);
}

/**
 * The rho of a pure epsilon: at most ε·tanh(ε/2) (rulings 16), rounded up to a multiple of 1e−12,
 * and never above the ε²/2 of Bun and Steinke.
 *
 * tanh x = x/(1 + x²/(3 + x²/(5 + x²/(7 + x²/9)))) is Lambert's continued fraction cut after an
 * odd number of terms; all its terms are positive, so such a convergent is never below tanh.
 */
export function rhoOfPure(epsilon: Rational): Rational {
  check(epsilon.sign() >= 0, 'INVALID_PARAMETER', 'epsilon is negative');
  if (epsilon.isZero()) return Rational.ZERO;
  const x = epsilon.dividedBy(Rational.of(2));
  const square = x.times(x);
  const tail = [7, 5, 3, 1].reduce(
    (sum, odd) => Rational.of(odd).plus(square.dividedBy(sum)),
    Rational.of(9),
  );
  const tanhUp = x.dividedBy(tail);
  const capped = tanhUp.atMost(Rational.ONE) ? tanhUp : Rational.ONE;
  const tight = epsilon.times(capped).roundUpTo(10n ** 12n);
  const simple = epsilon.times(x);
  return tight.atMost(simple) ? tight : simple;
}
