/**
 * Intervals whose variance depends on the parameter: score sets, solved as a quadratic.
 *
 * All x with weight²·(x − centre)² ≤ z²·V(x), V of degree two: Wilson 1927 for a proportion,
 * Fieller 1954 for a ratio. With the variance at the parameter instead of at the estimate the
 * level holds where the denominator is small or the estimate lies on a bound. When the data do
 * not bound x (leading coefficient ≤ 0) there is no set to give, and the caller takes the
 * whole public range.
 * @module
 */

/** 97.5 % point of the normal law, 1.9599639845..., rounded up. */
export const Z95 = 1.959963985;
const Z2 = Z95 * Z95;

/** c0 + c1·x + c2·x². */
export type Quadratic = readonly [c0: number, c1: number, c2: number];

/** The value at x. */
export const at = ([c0, c1, c2]: Quadratic, x: number): number => c0 + x * (c1 + x * c2);
export const plus = ([c0, c1, c2]: Quadratic, more: number): Quadratic => [c0 + more, c1, c2];

export type Interval = readonly [low: number, high: number];

export const clamp = (x: number, low: number, high: number): number =>
  // + 0 turns −0 into 0
  Math.min(Math.max(x, low), high) + 0;

/** The set, or undefined where it is not an interval of finite length. */
function scoreSet(weight: number, centre: number, variance: Quadratic): Interval | undefined {
  const [, c1, c2] = variance;
  // In the distance from the centre nothing of the size of weight²·centre² cancels.
  const v0 = Math.max(0, at(variance, centre));
  const slope = Z2 * (c1 + 2 * c2 * centre);
  const lead = weight * weight - Z2 * c2;
  if (!(weight > 0 && lead > 0)) return undefined;
  const root = Math.sqrt(slope * slope + 4 * lead * Z2 * v0);
  const [low, high] = [(slope - root) / (2 * lead), (slope + root) / (2 * lead)];
  return Number.isFinite(low) && Number.isFinite(high) ? [centre + low, centre + high] : undefined;
}

/** The set cut to the public range [low, high], the whole range where there is none. */
export function scoreInterval(
  weight: number,
  centre: number,
  variance: Quadratic,
  [low, high]: Interval,
): Interval {
  const set = scoreSet(weight, centre, variance) ?? [low, high];
  return [clamp(Math.min(set[0], centre), low, high), clamp(Math.max(set[1], centre), low, high)];
}

/** The larger of the distances from `value` to the ends: one half-width for a lopsided interval. */
export const reach = (value: number, [low, high]: Interval): number =>
  Math.max(value - low, high - value);

/**
 * What to add to an estimated variance V so that z·√V covers as if V were known, when the
 * estimate has variance `spread`: (z² + 1)/4·spread/V. With spread = 2V²/ν that is
 * the expansion of Student's t² in 1/ν (Fisher 1925), which it extends to noise.
 */
export const unknownVariance = (variance: number, spread: number): number =>
  (((Z2 + 1) / 4) * spread) / variance;

/** Half a step of integer noise, or all of the noise where that is less. */
export const halfStep = (noise: number, step = 1): number =>
  Math.min(step / 2, Z95 * Math.sqrt(noise));

/**
 * What to add to a variance V so that z·√ of it is z·√V + halfStep: the continuity correction,
 * for noise is integer, and where one component carries it all an error of exactly z·σ does not
 * exist.
 */
export function stepVariance(variance: number, noise: number): number {
  const half = halfStep(noise) / Z95;
  return half * (2 * Math.sqrt(variance) + half);
}
