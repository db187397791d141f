/**
 * The coverage of coverage.stat.test.ts on a wider grid with 6,000 runs a cell: slack 0.014 at
 * alpha = 1e-6. With few events and no noise the intervals are Greenwood's and no better: there
 * the noise is at least 2.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { slack } from '../simulation.ts';
import { coverage, intervalShares } from './coverage.ts';

const LEVEL = 0.945;
const RUNS = 6000;

describe('simulated coverage', () => {
  for (const people of [200, 1000]) {
    for (const noise of [2, 6, 20]) {
      for (const [intervals, hazard, censoring] of [
        [12, 0.05, 0.02],
        [24, 0.15, 0.03],
        [36, 0.01, 0.01],
      ] as const) {
        const name = `${people} people, ${intervals} intervals, hazard ${hazard}, noise of ${noise}`;
        test(name, () => {
          const setting = { people, intervals, hazard, censoring, noise, runs: RUNS };
          const found = coverage(setting, 31 * people + noise + intervals);
          for (const [what, share] of intervalShares(found)) {
            ok(share >= LEVEL - slack(LEVEL, RUNS), `${what}: ${share}`);
          }
          const [withNoise = 1] = found.rejected;
          ok(withNoise <= 0.055 + slack(0.055, RUNS), `rejected ${withNoise}`);
        });
      }
    }
  }
});
