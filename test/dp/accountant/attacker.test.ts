/** What an attacker finds at most, against tests whose success is known in closed form. */
import { equal, ok, throws } from 'node:assert/strict';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { attackerPercent, attackerSuccess } from '../../../src/dp/accountant/attacker.ts';
import { gaussianTruePositives } from '../../../src/dp/accountant/gaussian-dp.ts';
import { refusal } from '../../support/refusal.ts';

const invalid = refusal('INVALID_PARAMETER');
const { ZERO } = Rational;
const RHOS = [
  [1, 100_000],
  [1, 200],
  [1, 10],
  [1, 2],
  [3, 1],
] as const;
const RATES = [0.001, 0.01, 0.2];

describe('the bound of an attacker', () => {
  test('is not below the best test against Gaussian noise of this rho', () => {
    for (const [n, d] of RHOS) {
      const rho = Rational.of(n, d);
      for (const rate of RATES) {
        const found = gaussianTruePositives(Math.sqrt(2 * rho.toNumber()), rate);
        const most = attackerSuccess(rho, ZERO, rate);
        ok(found <= most && most <= 1, `${n}/${d} at ${rate}: ${found} > ${most}`);
        // Nor useless.
        ok(most < 2 * found + 1e-3, `${n}/${d} at ${rate}: ${most}`);
      }
    }
  });
  test('nor where the noise fails now and then and shows who is in: delta is in it', () => {
    const delta = Rational.of(1, 1000);
    for (const [n, d] of RHOS) {
      const rho = Rational.of(n, d);
      for (const rate of RATES) {
        // With probability delta somebody in the data is shown, else there is Gaussian noise.
        const noise = gaussianTruePositives(Math.sqrt(2 * rho.toNumber()), rate);
        const found = 0.001 + 0.999 * noise;
        ok(found <= attackerSuccess(rho, delta, rate), `${n}/${d} at ${rate}`);
        ok(attackerSuccess(rho, ZERO, rate) < attackerSuccess(rho, delta, rate));
      }
      ok(Number(attackerPercent(rho, delta)) >= Number(attackerPercent(rho, ZERO)));
    }
  });
  test('nothing spent, or a delta alone: exactly', () => {
    equal(attackerSuccess(ZERO, ZERO), 0.01);
    equal(attackerPercent(ZERO, ZERO), '1.0');
    // Shown with probability delta, and never accused wrongly but by lot.
    ok(Math.abs(attackerSuccess(ZERO, Rational.of(1, 100)) - 0.02) < 1e-12);
    equal(attackerSuccess(ZERO, Rational.ONE), 1);
    equal(attackerSuccess(Rational.of(40), ZERO), 1);
  });
  test('refusals', () => {
    const minus = Rational.of(-1);
    throws(() => attackerSuccess(minus, ZERO), invalid);
    throws(() => attackerSuccess(ZERO, minus), invalid);
    throws(() => attackerSuccess(ZERO, ZERO, 0), invalid);
    throws(() => attackerSuccess(ZERO, ZERO, 1), invalid);
  });
});
