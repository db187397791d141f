/** Pearson's goodness-of-fit test for integer samples against a law, with the tails pooled. */
import type { Law } from '../../src/dp/mechanism/gaussian-law.ts';

/** Upper 1e-6 point of the normal law. */
const Z = 4.753424;

/** The 1 − 1e-6 quantile of chi-square, by Wilson and Hilferty (1931). */
const quantile = (df: number): number => df * (1 - 2 / (9 * df) + Z * Math.sqrt(2 / (9 * df))) ** 3;

/**
 * True when the test rejects at alpha = 1e-6, or a sample has probability zero. Values that expect
 * fewer than 10 samples are one cell; where that expects fewer than 5 it joins the rarest other.
 */
export function rejects(samples: readonly number[], { radius, mass }: Law): boolean {
  const observed = new Float64Array(mass.length);
  for (const sample of samples) {
    if (!((mass[sample + radius] ?? 0) > 0)) return true;
    observed[sample + radius]! += 1;
  }
  const cells: { seen: number; mean: number }[] = [];
  const rest = { seen: 0, mean: 0 };
  mass.forEach((p, i) => {
    const cell = { seen: observed[i] ?? 0, mean: p * samples.length };
    if (cell.mean >= 10) cells.push(cell);
    else {
      rest.seen += cell.seen;
      rest.mean += cell.mean;
    }
  });
  cells.sort((a, b) => b.mean - a.mean);
  const rarest = rest.mean < 5 ? cells.pop() : undefined;
  cells.push({
    seen: rest.seen + (rarest?.seen ?? 0),
    mean: rest.mean + (rarest?.mean ?? 0),
  });
  const statistic = cells.reduce((sum, { seen, mean }) => sum + (seen - mean) ** 2 / mean, 0);
  return statistic > quantile(cells.length - 1);
}
