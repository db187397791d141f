/**
 * Does the time of an operation depend on which of two classes its input is from? Welch's t-test on
 * interleaved samples (Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", DATE 2017), with
 * the largest samples of both classes cut off at a common percentile.
 *
 * It finds leaks and proves none. What is reported beside t is the smallest difference of means that
 * this number of samples would have shown at the threshold, so that "nothing found" has a size.
 * @module
 */

export type Verdict = {
  readonly samples: number;
  readonly t: number;
  /** Difference of the means, in nanoseconds. */
  readonly difference: number;
  /** The difference that would give |t| = `THRESHOLD`. */
  readonly detectable: number;
  readonly meanNs: number;
};

/** |t| above this is a leak: 4.5 is the customary bound, 10^-5 for a normal statistic. */
export const THRESHOLD = 4.5;
const KEPT = 0.9;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const m = mean(values);
  return values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1);
}

/** Both classes cut at the percentile of their union, then compared. */
export function welch(first: readonly number[], second: readonly number[]): Verdict {
  const all = [...first, ...second].sort((a, b) => a - b);
  const limit = all[Math.floor(KEPT * all.length)] ?? Infinity;
  const [a, b] = [first.filter((x) => x <= limit), second.filter((x) => x <= limit)];
  const error = Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  const difference = mean(a) - mean(b);
  return {
    samples: a.length + b.length,
    t: difference / error,
    difference,
    detectable: THRESHOLD * error,
    meanNs: mean([...a, ...b]),
  };
}

/** Times `run(class)` in an order drawn from `coin`, after a warm-up. */
export function timeClasses(
  run: (which: 0 | 1) => void,
  samples: number,
  coin: () => 0 | 1,
): Verdict {
  const times: [number[], number[]] = [[], []];
  const warmUp = Math.ceil(samples / 10);
  for (let i = 0; i < warmUp + samples; i++) {
    const which = coin();
    const start = process.hrtime.bigint();
    run(which);
    const elapsed = Number(process.hrtime.bigint() - start);
    if (i >= warmUp) times[which].push(elapsed);
  }
  return welch(times[0], times[1]);
}
