/**
 * The coverage of parameter-coverage.stat.test.ts with 4,000 runs, over noise that is small, equal and large
 * against sampling: slack 0.016 at alpha = 1e-6. Where noise hides so much that some cohorts get no number at
 * all, those that get one are a choice, and only the lower limit is held.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { slack } from '../simulation.ts';
import { coverage } from './parameter-coverage.ts';
import { MODELS } from './parameters.ts';

const RUNS = 4000;
const SETTINGS = [
  { people: 4000, variance: 4 },
  { people: 2000, variance: 25 },
  { people: 3000, variance: 100 },
  { people: 600, variance: 50 },
];
const LOW = 0.95 - slack(0.95, RUNS);
const HIGH = 0.97 + slack(0.97, RUNS);

describe('simulated coverage of parameters', () => {
  for (const setting of SETTINGS) {
    for (const [i, model] of MODELS.entries()) {
      test(`${model.name}: ${setting.people} people, variance ${setting.variance}`, () => {
        const found = coverage(model, { ...setting, runs: RUNS }, 1000 * setting.variance + i);
        for (const [name, { full, noise, told }] of found) {
          const what = `${name}: full ${full}, noise ${noise}, told ${told}`;
          ok(full >= LOW && noise >= LOW, what);
          const whole = told > 0.99 && setting.people > 1000 && setting.variance >= 25;
          if (model.conservative !== true && whole) ok(full <= HIGH && noise <= HIGH, what);
        }
      });
    }
  }
});
