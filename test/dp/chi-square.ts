/** Pearson's goodness-of-fit test for integer samples against a law, with the tails pooled. */
import type { Law } from '../../src/dp/mechanism/gaussian-law.ts';

/** Upper 1e-6 point of the normal law. */
const Z = 4.753424;

/** The 1 − 1e-6 quantile of chi-square, by Wilson and Hilferty (1931). */
const quantile = (df: number): number => df * (1 - 2 / (9 * df) + Z * Math.sqrt(2 / (9 * df))) ** 3;

/** True when the test rejects at alpha = 1e-6. Cells expect at least 10 samples. */
export function rejects(samples: readonly number[], law: Law): boolean {
  const expected = (n: number): number => samples.length * (law.mass[n + law.radius] ?? 0);
  let edge = 0;
  while (expected(edge + 1) >= 10) edge += 1;
  const observed = new Map<number, number>();
  for (const sample of samples) {
    const cell = Math.max(-edge - 1, Math.min(edge + 1, sample));
    observed.set(cell, (observed.get(cell) ?? 0) + 1);
  }
  let inside = 0;
  for (let n = -edge; n <= edge; n++) inside += expected(n);
  const tail = (samples.length - inside) / 2;
  let statistic = 0;
  let cells = 0;
  const add = (seen: number, mean: number): void => {
    statistic += (seen - mean) ** 2 / mean;
    cells += 1;
  };
  for (let n = -edge; n <= edge; n++) add(observed.get(n) ?? 0, expected(n));
  const [low, high] = [observed.get(-edge - 1) ?? 0, observed.get(edge + 1) ?? 0];
  if (tail >= 5) {
    add(low, tail);
    add(high, tail);
  } else {
    add(low + high, Math.max(2 * tail, 1e-9));
  }
  return statistic > quantile(cells - 1);
}
