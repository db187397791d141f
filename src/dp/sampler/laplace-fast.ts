/**
 * The samplers of laplace-reference.ts in doubles, inside a guarded range: same bytes, same values.
 * @module
 */
import type { Rational } from '../../base/rational.ts';
import type { ByteSource } from './byte-source.ts';
import { Exponents, expOne } from './coins-fast.ts';
import type { NumberSampler } from './integer-sampler.ts';
import { uniformBelow32 } from './uniform.ts';

/** The scale is t/s with both below this, so that u + t·v stays far below 2^53. */
const LARGEST_TERM = 2 ** 31;
/** Reduced fractions u/t that are kept. */
const KEPT = 2 ** 12;

/** Undefined where the scale is outside the guarded range. */
export function fastGeometric(scale: Rational, bytes: ByteSource): NumberSampler | undefined {
  const [t, s] = [Number(scale.numerator), Number(scale.denominator)];
  if (!(t < LARGEST_TERM && s < LARGEST_TERM)) return undefined;
  const exponents = new Exponents((u) => u, t, Math.min(t, KEPT));
  return {
    next() {
      let u = uniformBelow32(t, bytes);
      while (!exponents.toss(u, bytes)) u = uniformBelow32(t, bytes);
      let v = 0;
      while (expOne(bytes)) v += 1;
      return s === 1 ? u + t * v : Math.floor((u + t * v) / s);
    },
  };
}

/** Undefined where the scale is outside the guarded range. */
export function fastLaplace(scale: Rational, bytes: ByteSource): NumberSampler | undefined {
  const magnitudes = fastGeometric(scale, bytes);
  if (magnitudes === undefined) return undefined;
  return {
    next() {
      for (;;) {
        const negative = uniformBelow32(2, bytes) === 0;
        const magnitude = magnitudes.next();
        if (negative && magnitude === 0) continue; // else zero would come up twice as often
        return negative ? -magnitude : magnitude;
      }
    },
  };
}
