/**
 * The sampler of gaussian-reference.ts in doubles, inside a guarded range.
 *
 * Every product formed here is an integer below 2^53 and therefore exact; the guard is checked
 * once for the variance and again for each draw. What falls outside (an improbably large draw, a
 * long series of heads) continues in bigints from the same place in the stream, so values and
 * bytes read equal those of `referenceGaussian`: test/dp/sampler holds them equal. Twice as fast
 * as bigints.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import { bernoulliExp, bernoulliExpUnit } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import type { GaussianSampler } from './gaussian-reference.ts';
import { laplaceScale } from './laplace-scale.ts';
import { uniformBelow32, uniformBelow53 } from './uniform.ts';

/** 2·n·d·t² stays below this, times at most `LONGEST` tosses below 2^53. */
const LARGEST_DIVISOR = 2 ** 46;
const LONGEST = 2 ** 7;
/** |y|·d·t up to this has a square below 2^53; n is below it as well. */
const LARGEST_DISTANCE = 2 ** 26;

const gcd = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
};

/** e^(−n/d) for a fraction in lowest terms, 0 ≤ n ≤ d < 2^46. */
function unit(n: number, d: number, bytes: ByteSource): boolean {
  for (let k = 1; k < LONGEST; k++) {
    // n/d is in lowest terms, so gcd(n, d·k) = gcd(n, k).
    const divisor = n === 0 ? d * k : gcd(n, k);
    if (uniformBelow53((d * k) / divisor, bytes) >= n / divisor) return k % 2 === 1;
  }
  return bernoulliExpUnit(BigInt(n), BigInt(d), bytes, BigInt(LONGEST));
}

function unitOf(n: number, d: number, bytes: ByteSource): boolean {
  const divisor = gcd(n, d);
  return unit(n / divisor, d / divisor, bytes);
}

/** Undefined where the variance is outside the guarded range. */
export function fastGaussian(variance: Rational, bytes: ByteSource): GaussianSampler | undefined {
  const scale = laplaceScale(variance);
  const [n, d, t] = [variance.numerator, variance.denominator, scale.numerator].map(Number);
  if (n === undefined || d === undefined || t === undefined) return undefined;
  const divisor = 2 * n * d * t * t; // may round above the limit, never from above to below it
  if (!(divisor < LARGEST_DIVISOR && n < LARGEST_DISTANCE)) return undefined;
  const step = d * t;

  /** e^(−(|y| − σ²/t)²/2σ²) for |y| = magnitude. */
  const accept = (magnitude: number): boolean => {
    if (magnitude * step > LARGEST_DISTANCE) {
      const distance = BigInt(magnitude) * BigInt(step) - BigInt(n);
      return bernoulliExp(distance * distance, BigInt(divisor), bytes);
    }
    const distance = magnitude * step - n;
    const square = distance * distance;
    for (let whole = Math.floor(square / divisor); whole > 0; whole--) {
      if (!unit(1, 1, bytes)) return false;
    }
    return unitOf(square % divisor, divisor, bytes);
  };

  const laplaceMagnitude = (): number => {
    let u = uniformBelow32(t, bytes);
    while (!unitOf(u, t, bytes)) u = uniformBelow32(t, bytes);
    let v = 0;
    while (unit(1, 1, bytes)) v += 1;
    return u + t * v;
  };

  return {
    draw() {
      for (;;) {
        const negative = uniformBelow32(2, bytes) === 0;
        const magnitude = laplaceMagnitude();
        if (negative && magnitude === 0) continue;
        if (accept(magnitude)) return BigInt(negative ? -magnitude : magnitude);
      }
    },
  };
}
