/**
 * What coverage tests draw with: one seeded generator of doubles, laws on it, and rounded normal
 * noise (at variances of 4 and above its law and the discrete Gaussian's are the same to 1e-15;
 * what is under test here is the interval).
 */

/** Uniform in (0, 1), from xorshift32 with a Weyl sequence (Marsaglia 2003). */
export function uniforms(seed: number): () => number {
  let [x, weyl] = [seed | 1, seed];
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    weyl = (weyl + 362_437) | 0;
    return (((x + weyl) >>> 0) + 0.5) / 2 ** 32;
  };
}

export type Draw = ReturnType<typeof draws>;

export function draws(seed: number) {
  const uniform = uniforms(seed);
  for (let i = 0; i < 20; i++) uniform();
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const exponential = (): number => -Math.log(uniform());
  /** Gamma of whole shape. */
  const gamma = (shape: number): number => {
    let sum = 0;
    for (let i = 0; i < shape; i++) sum += exponential();
    return sum;
  };
  return {
    uniform,
    normal,
    exponential,
    /** Beta of whole parameters: mean a/(a + b). */
    beta(a: number, b: number): number {
      const x = gamma(a);
      return x / (x + gamma(b));
    },
    /** Poisson, by waiting times; normal above 500, rounded. */
    poisson(lambda: number): number {
      if (lambda > 500) return Math.round(lambda + Math.sqrt(lambda) * normal());
      let count = -1;
      for (let time = 0; time < lambda; time += exponential()) count += 1;
      return Math.max(0, count);
    },
    /** The values with integer noise of these variances. */
    noised: (values: readonly number[], noise: readonly number[]): number[] =>
      values.map((v, i) => v + Math.round(Math.sqrt(noise[i] ?? 0) * normal())),
  };
}

/** Normal quantile of alpha = 1e-6, one-sided. */
const Z_ALPHA = 4.753424;

/** How far below `level` a share of `runs` may fall by chance at alpha = 1e-6. */
export const slack = (level: number, runs: number): number =>
  Z_ALPHA * Math.sqrt((level * (1 - level)) / runs);
