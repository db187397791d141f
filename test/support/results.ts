/** Benchmark results that nobody measured, in the form of those that somebody did. */
import type { Recorded, Results } from '../../src/sandbox/benchmarks/results.ts';

export const entry = (
  name: string,
  size: number,
  seconds: number,
  peakRssMb: number,
): Recorded => ({
  ...{ case: name, size, unit: 's', median: seconds, spread: 0.01, samples: 5, peers: { peer: 3 } },
  ...{ bytesPerItem: 36, peakRssMb, timed: 'everything', load: 0.1 },
  calibration: { aesGiBs: 2, copyGBs: 9, nttUs: 17.6 },
  times: { ours: new Array<number>(5).fill(seconds), peer: new Array<number>(5).fill(3 * seconds) },
});

export const results = (...measurements: Recorded[]): Results => ({
  format: 'kakehashi/bench-results/1',
  commit: '0123456789abcdef',
  date: '2026-01-02T03:04:05Z',
  machine: 'a machine',
  measurements,
});

/** Two runs of two cases at two sizes. */
export const twoRuns = (): Results[] =>
  ['2026-01-02T03:04:05Z', '2026-02-03T04:05:06Z'].map((date) => ({
    ...results(
      entry('psi/vole', 1 << 16, 0.3, 200),
      entry('psi/vole', 1 << 20, 3, 900),
      entry('he/encrypt', 1 << 12, 0.001, 150),
      entry('he/encrypt', 1 << 16, 0.016, 160),
    ),
    date,
  }));
