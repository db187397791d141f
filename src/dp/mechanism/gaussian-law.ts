/**
 * The law of discrete Gaussian noise in doubles: probabilities, sums of shares, delta(epsilon).
 *
 * Paper   Canonne, Kamath, Steinke 2020 (arXiv 2004.00010), theorem 7 for delta(epsilon); it is
 *         not the curve of the continuous Gaussian. Normaliser by Poisson summation: Σ
 *         e^(−n²/2σ²) = √(2πσ²)·Σ e^(−2π²σ²k²).
 * For     display, intervals and tests. Nothing here is ever charged: relative error is near 1e−13.
 * @module
 */
import { check } from '../../base/errors.ts';

/**
 * Where a share's law is normal to within 1e−16 of its mass: e^(−2π²·4/2)·10 (Kairouz, Liu,
 * Steinke 2021).
 */
export const SMOOTH_VARIANCE = 4;
/** e^(−x²/2σ²) is below 1e−31 from 12 σ on. */
const SUPPORT = 12;
/** Longest table of probabilities. */
const LARGEST_VARIANCE = 2 ** 40;

/** Limits of a sum that is taken term by term. */
const LARGEST_SUMMED = 1e4;
const MOST_SHARES = 4096;

/** P(X = −radius), ..., P(X = radius). */
export type Law = { readonly radius: number; readonly mass: Float64Array };

function normaliser(variance: number): number {
  if (variance >= 1) {
    return Math.sqrt(2 * Math.PI * variance) * (1 + 2 * Math.exp(-2 * Math.PI ** 2 * variance));
  }
  let sum = 1;
  for (let n = 1; n <= SUPPORT; n++) sum += 2 * Math.exp((-n * n) / (2 * variance));
  return sum;
}

function checkLaw(variance: number): void {
  check(
    variance > 0 && variance <= LARGEST_VARIANCE,
    'NOISE_RANGE',
    'variance outside the range of the law in doubles',
  );
}

/** P(X = n) of one share. */
export function gaussianMass(variance: number, n: number): number {
  checkLaw(variance);
  return Math.exp((-n * n) / (2 * variance)) / normaliser(variance);
}

/** One share's law, cut at 12 σ. */
export function gaussianLaw(variance: number): Law {
  checkLaw(variance);
  const radius = Math.ceil(SUPPORT * Math.sqrt(variance)) + 1;
  const total = normaliser(variance);
  const mass = Float64Array.from(
    { length: 2 * radius + 1 },
    (_, i) => Math.exp(-((i - radius) ** 2) / (2 * variance)) / total,
  );
  return { radius, mass };
}

/** The law of the sum of two independent variables. */
export function convolve(a: Law, b: Law): Law {
  const mass = new Float64Array(a.mass.length + b.mass.length - 1);
  a.mass.forEach((p, i) => {
    b.mass.forEach((q, j) => {
      mass[i + j] = (mass[i + j] ?? 0) + p * q;
    });
  });
  return { radius: a.radius + b.radius, mass };
}

/** The sum of `shares` shares of `variance` each, term by term. */
export function gaussianSharesLaw(variance: number, shares: number): Law {
  const valid = Number.isSafeInteger(shares) && shares > 0 && shares <= MOST_SHARES;
  check(valid && variance <= LARGEST_SUMMED, 'INVALID_PARAMETER', 'shares of an exact sum');
  let law = gaussianLaw(variance);
  for (let i = 1; i < shares; i++) law = convolve(law, gaussianLaw(variance));
  return law;
}

/** The same where shares are small, else a discrete Gaussian, from which it cannot be told (`SMOOTH_VARIANCE`). */
export function sumLaw(variance: number, shares: number): Law {
  check(Number.isSafeInteger(shares) && shares > 0, 'INVALID_PARAMETER', 'number of shares');
  const smooth = variance >= SMOOTH_VARIANCE;
  return smooth ? gaussianLaw(variance * shares) : gaussianSharesLaw(variance, shares);
}

/**
 * The smallest delta for which one share with this variance is (epsilon, delta)-DP for integer
 * sensitivity: Σ over y of P(y)·(1 − e^(ε − loss(y))), loss(y) = Δ(2y + Δ)/2σ² > ε, which is
 * theorem 7 with its two tails subtracted term by term, so that nothing cancels.
 */
export function deltaAt(variance: number, sensitivity: number, epsilon: number): number {
  checkLaw(variance);
  check(Number.isSafeInteger(sensitivity) && sensitivity > 0, 'INVALID_PARAMETER', 'sensitivity');
  check(Number.isFinite(epsilon), 'INVALID_PARAMETER', 'epsilon is not finite');
  const total = normaliser(variance);
  const first = Math.floor((epsilon * variance) / sensitivity - sensitivity / 2) + 1;
  const last = Math.ceil(40 * Math.sqrt(variance)) + Math.abs(first);
  let delta = 0;
  for (let y = first; y <= last; y++) {
    const mass = Math.exp((-y * y) / (2 * variance)) / total;
    if (y > 0 && mass === 0) break;
    const loss = (sensitivity * (2 * y + sensitivity)) / (2 * variance);
    delta -= mass * Math.expm1(epsilon - loss);
  }
  return Math.max(0, delta);
}
