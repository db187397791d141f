/**
 * Coverage of the intervals, alpha = 1e-6 for each share: at least 95 %, and at most 97 % where
 * the count is not small against its noise (mean, sum, proportion; rulings 23). The variance is
 * conservative by construction. Control: an interval told half the noise variance covers too
 * little, in the same test.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { slack } from '../simulation.ts';
import { coverage, MEASURES, type Setting } from './coverage.ts';

const RUNS = 1500;
const SETTINGS: readonly Omit<Setting, 'runs'>[] = [
  { people: 400, noise: 5, bounds: [0, 100], shape: [2, 2] },
  { people: 400, noise: 10, bounds: [30, 200], shape: [1, 8] },
  { people: 60, noise: 3, bounds: [-50, 70], shape: [6, 1] },
  // Bounds as narrow as they get: the noise is as coarse as the values.
  { people: 150, noise: 5, bounds: [0, 2], shape: [2, 2] },
];

describe('simulated coverage', () => {
  SETTINGS.forEach((setting, i) => {
    const { people, noise, bounds } = setting;
    test(`${people} people, noise of ${noise}, bounds ${bounds.join(' to ')}`, () => {
      const found = coverage({ ...setting, runs: RUNS }, 11 + i);
      for (const measure of MEASURES) {
        for (const [kind, share] of Object.entries(found[measure])) {
          const what = `${measure}, ${kind}: ${share}`;
          ok(share >= 0.95 - slack(0.95, RUNS), what);
          const bounded = measure !== 'variance' && people >= 40 * noise;
          if (bounded) ok(share <= 0.97 + slack(0.97, RUNS), what);
        }
      }
    });
  });
  test('control: told half the noise variance, the intervals fail', () => {
    const found = coverage({ ...SETTINGS[1]!, told: 0.5, runs: RUNS }, 5);
    for (const measure of MEASURES) {
      ok(found[measure].noise < 0.95 - slack(0.95, RUNS), `${measure}: ${found[measure].noise}`);
    }
    for (const measure of ['mean', 'sum', 'proportion'] as const) {
      ok(found[measure].full < 0.95 - slack(0.95, RUNS), `${measure}: ${found[measure].full}`);
    }
  });
});
