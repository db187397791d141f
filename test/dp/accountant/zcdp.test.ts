import { equal, ok, throws } from 'node:assert/strict';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { Rational } from '../../../src/base/rational.ts';
import { epsilonUp, rhoOfPure, zcdpDelta, zcdpEpsilon } from '../../../src/dp/accountant/zcdp.ts';
import { deltaAt } from '../../../src/dp/mechanism/gaussian-law.ts';
import { refusal } from '../../support/refusal.ts';
import { referenceCases, within } from '../reference-cases.ts';

const invalid = refusal('INVALID_PARAMETER');
const close = (actual: number, expected: number, relative: number): void => {
  ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual}, not ${expected}`);
};

describe('tight conversion', () => {
  test('published deltas (opendp cdp_delta) and derived epsilons (40 digits)', () => {
    close(zcdpDelta(0.05, 0.25), 0.0817727531036956, 1e-10);
    close(zcdpDelta(0.5, 0), 0.5588356393474351, 1e-10);
    close(zcdpDelta(0.03125, 0), 0.1508457845622862, 1e-10);
    close(zcdpEpsilon(Rational.of(1, 10), Rational.of(1, 10 ** 6)), 2.141938928385474, 1e-9);
    close(zcdpEpsilon(Rational.of(2), Rational.of(1, 10 ** 5)), 10.724824112939173, 1e-9);
  });
  test('shared reference cases', () => {
    for (const each of referenceCases('zcdp.delta')) {
      ok(within(zcdpDelta(each.input['rho'] ?? 0, each.input['epsilon'] ?? 0), each), each.id);
    }
    for (const each of referenceCases('zcdp.epsilon')) {
      const [rho, delta] = [each.input['rho'] ?? 0, each.input['delta'] ?? 0].map((x) =>
        Rational.of(Math.round(x * 1e12), 10n ** 12n),
      );
      if (rho && delta) ok(within(zcdpEpsilon(rho, delta), each), each.id);
    }
  });
  test('epsilon and delta are inverse; the mechanism is better than its rho says', () => {
    for (const [rho, delta] of [
      [1, 1e-6],
      [0.005, 1e-9],
      [1e-6, 1e-6],
    ] as const) {
      const epsilon = zcdpEpsilon(Rational.of(rho * 1e6, 1e6), Rational.of(delta * 1e9, 1e9));
      close(zcdpDelta(rho, epsilon), delta, 1e-7);
      ok(deltaAt(1 / (2 * rho), 1, epsilon) <= delta);
    }
  });
});

describe('epsilon for reading', () => {
  test('is rounded up, never down', () => {
    equal(epsilonUp(Rational.of(1, 10), Rational.of(1, 10 ** 6)), '2.1420');
    equal(epsilonUp(Rational.of(2), Rational.of(1, 10 ** 5), 2), '10.73');
    equal(epsilonUp(Rational.ZERO, Rational.of(1, 10 ** 6)), '0.0000');
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 6 }),
        fc.integer({ min: 2, max: 30 }),
        (rho, tenths) => {
          const [r, delta] = [Rational.of(rho, 10 ** 5), Rational.of(1n, 10n ** BigInt(tenths))];
          const shown = Number(epsilonUp(r, delta));
          const epsilon = zcdpEpsilon(r, delta);
          ok(shown >= epsilon && shown <= epsilon + 2e-4);
        },
      ),
      { numRuns: 200 },
    );
  });
  test('very small and very large amounts stay finite', () => {
    equal(epsilonUp(Rational.of(1n, 10n ** 300n), Rational.of(1, 10 ** 6)), '0.0001');
    const most = Number(epsilonUp(Rational.of(10 ** 6), Rational.of(1n, 10n ** 400n)));
    ok(most > 10 ** 6 && most < 2 * 10 ** 6);
  });
  test('refusals', () => {
    const delta = Rational.of(1, 10 ** 6);
    throws(() => epsilonUp(Rational.of(-1), delta), invalid);
    throws(() => epsilonUp(Rational.ONE, Rational.ZERO), invalid);
    throws(() => epsilonUp(Rational.ONE, Rational.ONE), invalid);
    throws(() => epsilonUp(Rational.ONE, delta, 1.5), invalid);
    throws(() => epsilonUp(Rational.of(10n ** 400n), delta), invalid);
    throws(() => zcdpDelta(Number.NaN, 1), invalid);
    throws(() => zcdpDelta(1, -1), invalid);
  });
});

describe('pure epsilon in rho', () => {
  test('at least ε·tanh(ε/2), close to it, at most ε²/2', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20_000 }), (thousandths) => {
        const epsilon = thousandths / 1000;
        const rho = rhoOfPure(Rational.of(thousandths, 1000)).toNumber();
        const exact = epsilon * Math.tanh(epsilon / 2);
        ok(rho >= exact * (1 - 1e-12) && rho <= (epsilon * epsilon) / 2 + 1e-15);
        if (epsilon <= 4) ok(rho <= exact * (1 + 1e-4) + 1e-12);
      }),
    );
    equal(rhoOfPure(Rational.ZERO).toString(), '0/1');
    equal(rhoOfPure(Rational.of(1n, 10n ** 9n)).toString(), `1/${2n * 10n ** 18n}`);
    throws(() => rhoOfPure(Rational.of(-1)), invalid);
  });
});
