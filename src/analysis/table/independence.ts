/**
 * The tail of Pearson's statistic on noised tables under independence, by simulation.
 *
 * Gaboardi et al. 2016, MCIndep: tables from a multinomial law with the product of the noised
 * margins, noise added, statistic compared. p = (1 + how many are at least as large)/(1 + draws),
 * which is a valid p-value for any number of draws (Davison, Hinkley 1997, 4.2.1).
 *
 * Same for all   every holder computes the release and signs it, so the draws are a function of the
 *                noised table: a generator seeded by it, and + − × ÷ √ alone. That is no leak, for
 *                the table is released; it is no secret randomness and protects nothing.
 * Laws           counts are Poisson with the expected means, which given their total are multinomial:
 *                by inversion below a mean of 30, rounded normal above. Noise is rounded normal, with
 *                the variance of the sum of all shares.
 * @module
 */
import { exp, log } from '../elementary.ts';
import { chiSquare, marginsOf, type Table } from './pearson.ts';

const SMALL_MEAN = 30;

/** xorshift32 with a Weyl sequence (Marsaglia 2003); doubles in (0, 1). */
function uniforms(seed: number): () => number {
  let [x, weyl] = [seed | 1, seed];
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    weyl = (weyl + 362_437) | 0;
    return (((x + weyl) >>> 0) + 0.5) / 4_294_967_296;
  };
}

/** FNV-1a over the counts. */
function seedOf(values: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const value of values) {
    for (const word of [value | 0, Math.floor(value / 4_294_967_296) | 0]) {
      hash = Math.imul(hash ^ word, 0x01000193);
      hash ^= hash >>> 15;
    }
  }
  return hash;
}

/** Marsaglia's polar method. */
function normals(uniform: () => number): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const [u, v] = [2 * uniform() - 1, 2 * uniform() - 1];
      const square = u * u + v * v;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * log(square)) / square);
        spare = v * factor;
        return u * factor;
      }
    }
  };
}

function poisson(mean: number, uniform: () => number, normal: () => number): number {
  if (mean > SMALL_MEAN) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
  let [term, count] = [exp(-mean), 0];
  for (let rest = uniform() - term; rest > 0 && count < 1000; rest -= term) {
    count += 1;
    term *= mean / count;
  }
  return count;
}

/** P(statistic ≥ chi2) under independence, from `draws` simulated tables. */
export function simulatedTail(table: Table, chi2: number, draws: number): number {
  const { rows, columns, values, noise } = table;
  const { row, column, total } = marginsOf(table);
  const uniform = uniforms(seedOf(values));
  for (let i = 0; i < 20; i++) uniform();
  const normal = normals(uniform);
  const sigma = Math.sqrt(noise);
  const means = values.map(
    (_, i) => ((row[Math.floor(i / columns)] ?? 0) * (column[i % columns] ?? 0)) / total,
  );
  let beyond = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = means.map(
      (mean) => poisson(mean, uniform, normal) + Math.round(sigma * normal()),
    );
    // A table without a statistic says nothing for the hypothesis or against it: count it beyond.
    if ((chiSquare({ rows, columns, values: counts }) ?? Infinity) >= chi2) beyond += 1;
  }
  return (1 + beyond) / (1 + draws);
}
