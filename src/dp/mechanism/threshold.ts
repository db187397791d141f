/**
 * Keys that come from the data (a code nobody listed beforehand), released with noised counts where
 * those reach a threshold. For one holder on its own data (rulings 12).
 *
 * Contract     neighbours differ in one person, who has at most `l0` keys and adds at most `linf`
 *              rows to each. A key is released iff count + X ≥ T, with the noised count; a key
 *              nobody has is never released. X is discrete Laplace of `scale`.
 * Cost         (ε, δ) with ε = l0·linf/scale. Keys that others have as well cost pure ε. A key of
 *              this person alone has a count of at most linf and is seen with probability at most
 *              P(X ≥ T − linf) = q^(T − linf)/(1 + q), q = e^(−1/scale), T > linf; δ is l0 times that.
 *              In the filter: δ-approximate ε·tanh(ε/2)-zCDP (given that no such key is seen, which
 *              fails with probability δ, both laws are those of the common keys).
 * Boundary     ≥ everywhere: `reaches` is the only predicate and δ is the tail of exactly that event.
 *              A library that filters by one of ≥ and > and accounts for the other is off by e^(1/scale).
 * Exact        δ is a fraction, every step rounded up (exponential.ts); noise is exact.
 * @module
 */
import { check } from '../../base/errors.ts';
import { Rational } from '../../base/rational.ts';
import { divideUp, expNegative, FIXED_ONE, powerUp } from '../exponential.ts';
import type { ByteSource } from '../sampler/byte-source.ts';
import { laplaceSampler } from '../sampler/discrete-laplace.ts';
import { laplaceEpsilon } from './discrete-laplace.ts';

export type KeyBounds = {
  /** Keys of one person. */
  readonly l0: number;
  /** Rows of one person in one key. */
  readonly linf: number;
  readonly scale: Rational;
};

export type Threshold = KeyBounds & { readonly threshold: number };

/** Digits of a charged delta. */
const GRID = 10n ** 30n;
const LARGEST = 2 ** 31;

function checkBounds({ l0, linf, scale }: KeyBounds): void {
  for (const [name, bound] of Object.entries({ l0, linf })) {
    const valid = Number.isSafeInteger(bound) && bound > 0 && bound < LARGEST;
    check(valid, 'INVALID_PARAMETER', `${name} of a threshold`);
  }
  check(scale.sign() > 0, 'INVALID_PARAMETER', 'scale is not positive');
}

/** Whether a noised count is released. */
export const reaches = (noised: bigint, threshold: number): boolean => noised >= BigInt(threshold);

/** The pure epsilon of the noise. */
export function thresholdEpsilon(bounds: KeyBounds): Rational {
  checkBounds(bounds);
  return laplaceEpsilon(BigInt(bounds.l0) * BigInt(bounds.linf), bounds.scale);
}

/** δ of releasing what reaches `threshold`, rounded up. */
export function thresholdDelta(bounds: Threshold): Rational {
  checkBounds(bounds);
  const { l0, linf, scale, threshold } = bounds;
  const above = Number.isSafeInteger(threshold) && threshold > linf && threshold < LARGEST;
  check(above, 'INVALID_PARAMETER', 'threshold is not above the rows of one person');
  const { low, high } = expNegative(Rational.ONE.dividedBy(scale));
  const tail = divideUp(powerUp(high, threshold - linf) * FIXED_ONE, FIXED_ONE + low);
  const delta = Rational.of(BigInt(l0) * tail, FIXED_ONE).roundUpTo(GRID);
  return delta.atMost(Rational.ONE) ? delta : Rational.ONE;
}

/** The smallest threshold whose δ is at most `delta`. */
export function thresholdFor(bounds: KeyBounds, delta: Rational): Threshold {
  checkBounds(bounds);
  const valid = delta.sign() > 0 && delta.compare(Rational.ONE) < 0;
  check(valid, 'INVALID_PARAMETER', 'delta of a threshold');
  const keeps = (threshold: number): boolean =>
    thresholdDelta({ ...bounds, threshold }).atMost(delta);
  let [low, step] = [bounds.linf, 1];
  while (!keeps(low + step)) [low, step] = [low + step, 2 * step];
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return { ...bounds, threshold: high };
}

/** The keys that are released, in the order of their names, so that the order of rows is not seen. */
export function releaseKeys(
  counts: ReadonlyMap<string, bigint>,
  { scale, threshold }: Threshold,
  bytes: ByteSource,
): Map<string, bigint> {
  const noise = laplaceSampler(scale, bytes);
  const released = new Map<string, bigint>();
  for (const key of [...counts.keys()].toSorted()) {
    const count = counts.get(key) ?? 0n;
    check(count >= 0n, 'INVALID_PARAMETER', 'a count is negative');
    if (count === 0n) continue; // a key nobody has is not in the data
    const noised = count + noise.draw();
    if (reaches(noised, threshold)) released.set(key, noised);
  }
  return released;
}
