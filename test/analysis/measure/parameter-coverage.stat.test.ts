/**
 * Coverage of the intervals of quantiles, distribution functions, tables, standardised rates, trends, incidence
 * and models (rulings 23), alpha = 1e-6 for each share: at least 95 %, and where the rule of the measure is not
 * a conservative one at most 97 %. 2σ² is 50. Control: intervals told half the noise variance fail.
 */
import { ok } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { slack } from '../simulation.ts';
import { coverage } from './parameter-coverage.ts';
import { MODELS } from './parameters.ts';

const SETTING = { people: 2000, variance: 25, runs: 300 };
const LOW = 0.95 - slack(0.95, SETTING.runs);
const HIGH = 0.97 + slack(0.97, SETTING.runs);

describe('simulated coverage of parameters', () => {
  for (const [i, model] of MODELS.entries()) {
    test(model.name, () => {
      for (const [name, { full, noise, told }] of coverage(model, SETTING, 21 + i)) {
        const what = `${name}: full ${full}, noise ${noise}, told ${told}`;
        ok(told >= 0.95 && full >= LOW && noise >= LOW, what);
        if (model.conservative !== true) ok(full <= HIGH && noise <= HIGH, what);
      }
    });
  }

  test('control: told half the noise variance, the intervals of noise fail', () => {
    for (const model of MODELS.filter(({ name }) => name !== 'quantiles')) {
      const found = [...coverage(model, { ...SETTING, told: 0.5 }, 5).values()];
      ok(Math.min(...found.map(({ noise }) => noise)) < LOW, model.name);
    }
  });
});
