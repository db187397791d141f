/**
 * The sampler of gaussian-reference.ts in doubles, inside a guarded range.
 *
 * Every product formed here is an integer below 2^53 and therefore exact; the guard is checked
 * once for the variance and again for each draw. What falls outside (an improbably large draw, a
 * long series of heads) continues in bigints from the same place in the stream, so values and
 * bytes read equal those of `referenceGaussian`: test/dp/sampler holds them equal.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import { bernoulliExp } from './bernoulli-exp.ts';
import type { ByteSource } from './byte-source.ts';
import { Exponents, LARGEST_DENOMINATOR } from './coins-fast.ts';
import type { NumberSampler } from './integer-sampler.ts';
import { fastLaplace } from './laplace-fast.ts';
import { laplaceScale } from './laplace-scale.ts';

/** |y|·d·t up to this has a square below 2^53; n is below it as well. */
const LARGEST_DISTANCE = 2 ** 26;
/** Acceptance exponents that are kept, by |y|. */
const KEPT = 2 ** 12;

/** Undefined where the variance is outside the guarded range. */
export function fastGaussian(variance: Rational, bytes: ByteSource): NumberSampler | undefined {
  const scale = laplaceScale(variance);
  const [n, d] = [Number(variance.numerator), Number(variance.denominator)];
  const t = Number(scale.numerator);
  const divisor = 2 * n * d * t * t; // may round above the limit, never from above to below it
  if (!(divisor < LARGEST_DENOMINATOR && n < LARGEST_DISTANCE)) return undefined;
  const laplace = fastLaplace(scale, bytes);
  if (laplace === undefined) return undefined;
  const step = d * t;
  /** The largest |y| whose exponent fits. */
  const reach = Math.floor(LARGEST_DISTANCE / step);
  // e^(−(|y| − σ²/t)²/2σ²)
  const exponents = new Exponents(
    (magnitude) => (magnitude * step - n) * (magnitude * step - n),
    divisor,
    Math.min(KEPT, reach + 1),
  );

  const accept = (magnitude: number): boolean => {
    if (magnitude <= reach) return exponents.toss(magnitude, bytes);
    const distance = BigInt(magnitude) * BigInt(step) - BigInt(n);
    return bernoulliExp(distance * distance, BigInt(divisor), bytes);
  };
  return {
    next() {
      for (;;) {
        const y = laplace.next();
        if (accept(y < 0 ? -y : y)) return y;
      }
    },
  };
}
