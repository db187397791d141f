/**
 * Coverage of curves, hazards, restricted means and medians, alpha = 1e-6 for each share: at
 * least 94.5 % (the intervals are those of large samples), and the level of the log-rank test
 * with noise. Controls: told half the noise variance the intervals fail, and the classical
 * log-rank test on a noised table rejects a true hypothesis far too often.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { slack } from '../simulation.ts';
import { coverage, intervalShares, type Setting } from './coverage.ts';

const LEVEL = 0.945;
const RUNS = 600;
const SETTINGS: readonly Setting[] = [
  { people: 600, intervals: 12, hazard: 0.06, censoring: 0.02, noise: 5, runs: RUNS },
  { people: 300, intervals: 24, hazard: 0.1, censoring: 0.05, noise: 4, runs: RUNS },
];

describe('simulated coverage', () => {
  SETTINGS.forEach((setting, i) => {
    test(`${setting.people} people, ${setting.intervals} intervals, noise of ${setting.noise}`, () => {
      const found = coverage(setting, 23 + i);
      for (const [what, share] of intervalShares(found)) {
        ok(share >= LEVEL - slack(LEVEL, RUNS), `${what}: ${share}`);
      }
      const [withNoise = 1, classical = 0] = found.rejected;
      ok(withNoise <= 0.055 + slack(0.055, RUNS), `rejected ${withNoise}`);
      ok(classical > 0.055 + slack(0.055, RUNS), `control: classical rejects ${classical}`);
    });
  });
  test('control: told half the noise variance, the noise intervals fail', () => {
    const found = coverage({ ...SETTINGS[0]!, told: 0.5 }, 29);
    for (const share of [...found.noise, found.rmstNoise]) {
      ok(share < LEVEL - slack(LEVEL, RUNS), `${share}`);
    }
  });
});
